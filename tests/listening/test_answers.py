"""Files of answers: what is refused, and the table that is made of the others."""

import json

import pandas as pd
import pytest

from earshot.core.errors import EarshotError
from earshot.listening import answers

ITEMS = pd.DataFrame(
    [(f"{label}{n}", label, f"hash of {label}{n}") for label in "ab" for n in range(4)],
    columns=["id", "label", "hash"],
)
TESTED = {2: ITEMS}
SETTINGS = {"kind": "pictures"}
HEARD = ["a0", "a1", "b2", "b3"]


def saved(**changes):
    """The content of a file in which `a1` alone is answered wrongly."""
    content = {
        "format": 1,
        "page": answers.page_id(ITEMS[ITEMS["id"].isin(HEARD)], SETTINGS),
        "subset": 2,
        "items": 4,
        "shortened": 0,
        "listener": "",
        "seed": 7,
        "training": {"items": 2, "right": 1},
        "answers": [
            {"id": name, "answer": "b" if name == "a1" else name[0], "seconds": 1.5, "plays": 1}
            for name in ("b3", "a0", "b2", "a1")
        ],
    }
    return content | changes


def written(folder, name="one.json", **changes):
    path = folder / name
    path.write_text(json.dumps(saved(**changes)))
    return path


def answered(place, **changes):
    """The answers with one of them changed."""
    own = saved()["answers"]
    own[place] |= changes
    return own


def checked(path, *, tested=TESTED, settings=SETTINGS):
    answers.check(answers.parse(path), path, tested=tested, settings=settings)


def test_a_file_of_the_study_is_taken(tmp_path):
    checked(written(tmp_path))


def test_codes_of_a_page_are_read_as_ids(tmp_path):
    content = saved()
    coded = [one | {"id": answers.code_of(content["page"], one["id"])} for one in content["answers"]]
    path = written(tmp_path, answers=coded)
    assert answers.read(path, tested=TESTED) == answers.parse(written(tmp_path, "ids.json"))
    assert answers.gather([path], tested=TESTED, settings=SETTINGS).left_out == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"answers": answered(0, id="a0")}, "a0 is answered 2 times; each item is heard once"),
        ({"answers": answered(0, id="c9")}, "c9 is no test item of subset 2: the file is of another study"),
        ({"answers": answered(0, id="<b>\n- x")}, r"`<b>\\n- x` is no test item of subset 2"),
        ({"answers": answered(0, id="x" * 2000)}, r"answers\.0\.id: .* at most 1000 characters"),
        ({"answers": answered(0, answer="c")}, "b3 is answered with c, which is none of a, b"),
        ({"answers": saved()["answers"][1:]}, "3 of the page's 4 items are answered; all of them are wanted"),
        ({"answers": answered(0, id="b1")}, "the page is of another study"),
        ({"page": "0" * 16}, "the page is of another study"),
        ({"subset": 3}, "of subset 3, and the study's subsets are 2: it is of another study"),
        (
            {"answers": answered(0, seconds=-1)},
            r"answers\.0\.seconds: .* found -1; expected a file that a page",
        ),
        ({"listener": "Ann Smith"}, "listener: .* found 'Ann Smith'"),
        ({"age": 30}, "age: unknown key"),
        ({"format": 2}, "format: .* found 2"),
    ],
)
def test_what_cannot_be_scored_is_refused_in_one_message(tmp_path, changes, message):
    path = written(tmp_path, **changes)
    with pytest.raises(EarshotError, match=message) as error:
        checked(path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


def test_a_study_without_sound_has_nothing_to_set_a_person_beside(tmp_path):
    with pytest.raises(EarshotError, match="no models on the sound"):
        checked(written(tmp_path), tested={})


@pytest.mark.parametrize("content", ["", "[]", "{", "null", "listen"])
def test_what_is_no_file_of_answers_is_refused(tmp_path, content):
    path = tmp_path / "one.json"
    path.write_text(content)
    with pytest.raises(EarshotError, match="expected a file that a page of `earshot listen` saved"):
        answers.parse(path)
    with pytest.raises(EarshotError, match="cannot be read"):
        answers.parse(tmp_path / "none.json")


@pytest.mark.parametrize("change", ["content", "label", "settings"])
def test_a_page_is_of_one_content_label_and_sound(tmp_path, change):
    items = ITEMS.copy()
    if change == "content":
        items.loc[0, "hash"] = "another"
    if change == "label":
        items.loc[0, "label"] = "b"
    settings = SETTINGS | ({"iterations": 8} if change == "settings" else {})
    with pytest.raises(EarshotError, match="its sounds, items or labels have changed since"):
        checked(written(tmp_path), tested={2: items}, settings=settings)


def test_listeners_are_runs_sorted_by_item(tmp_path):
    files = [written(tmp_path), written(tmp_path, "two.json", answers=answered(0, answer="a"))]
    heard = answers.gather(files, tested=TESTED, settings=SETTINGS)
    assert heard.left_out == []
    table = heard.tables[2]
    assert list(zip(table["run"], table["id"], table["label"], table["predicted"], strict=True)) == [
        *((1, "a0", "a", "a"), (1, "a1", "a", "b"), (1, "b2", "b", "b"), (1, "b3", "b", "b")),
        *((2, "a0", "a", "a"), (2, "a1", "a", "b"), (2, "b2", "b", "b"), (2, "b3", "b", "a")),
    ]


def test_what_cannot_be_counted_is_named_and_left_out(tmp_path):
    """The study goes on: its settings may be tried in an experiment that nobody has listened to."""
    other = ["a0", "a1", "b1", "b3"]
    of_other_page = answers.page_id(ITEMS[ITEMS["id"].isin(other)], SETTINGS)
    files = [
        written(tmp_path),
        written(tmp_path, "other.json", answers=answered(2, id="b1"), page=of_other_page),
        written(tmp_path, "stale.json", page="0" * 16),
    ]
    heard = answers.gather(files, tested=TESTED, settings=SETTINGS)
    assert heard.tables[2]["run"].unique().tolist() == [1]
    texts = [warning.text for warning in heard.left_out]
    assert "other.json: of a page with 4 items, and those that are there are of another one" in texts[0]
    assert "stale.json: the page is of another study" in texts[1]


def test_a_person_counts_once(tmp_path):
    ann = answers.parse(written(tmp_path, listener="ann"))
    again = answers.parse(written(tmp_path, listener="ann", answers=answered(0, answer="a")))
    nobody = answers.parse(written(tmp_path, answers=answered(1, answer="b")))
    with pytest.raises(EarshotError, match=r"already, as 2-ann-\w{8}\.json"):
        answers.check_new(ann, tmp_path, [ann])
    with pytest.raises(EarshotError, match=r"the listener ann has answered this page already, in 2-ann-"):
        answers.check_new(again, tmp_path, [ann])
    answers.check_new(nobody, tmp_path, [ann, answers.parse(written(tmp_path))])
