"""What is planted in a made-up data set is found, with the line that mends it, and nothing is found in a clean one."""

import numpy as np
import pandas as pd
import pytest

from earshot.examination.examine import examine
from earshot.examination.wrong_labels import fit_label_noise

NO_PAIRS = pd.DataFrame(columns=["first", "second", "similarity"])


def data_set(per_class=60, classes="ab", seed=0):
    """Items with the columns of the stages' tables, and descriptors that tell the classes apart: a cloud each."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(list(classes), per_class)
    names = [f"{label}/{n:03}" for n, label in enumerate(labels)]
    descriptors = (
        rng.normal(size=(len(labels), 6))
        + 5 * rng.normal(size=(26, 6))[[ord(label) - 97 for label in labels]]
    )
    items = pd.DataFrame(
        {
            "id": names,
            "path": [f"recordings/{name}.wav" for name in names],
            "label": labels,
            "hash": [f"{n:016}{n:048}" for n in range(len(labels))],
            "group": [f"{n:016}" for n in range(len(labels))],
            "split": rng.permutation(np.resize(["train", "train", "val", "test"], len(labels))),
            "sample_rate": 16000,
            "duration_s": rng.normal(2, 0.1, len(labels)),
            "padding": 0.0,
        }
    )
    return items, descriptors.astype(np.float32)


def found(items, descriptors, pairs=NO_PAIRS, group=None):
    """The checks that found something by kind, and the tables."""
    result = examine(items, descriptors, pairs, seed=1, group=group)
    return {check.kind: check for check in result.checks if check.found == "yes"}, result.tables


def test_nothing_is_found_in_a_clean_data_set():
    checks, tables = found(*data_set(classes="abc"))
    assert checks == {}
    assert tables["wrong_labels"].empty
    assert tables["near_duplicates"].empty


def test_exchanged_labels_are_found_and_ranked():
    items, descriptors = data_set(per_class=100)
    wrong = [3, 50, 120, 150, 177, 199]
    labels = items["label"].to_numpy().copy()
    labels[wrong] = np.where(labels[wrong] == "a", "b", "a")
    checks, tables = found(items.assign(label=labels), descriptors)
    suspects = tables["wrong_labels"]
    assert set(suspects["id"]) == set(items["id"][wrong])
    assert list(suspects.columns) == ["id", "label", "suggested", "doubt", "correct"]
    assert (suspects["label"] != suspects["suggested"]).all()
    assert "About 6 of 200 labels" in checks["labels"].text
    assert "dataset.corrections: corrections.csv" in checks["labels"].mend


@pytest.mark.parametrize(("share", "is_found"), [(0, False), (0.03, True)])
def test_the_share_of_wrong_labels_is_told_from_hard_items(share, is_found):
    """Ranks and contradictions drawn by the very formula."""
    rng = np.random.default_rng(0)
    rank = rng.uniform(0, 1, 3000)
    hard = 1 / (1 + np.exp(10 * rank))
    noise = fit_label_noise(rank, rng.random(3000) < share + (1 - share) * hard)
    assert (noise.ratio > 10.83) == is_found
    assert noise.share == pytest.approx(share, abs=0.008)


@pytest.mark.parametrize(
    ("fact", "value", "told", "mend"),
    [
        (
            "sample_rate",
            8000,
            "sample rate alone (8,000 against 16,000, typically)",
            "features.sample_rate: 8000",
        ),
        ("padding", 0.6, "padding with silence alone (0.6 against 0, typically)", "Cut the silence off"),
        ("encoding", "MP3", "encoding alone (MP3 against WAV, typically)", "in the same way"),
    ],
)
def test_a_class_that_was_made_in_another_way_is_found(fact, value, told, mend):
    items, descriptors = data_set(classes="abc")
    plain = {"encoding": "WAV"}.get(fact, items.get(fact))
    items = items.assign(**{fact: plain})
    items.loc[items["label"] == "c", fact] = value
    checks, tables = found(items, descriptors)
    assert f"Class c can be told by its {told}" in checks["shortcut"].text
    assert mend in checks["shortcut"].mend
    assert tables["shortcuts"]["named"].max() == 1


def test_the_strongest_shortcut_is_named_where_its_class_has_a_weak_one_too():
    """Five facts point to four classes, of which three are named: the strongest and the weakest to the same one."""
    items, descriptors = data_set(classes="abcde")
    place = np.arange(len(items)) % 60
    for fact, label, given_away in [
        ("sample_rate", "a", 60),
        ("channels", "b", 54),
        ("width", "c", 52),
        ("height", "d", 50),
        ("padding", "a", 40),
    ]:
        items[fact] = np.where((items["label"] == label) & (place < given_away), 2, 1)
    checks, _ = found(items, descriptors)
    assert "Class a can be told by its sample rate alone" in checks["shortcut"].text


def test_a_duration_that_belongs_to_what_is_heard_is_no_finding():
    items, descriptors = data_set()
    durations = items["duration_s"] + 0.2 * (items["label"] == "b")  # two deviations
    checks, tables = found(items.assign(duration_s=durations), descriptors)
    assert checks == {}
    assert tables["shortcuts"]["accuracy"].max() > 0.7  # and yet the page has it


def test_names_that_suggest_groups_are_told_with_what_they_cost():
    """Each voice says both words in takes that are alike, and the words of no two voices are."""
    rng = np.random.default_rng(0)
    voices = rng.normal(size=(8, 2, 6))  # of each voice each word
    items, descriptors = data_set(per_class=80)
    voice = np.tile(np.arange(80) % 8, 2)
    descriptors = 3 * voices[voice, np.repeat([0, 1], 80)] + 0.1 * descriptors
    names = [
        f"{label}_{'stuvwxyz'[v] * 3}_{n // 8 % 10}"
        for n, (label, v) in enumerate(zip(items["label"], voice, strict=True))
    ]
    items = items.assign(id=names, path=[f"recordings/{name}.wav" for name in names])
    checks, _ = found(items, descriptors.astype(np.float32))
    assert "8 groups" in checks["shared_source"].text
    assert "40 of 40 test items have one of the same group in training" in checks["shared_source"].text
    assert "is right on 100 % with such items in training, and on" in checks["shared_source"].text
    assert checks["shared_source"].mend.startswith("Set dataset.group: '")
    assert "lifts a quick classifier" in checks["shared_source"].claim
    assert "shared_source" not in found(items, descriptors, group="_(.)_")[0]


def test_segments_of_one_file_do_not_pass_for_what_groups_of_files_cost():
    """Each file sounds of its own, and says nothing of its voice: with voices whole, accuracy stays at chance."""
    rng = np.random.default_rng(0)
    items, descriptors = data_set(per_class=160)
    file = np.arange(320) // 4  # four segments a file
    names = [
        f"{label}_{'stuvwxyz'[n % 8] * 3}_{n // 8}" for label, n in zip(items["label"], file, strict=True)
    ]
    items = items.assign(
        path=[f"recordings/{name}.wav" for name in names],
        hash=[f"{n:016}{n:048}" for n in file],
        group=[f"{n:016}" for n in file],
        start_s=np.arange(320) % 4,
        end_s=np.arange(320) % 4 + 1,
    )
    descriptors = 5 * rng.normal(size=(80, 6))[file] + 0.1 * rng.normal(size=(320, 6))
    checks, _ = found(items, descriptors.astype(np.float32))
    assert "8 groups" in checks["shared_source"].text
    assert "lifts" not in checks["shared_source"].claim


def test_copies_of_test_items_in_training_are_counted():
    items, descriptors = data_set()
    parts = items.groupby("split")["id"].first()
    pairs = pd.DataFrame(
        [(parts["train"], parts["test"], 0.99), (parts["train"], parts["val"], 0.98)],
        columns=NO_PAIRS.columns,
    )
    checks, tables = found(items, descriptors, pairs)
    assert checks["copies"].text.startswith("1 of 30 test items are near-duplicates")
    assert checks["copies"].mend == "Set dataset.duplicates: group"
    assert len(tables["near_duplicates"]) == 1


def test_one_content_with_two_labels_is_named():
    items, descriptors = data_set()
    items.loc[70, ["hash", "group"]] = items.loc[3, ["hash", "group"]]
    checks, _ = found(items, descriptors)
    assert "1 content of the data set" in checks["contents"].text
    assert "a/003 (a) is b/070 (b)" in checks["contents"].text
