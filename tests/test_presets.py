"""Every preset is a complete study: valid, and run on a few made-up items of its kind down to its scores."""

import csv
import shutil
from pathlib import Path

import joblib
import numpy as np
import pytest
from PIL import Image

from earshot.config.load import load, with_setting
from earshot.core import paths
from earshot.models.validate import validate
from earshot.reading.sounds import write_wav
from stages import augment, balance, compare, cv, evaluate, featurize, index, sonify, split, train, transfer
from tests.repository import ROOT
from tests.study import set_params

PRESETS = sorted((ROOT / "presets").glob("*.yaml"))
PER_CLASS = 12
SPEAKERS = ("ann", "bob", "cid", "dee", "eve", "fay")
# What makes a preset small enough for a test; all else is as it stands.
SMALL = {"epochs": 1, "cv.folds": None, "train.from_cv": False}
# A backbone from scratch at a small size stands for the pretrained ones at theirs.
BACKBONE = {"weights": "none", "image_size": 32, "freeze": "none"}


@pytest.fixture(autouse=True)
def one_process():
    with joblib.parallel_config("sequential"):
        yield


def write_sounds(root, classes, rng):
    for label in classes:
        for number in range(PER_CLASS):
            path = root / label / f"{label}_{SPEAKERS[number % 6]}_{number}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            signal = rng.standard_normal(8000 + 500 * number).astype(np.float32)
            path.write_bytes(write_wav(signal / 5, 8000))


def write_pictures(root, classes, rng):
    for label in classes:
        for number in range(PER_CLASS):
            path = root / label / f"0_{number:02d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 256, (20, 24, 3), dtype=np.uint8)).save(path)


def write_arrays(root, classes, rng):
    root.mkdir(parents=True)
    with (root / "dataset.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "label"])
        for place, label in enumerate(classes):
            for number in range(PER_CLASS):
                name = f"{place * PER_CLASS + number}_clip_0.npy"
                np.save(root / name, rng.random((128, 251), dtype=np.float32))
                rows.writerow([name, label])


WRITERS = {
    "gate": write_sounds,
    "genres": write_sounds,
    "spoken-digits": write_sounds,
    "speakers": write_sounds,
    "clips": write_arrays,
    "spectrogram-pictures": write_pictures,
    "sonified-pictures": write_pictures,
    "fashion": write_pictures,
    "retention-ladder": write_pictures,
    "omniglot": write_pictures,
    "transfer": write_pictures,
}


def run(monkeypatch, stage, *arguments):
    monkeypatch.setattr("sys.argv", [stage.__name__, *map(str, arguments)])
    stage.main()


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)
def test_a_preset_runs_from_files_to_scores(preset, in_folder, monkeypatch):
    shutil.copy(preset, paths.PARAMS)
    params = validate(load(), source=preset)
    names = params.dataset.classes or [f"c{number}" for number in range(max(params.subsets))]
    WRITERS[preset.stem](Path(params.dataset.path), names, np.random.default_rng(0))
    changes = dict(SMALL)
    model = params.models[0]
    if "weights" in params.zoo[model]:
        model = min(params.models, key=len)
        changes[f"zoo.{model}"] = BACKBONE
    view = params.views[0]
    set_params(
        in_folder, **changes, models=[model], views=[view], subsets=[params.subsets[0]], **{"cv.model": model}
    )
    set_params(in_folder, **{"cv.subset": params.subsets[0], "train.track_test": preset.stem == "clips"})
    for stage in (index, balance, split, sonify, augment):
        run(monkeypatch, stage)
    run(monkeypatch, featurize, view)
    run(monkeypatch, cv)
    for stage in (train, evaluate):
        run(monkeypatch, stage, params.subsets[0], view, model)
    run(monkeypatch, transfer)
    run(monkeypatch, compare)
    assert paths.SUMMARY.read_text().count("\n") == 2
    watched = "its test part was watched in training" in paths.VERDICT.read_text()
    assert watched == (preset.stem == "clips")


def test_every_preset_sets_every_block():
    keys = load(ROOT / "params.yaml").keys()
    assert {path.name: load(path).keys() ^ keys for path in PRESETS} == {path.name: set() for path in PRESETS}


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)
def test_every_step_of_a_presets_ladders_is_a_study(preset):
    content = load(preset)
    for key, values in content["sweep"].items():
        for value in values:
            validate(with_setting(content, key, value), source=preset)
