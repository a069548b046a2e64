"""The page: what is on it, and a listener with known answers who goes through it by keys alone."""

import json
import re

import pytest

from earshot.core import paths
from earshot.core.io import read_table, write_table
from earshot.listening.answers import code_of
from earshot.listening.page import keys
from stages import compare, report
from tests.browser import fits, launched, listen, needed, violations
from tests.study import command

PAGE = "report/listen.html"
# What is heard: the sound, and how many have begun.
EARS = """
  const Sound = window.Audio;
  window.begun = 0;
  window.Audio = function (source) {
    const sound = new Sound(source);
    window.heard = source;
    sound.addEventListener("playing", () => { window.begun += 1; });
    return sound;
  };
"""


@pytest.mark.parametrize(
    ("classes", "wanted"),
    [
        (["0", "1", "2"], ["0", "1", "2"]),
        (["A", "b"], ["a", "b"]),
        (["p", "q"], ["1", "2"]),  # P plays the sound again
        (["a", "A"], ["1", "2"]),
        (["cat", "dog"], ["1", "2"]),
        ([f"class {n}" for n in range(12)], [*"123456789", "0", "a", "b"]),
        ([f"class {n}" for n in range(36)], [*"1234567890abcdefghijklmnoqrstuvwxyz", ""]),
    ],
)
def test_each_class_has_a_key(classes, wanted):
    assert keys(classes) == wanted


def data_of(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])


def by_code(page, names):
    return {code_of(page["page"], name): name for name in names}


def test_it_holds_the_sounds_and_no_answer(study):
    """It is the same whoever makes it, and whether or not the data set names its parts."""
    command("listen", "--items", "6", "--training", "1", "--subset", "3", cwd=study)
    page = (study / PAGE).read_text(encoding="utf-8")
    data = data_of(page)
    parts = read_table(paths.SPLIT).set_index("id")["split"]
    codes = [item["id"] for item in data["test"]]
    assert [set(item) for item in data["test"]] == [{"id", "sound"}] * 6
    assert {parts[by_code(data, parts.index)[code]] for code in codes} == {"test"}
    assert codes == sorted(codes)  # not by class
    assert not [name for name in parts.index if name in page]
    assert len({item["label"] for item in data["training"]}) == len(data["training"]) == 3
    assert re.findall(r'(?:src|href)="(?!data:)[^"]*"', page) == []
    write_table(paths.BALANCED, read_table(paths.BALANCED).assign(split="train"))
    command("listen", "--items", "6", "--training", "1", "--subset", "3", cwd=study)
    assert (study / PAGE).read_text(encoding="utf-8") == page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--subset", "7"], "--subset 7: the study's subsets are 2, 3"),
        (["--training", "-1"], "--training -1: a number of items is wanted"),
        (["add", "none.json"], "none.json cannot be read"),
    ],
)
def test_what_cannot_be_is_refused(study, arguments, message):
    assert message in command("listen", *arguments, cwd=study, ok=False)


@pytest.mark.slow
@needed
def test_a_listener_who_uses_keys_alone_has_a_row_in_the_report(study, tmp_path):
    """Known answers, all right but the first: 5 of 6."""
    assert 'id="listeners"' not in paths.REPORT.read_text(encoding="utf-8")
    command("listen", "--items", "6", "--training", "1", "--subset", "3", cwd=study)
    labels = read_table(paths.SPLIT).set_index("id")["label"]
    with launched() as chromium:
        page = listen(chromium.new_page(bypass_csp=True))  # axe is put into it
        page.add_init_script(EARS)
        page.goto((study / PAGE).as_uri())
        page.wait_for_selector("html[data-ready]")
        looked_at(page)
        press_on(page, "begin")
        looked_at(page)
        key = {one["name"]: one["key"] for one in data_of(page.content())["classes"]}
        for _ in range(3):
            page.wait_for_selector("#answers [aria-disabled=false]")
            page.keyboard.press("1")
            page.keyboard.press("Enter")  # the button for the next sound has the focus
        assert re.match(r"\d of the 3 were right", page.locator("#trained").inner_text())
        press_on(page, "test")
        data = data_of(page.content())
        names = by_code(data, labels.index)
        sounds = {item["sound"]: names[item["id"]] for item in data["test"]}
        for number in range(6):
            page.get_by_role("heading", name=f"Sound {number + 1} of 6").wait_for()
            page.wait_for_selector("#answers [aria-disabled=false]")
            if number == 1:
                begun = page.evaluate("begun")
                page.keyboard.press("p")
                page.wait_for_function(f"begun > {begun}")
            label = labels[sounds[page.evaluate("window.heard")]]
            wrong = next(name for name in key if name != label)
            page.keyboard.press(key[wrong if number == 0 else label])
        page.get_by_role("heading", name="Thank you").wait_for()
        looked_at(page)
        page.locator("#code").focus()
        page.keyboard.type("ann")
        with page.expect_download() as download:
            press_on(page, "save")
        file = tmp_path / download.value.suggested_filename
        download.value.save_as(file)
        assert [noise for noise in page.noise if not noise.startswith(("data:", "blob:", page.url))] == []
    saved = json.loads(file.read_text())
    assert file.name == "listener-ann.json"
    assert [answer["plays"] for answer in saved["answers"]] == [1, 2, 1, 1, 1, 1]
    assert all(answer["seconds"] > 0 for answer in saved["answers"])
    command("listen", "add", str(file), cwd=study)
    compare.main()
    report.main()
    rows = read_table(paths.LISTENER_SCORES)
    mean = rows[rows["run"].isna()].set_index(["view", "model"])["accuracy"]
    assert mean["sound", "listeners"] == pytest.approx(5 / 6)
    models = {(view, "cnn") for view in ("sound", "picture", "colour")}
    assert set(mean.index) == {("sound", "listeners"), *models}
    told = paths.REPORT.read_text(encoding="utf-8")
    assert 'id="listeners"' in told
    assert "1 listener heard 6 test items of 3 classes" in told
    assert "one listener is right on 83.3" in told


def press_on(page, name):
    """Reach an element by Tab, and press it."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == name:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"{name} is not reached by Tab")


def looked_at(page):
    assert violations(page) == []
    assert fits(page, 400)
    assert fits(page, 1400)
