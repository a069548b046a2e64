"""One model under two names, trained and scored by the stages: its differences from itself are not significant."""

import numpy as np
import pandas as pd
import pytest

from earshot.config.inputs import PicturesInput, dump_input
from earshot.config.sonify import Sonify
from earshot.core import paths
from earshot.core.io import read_json, read_table, write_json, write_table
from earshot.evaluation import compare
from earshot.evaluation.paired import is_significant
from earshot.store.formats import write_npy
from stages import evaluate, train
from tests.study import call, set_params, write_params

RUNS, STUDIES = 5, 4
ITEMS = [f"{label}/{number:03}" for label in "ab" for number in range(100)]
SETTINGS = {
    **{"subsets": [2], "views": ["sound"], "models": ["linear"], "zoo.linear": {}, "runs": 2 * RUNS},
    **{"epochs": 2, "lr": 0.02, "features.normalize": "item"},
}


@pytest.fixture
def study(in_folder):
    """Items of two classes that overlap, up to the features; half of them are tested."""
    split = pd.DataFrame({"id": ITEMS, "label": [name[0] for name in ITEMS], "group": ITEMS})
    write_table(paths.BALANCED, split.assign(hash=ITEMS))
    parts = ["train", "test", "val", "test"]
    write_table(paths.SPLIT, split.assign(split=[parts[place % 4] for place in range(len(ITEMS))]))
    arrays = np.random.default_rng(0).normal(size=(len(ITEMS), 6, 5)).astype(np.float32)
    arrays[100:, :3] += 0.4
    folder = paths.features("sound")
    write_npy(paths.shard_file(folder, 0, "npy"), [arrays])
    rows = {"shard": 0, "row": range(len(ITEMS)), "id": ITEMS, "start_s": 0.0, "copy": 0}
    write_table(folder / "rows.csv", pd.DataFrame(rows))
    write_json(folder / "settings.json", dump_input(PicturesInput(view="sound", sonify=Sonify())))
    write_json(paths.best("linear"), {})
    write_params(in_folder, **SETTINGS)
    return in_folder


def pair_of_halves():
    """The row of data/pairs.csv when the first and the second half of the runs are two models."""
    table = read_table(paths.predictions(2, "sound", "linear"))
    scores = read_json(paths.metrics(2, "sound", "linear"))
    first = table["run"] <= RUNS
    halves = {"one": table[first], "other": table[~first].assign(run=table["run"] - RUNS)}
    results = {(2, "sound", name): (scores, half) for name, half in halves.items()}
    groups = read_table(paths.SPLIT).set_index("id")["group"]
    return compare.pairs(results, groups=groups).iloc[0]


@pytest.mark.slow
def test_equal_models_that_the_stages_trained_are_not_told_apart(study):
    pairs = []
    for seed in range(STUDIES):
        set_params(study, seed=seed)
        for stage in (train, evaluate):
            call(stage, 2, "sound", "linear")
        pairs.append(pair_of_halves())
    assert all(pair["runs_error"] > 0 or pair["items_error"] > 0 for pair in pairs)  # the runs do differ
    assert not any(is_significant(pair) for pair in pairs)
