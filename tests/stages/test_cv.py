"""The stage cv: off by default, its tables, and what training takes over from it."""

import json
import shutil
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from earshot.config.features import Features
from earshot.config.inputs import SpectrogramsInput, dump_input
from earshot.core.errors import EarshotError
from earshot.core.io import read_json, read_table, write_bytes, write_json, write_table
from earshot.models.card import read_card
from stages import check, cv
from stages import train as train_stage
from tests import study as pipeline

TINY = {
    "subsets": [2, 3],
    "views": ["sound"],
    "models": ["linear", "cnn"],
    "epochs": 2,
    "zoo.linear": {},
    "zoo.cnn": {"width": 2, "dense": 4},
    "cv.model": "linear",
    "cv.subset": 3,
}
ON = {"cv.folds": 3, "cv.grid": {"lr": [0.1, 0.01], "normalize": ["item", "train"]}}


@pytest.fixture
def study(in_folder):
    """48 items of three classes, one clip each, in 12 groups of which three are the test part."""
    items = pd.DataFrame(
        [
            {"id": f"{n:02d}", "label": "abc"[n % 3], "group": f"g{n // 4}", "fold": str(n // 24)}
            for n in range(48)
        ]
    )
    part = {f"g{n}": "test" if n < 3 else "val" if n < 5 else "train" for n in range(12)}
    write_table("data/balanced.csv", items.assign(hash=items["id"]))
    write_table("data/split.csv", items.assign(split=items["group"].map(part)).drop(columns="fold"))
    rows = items[["id"]].assign(shard=0, row=range(48), copy=0, start_s=0.0)
    write_table("data/features/sound/rows.csv", rows)
    features = np.random.default_rng(0).normal(size=(48, 8, 8)).astype(np.float32)
    features[np.arange(48), np.arange(48) % 3] += 1
    buffer = BytesIO()
    np.save(buffer, features)
    write_bytes("data/features/sound/00000.npy", buffer.getvalue())
    write_json("data/features/sound/settings.json", dump_input(SpectrogramsInput(features=Features())))
    pipeline.write_params(in_folder, **TINY)
    return in_folder


def outputs():
    files = ["data/cv/folds.csv", "data/cv/configs.csv", "data/cv/predictions.csv", "plots/cv.csv"]
    return [Path(file).read_text() for file in [*files, "metrics/cv.json"]]


def test_off_it_writes_empty_tables(study):
    cv.main()
    *tables, metrics = outputs()
    assert [table.count("\n") for table in tables] == [1] * 4
    assert json.loads(metrics) == {"configurations": 0}
    assert read_json("data/cv/best/linear.json") == read_json("data/cv/best/cnn.json") == {}


def test_its_tables(study):
    pipeline.set_params(study, **ON)
    cv.main()
    folds, configs = read_table("data/cv/folds.csv"), read_table("data/cv/configs.csv")
    assert len(folds) == 4 * 3
    assert set(folds["grid.lr"]) == {"0.1", "0.01"}
    assert configs["accuracy_mean"].is_monotonic_decreasing
    metrics = read_json("metrics/cv.json")
    assert metrics["configuration"] == configs["configuration"][0]
    assert metrics["accuracy_mean"] == configs["accuracy_mean"][0]
    assert {type(value) for value in metrics.values()} == {int, float, str}
    assert len(read_table("plots/cv.csv")) == 4 * 3


@pytest.mark.parametrize(("parts", "count"), [("development", 36), ("all", 48)])
def test_the_test_part_is_unseen_unless_all_is_asked_for(study, parts, count):
    pipeline.set_params(study, **{"cv.folds": 3, "cv.parts": parts})
    cv.main()
    ids = set(read_table("data/cv/predictions.csv")["id"])
    split = read_table("data/split.csv").set_index("id")["split"]
    assert len(ids) == count
    assert (set(split[list(ids)]) == {"train", "val"}) == (parts == "development")


@pytest.mark.parametrize(("folds", "count"), [("leave_one_group_out", 9), ("official", 2), (4, 4)])
def test_the_kinds_of_folds(study, folds, count):
    pipeline.set_params(study, **{"cv.folds": folds})
    cv.main()
    assert len(read_table("data/cv/folds.csv")) == count


def test_two_runs_give_the_same_bytes(study):
    pipeline.set_params(study, **ON)
    cv.main()
    first = outputs()
    for path in (study / ".checkpoints/cv").iterdir():
        path.unlink()
    cv.main()
    assert outputs() == first


def test_training_takes_over_the_best_configuration_of_cvs_model_alone(study):
    pipeline.set_params(study, **ON, **{"train.from_cv": True})
    cv.main()
    best = read_json("data/cv/best/linear.json")
    described = {}
    for model in ("linear", "cnn"):
        pipeline.call(train_stage, "3", "sound", model)
        described[model] = read_card(f"models/3/sound/{model}")
    assert set(best) == {"lr", "normalize"}
    assert described["linear"].from_cv == best
    assert described["linear"].trainer.lr == best["lr"]
    assert described["linear"].normalize == best["normalize"]
    assert described["cnn"].from_cv is None
    assert described["cnn"].trainer.lr == 0.001


def test_nothing_is_taken_over_that_is_not_asked_for(study):
    pipeline.set_params(study, **ON)
    cv.main()
    assert read_json("data/cv/best/linear.json") == {}


def check_and_run():
    check.main()
    cv.main()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cv.model": "lstn"}, "cv.model: lstn has no block in zoo; did you mean lstm?"),
        ({"cv.folds": 3, "cv.subset": 10}, "cv.subset: 10 is more classes than the data keeps"),
        ({"cv.folds": 3, "cv.view": "picture"}, "cv.view: 'picture' has no features; add it to views"),
        ({"cv.folds": 1}, "cv.folds"),
        ({"cv.folds": 3, "cv.grid": {"lr": 0.1}}, "cv.grid.lr: a list is wanted, found 0.1"),
        ({"cv.folds": 3, "cv.grid": {"dropout": [0.1]}}, "cv.grid.dropout: unknown key"),
        ({"cv.folds": 20}, r"class 'a' has 12 item\(s\) in 9 group\(s\): 20 are wanted"),
        ({"train.from_cv": True}, "train.from_cv: there is no cross-validation"),
        ({"train.from_cv": True, "cv.folds": 3, "cv.parts": "all"}, "train.from_cv: cv.parts: all chooses"),
        ({"train.from_cv": True, "cv.folds": 3, "models": ["cnn"]}, "cv.model 'linear' is not one of models"),
        ({"zoo.cnn.from_cv": True}, "zoo.cnn.from_cv: unknown key"),
    ],
)
def test_bad_settings_are_named_before_anything_trains(study, changes, message):
    pipeline.set_params(study, **changes)
    with pytest.raises(EarshotError, match=message):
        check_and_run()


@pytest.mark.pipeline
@pytest.mark.slow
def test_dvc_trains_again_only_what_takes_over_other_settings(reproduced_study, tmp_path, monkeypatch):
    study = shutil.copytree(reproduced_study, tmp_path / "study", symlinks=True)
    monkeypatch.chdir(study)
    changes = {"views": ["sound"], "models": ["linear", "cnn"], "zoo.linear": {}, "train.from_cv": True}
    changes |= {"cv.model": "linear", "cv.subset": 2, "cv.folds": 2}

    def best(**settings):
        """What training takes over from cv under these settings: the files of data/cv/best."""
        pipeline.set_params(study, **settings)
        check_and_run()
        return {path.name: path.read_text() for path in Path("data/cv/best").iterdir()}

    first = best(**changes, **{"cv.grid": {"lr": [0.01]}})
    for model in ("linear", "cnn"):
        pipeline.call(train_stage, 2, "sound", model)
    pipeline.run("dvc", "commit", "-q", "-f", "check", "cv", "train", cwd=study)
    assert best(**{"cv.select": "macro_f1"}) == first
    assert best(**{"cv.grid": {"lr": [0.02]}}) == first | {"linear.json": '{\n  "lr": 0.02\n}\n'}
    pipeline.run("dvc", "commit", "-q", "-f", "check", "cv", cwd=study)
    would_run = pipeline.stages_run(pipeline.run("dvc", "repro", "--dry", "train", cwd=study))
    assert would_run == ["train@2-sound-linear"]
