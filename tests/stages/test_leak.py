"""A planted leak: test items that lie in the training part under other names. Earshot must not be fooled."""

import contextlib
import shutil

import joblib
import numpy as np
import pytest

from earshot.core import paths
from earshot.core.io import read_json, read_table, write_json, write_table
from earshot.dataset.groups import contents
from earshot.dataset.split import summarize
from stages import (
    augment,
    balance,
    compare,
    cv,
    describe,
    eda,
    evaluate,
    examine,
    featurize,
    index,
    sonify,
    split,
    train,
)
from tests.items import write_picture
from tests.shared import made_once
from tests.study import call, write_params

COPIED = 20  # items of each class, all of which are there twice
SETTINGS = {
    **{"subsets": [2], "views": ["shuffled"], "models": ["linear"], "zoo.linear": {}, "runs": 1},
    **{"dataset.path": "pictures", "sonify.rows": 16, "sonify.columns": 12, "sonify.iterations": 1},
    **{"lr": 0.03, "epochs": 60, "train.patience": 0, "features.normalize": "item"},
}


@pytest.fixture
def study(tmp_path_factory, tmp_path, monkeypatch):
    """A copy of the study up to what cross-validation leaves, as the working directory."""
    monkeypatch.chdir(shutil.copytree(made_once(tmp_path_factory, "planted leak", make), tmp_path / "study"))


def make(folder):
    """Random pictures of two classes, each there twice."""
    for place, label in enumerate("ab"):
        for number in range(COPIED):
            for name in ("original", "copy"):
                rng = np.random.default_rng(COPIED * place + number)
                write_picture(folder / "pictures" / label / f"{name}_{number:02}.png", rng, (16, 12))
    write_params(folder, **SETTINGS)
    with contextlib.chdir(folder), joblib.parallel_config("sequential"):
        for stage in (index, eda, describe, balance, split, examine, sonify, augment):
            stage.main()
        call(featurize, "shuffled")
        cv.main()


def score():
    """The accuracy with its limits, and what the verdict says of the floor."""
    for stage in (train, evaluate):
        call(stage, "2", "shuffled", "linear")
    compare.main()
    told = paths.VERDICT.read_text(encoding="utf-8")
    return read_table(paths.SUMMARY).iloc[0], told


def test_copies_are_counted_and_kept_on_one_side(study):
    assert read_json(paths.EDA)["duplicates"] == 2 * COPIED
    told = read_json(paths.SPLIT_METRICS)
    assert (told["duplicates"], told["duplicates_in_two_parts"]) == (2 * COPIED, 0)
    scores, verdict = score()
    assert scores["accuracy_low"] <= 0.5
    assert "linear is not shown to beat the 50.0 % of no skill" in verdict


def test_a_leak_is_counted_and_found_out_by_shuffled_labels(study):
    """A split that looks at names alone: all originals in test, all copies in training."""
    items = read_table(paths.SPLIT)
    original = items["id"].str.contains("original")
    leaky = items.assign(split=original.map({True: "test", False: "train"}))
    write_table(paths.SPLIT, leaky)
    write_json(paths.SPLIT_METRICS, summarize(leaky, contents(read_table(paths.BALANCED))))
    assert read_json(paths.SPLIT_METRICS)["duplicates_in_two_parts"] == 2 * COPIED
    scores, verdict = score()
    assert scores["accuracy_low"] > 0.5
    assert (
        "significantly above the 50.0 % of no skill, so the test items are not independent of the training items"
        in verdict
    )
    assert "although its training labels are shuffled" in verdict
    assert "test items leak into training. Look for duplicates" in verdict
