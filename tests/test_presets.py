"""Every preset is a complete study: valid, and run on a few made-up items of its kind down to its scores."""

import argparse
import csv
import io
import re
import shutil
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from earshot.cli import preset
from earshot.config.load import load, with_setting
from earshot.config.presets import BASE, describe_preset, expand_preset, preset_file, preset_names
from earshot.config.train import TrainBlock
from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.models.validate import validate
from earshot.training.recipe import recipe_of
from stages import (
    augment,
    balance,
    compare,
    cv,
    describe,
    evaluate,
    examine,
    featurize,
    index,
    sonify,
    split,
    train,
    transfer,
)
from tests.items import write_picture, write_sound, write_spectrogram
from tests.repository import ROOT
from tests.study import call, set_params

PRESETS = sorted(path.stem for path in (ROOT / "presets").glob("*.yaml"))
PER_CLASS = 12
SPEAKERS = ("ann", "bob", "cid", "dee", "eve", "fay")
# What makes a preset small enough for a test; all else is as it stands.
SMALL = {"runs": 1, "epochs": 1, "cv.folds": None, "train.from_cv": False}
# This runs in `make test`, all others in `make test-slow`.
QUICK = "digits"
# A backbone from scratch at a small size stands for the pretrained ones at theirs.
BACKBONE = {"weights": "none", "image_size": 32, "freeze": "none"}


@pytest.fixture(autouse=True)
def one_process():
    with joblib.parallel_config("sequential"):
        yield


@pytest.fixture
def presets(in_folder):
    """A folder to run in that has the presets and no params.yaml."""
    shutil.copytree(ROOT / "presets", paths.PRESETS)
    return in_folder


def write_params(*arguments):
    """`python -m earshot preset` with these arguments."""
    parser = argparse.ArgumentParser()
    preset.add_arguments(parser)
    preset.main(parser.parse_args(arguments))


def write_sounds(root, classes, rng):
    for label in classes:
        for number in range(PER_CLASS):
            path = root / label / f"{label}_{SPEAKERS[number % 6]}_{number}.wav"
            write_sound(path, rng, 8000 + 500 * number)


def write_pictures(root, classes, rng):
    for label in classes:
        for number in range(PER_CLASS):
            write_picture(root / label / f"0_{number:02d}.png", rng, (20, 24, 3))


def write_arrays(root, classes, rng):
    root.mkdir(parents=True)
    with (root / "dataset.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "label"])
        for place, label in enumerate(classes):
            for number in range(PER_CLASS):
                recording, clip = divmod(place * PER_CLASS + number, 2)
                name = f"{recording}_clip_{clip}.npy"
                write_spectrogram(root / name, rng, (128, 251))
                rows.writerow([name, label])


WRITERS = {
    "digits": write_pictures,
    "gate": write_sounds,
    "genres": write_sounds,
    "spoken-digits": write_sounds,
    "speakers": write_sounds,
    "clips": write_arrays,
    "spectrogram-pictures": write_pictures,
    "sonified-pictures": write_pictures,
    "fashion": write_pictures,
    "retention-sweep": write_pictures,
    "omniglot": write_pictures,
    "transfer": write_pictures,
}


@pytest.mark.parametrize(
    "name", [name if name == QUICK else pytest.param(name, marks=pytest.mark.slow) for name in PRESETS]
)
def test_a_preset_runs_from_files_to_scores(name, presets):
    write_params(name)
    params = validate(load())
    names = params.dataset.classes or [f"c{number}" for number in range(max(params.subsets))]
    WRITERS[name](Path(params.dataset.path), names, np.random.default_rng(0))
    changes = dict(SMALL)
    model = params.models[0]
    if "weights" in params.zoo[model]:
        model = min(params.models, key=len)
        changes[f"zoo.{model}"] = BACKBONE
    view = params.views[0]
    set_params(
        presets, **changes, models=[model], views=[view], subsets=[params.subsets[0]], **{"cv.model": model}
    )
    set_params(presets, **{"cv.subset": params.subsets[0], "train.track_test": name == "clips"})
    for stage in (index, describe, balance, split, examine, sonify, augment):
        call(stage)
    call(featurize, view)
    call(cv)
    for stage in (train, evaluate):
        call(stage, params.subsets[0], view, model)
    call(transfer)
    call(compare)
    assert paths.SUMMARY.read_text().count("\n") == 2
    watched = "its test part was watched in training" in paths.VERDICT.read_text()
    assert watched == (name == "clips")


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_says_which_device_it_wants_and_how_long_it_takes(name, presets):
    assert re.search(
        r"(A CPU will do|It wants a GPU): .*\b(minutes?|hours?|hour|days)\b", describe_preset(name)
    )


def test_clips_of_one_recording_are_one_group(presets):
    write_params("clips")
    write_arrays(Path("data/clips"), ["a", "b"], np.random.default_rng(0))
    call(index)
    groups = pd.read_csv(paths.INDEX).groupby("group")["id"]
    assert len(groups) == PER_CLASS
    assert all(len({name.partition("_clip_")[0] for name in ids}) == 1 for _, ids in groups)


@pytest.mark.parametrize(
    ("name", "model", "expected"),
    [
        ("genres", "genre_cnn", {"optimizer": "sgd", "momentum": 0, "epochs": 20, "patience": 0, "l2": 0.01}),
        ("gate", "small_cnn", {"epochs": 0, "normalize": "item"}),
        ("spectrogram-pictures", "resnet50", {"epochs": 25, "patience": 0}),
        *(
            ("sonified-pictures", model, {"freeze": "backbone", "weights": "imagenet"})
            for model in ("efficientnet_b0", "efficientnet_b5", "efficientnet_b7", "resnet50", "resnet152")
        ),
    ],
)
def test_a_preset_trains_as_the_study_that_it_repeats(name, model, expected, presets):
    write_params(name)
    params = train.Params.read(model=model)
    recipe = recipe_of(params.of_model(model, params.block), {})
    found = recipe.trainer.model_dump() | recipe.settings | {"normalize": recipe.normalize}
    assert {key: found[key] for key in expected} == expected


def test_params_yaml_names_every_setting_of_training():
    text = (ROOT / "params.yaml").read_text()
    assert [key for key in TrainBlock.model_fields if not re.search(rf"\b{key}\b", text)] == []


def test_the_repository_comes_with_the_study_on_the_digits():
    assert (ROOT / "params.yaml").read_bytes() == (ROOT / "presets" / f"{BASE}.yaml").read_bytes()


def test_what_else_is_written_as_yaml_stays_as_it_was(presets):
    def written():
        buffer = io.StringIO()
        YAML().dump({"a": None}, buffer)
        return buffer.getvalue()

    before = written()
    expand_preset("fashion")
    assert written() == before


@pytest.mark.parametrize("name", sorted(set(PRESETS) - {BASE}))
def test_an_overlay_names_only_what_differs_from_the_base(name, presets):
    base, overlay = load(preset_file(BASE)), load(preset_file(name))
    assert dict(equal_settings(base, overlay)) == {}
    assert preset_file(name).read_text().startswith("# ")


def equal_settings(base, overlay, *parents):
    """The settings of an overlay that say what the base says, by their dotted names."""
    for key, value in overlay.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            yield from equal_settings(base[key], value, *parents, key)
        elif key in base and base[key] == value:
            yield ".".join((*parents, key)), value


@pytest.mark.parametrize("name", PRESETS)
def test_every_step_of_a_presets_sweep_is_a_study(name, presets):
    write_params(name)
    content = load()
    for key, values in content["sweep"].items():
        for value in values:
            validate(with_setting(content, key, value), source=name)


@pytest.mark.parametrize("name", PRESETS)
def test_the_comments_of_the_base_stand_in_every_expansion(name, presets):
    comments = re.findall("#.*", preset_file(BASE).read_text().partition("\n\n")[2])
    assert (
        set(comments)
        <= set(re.findall("#.*", expand_preset(name).decode()))
        | {
            "# split, initialization and order of the items vary together"  # of a seed that the sweep does not name
        }
    )


OVERLAY = """\
# A study.
# In two lines.
models: [tiny]   # one model
lr: 0.5
balance: {method: none}
sonify:
  band_hz: [300, 3400]
zoo:
  cnn: {dense: 7}
  tiny: {}       # with its defaults
cv:
  grid: {lr: [1e-3, 0.1]}
sweep: {lr: [1, 2]}
"""


def test_an_overlay_is_merged_block_by_block(presets):
    preset_file("study").write_text(OVERLAY)
    base, expanded = load(preset_file(BASE)), expand_preset("study").decode()
    Path("expanded.yaml").write_text(expanded)
    assert load(Path("expanded.yaml")) == base | {
        "models": ["tiny"],
        "lr": 0.5,
        "balance": {"method": "none"},
        "sonify": base["sonify"] | {"band_hz": [300, 3400]},
        "zoo": base["zoo"] | {"cnn": base["zoo"]["cnn"] | {"dense": 7}, "tiny": {}},
        "cv": base["cv"] | {"grid": {"lr": [1e-3, 0.1]}},
        "sweep": {"lr": [1, 2]},
    }
    assert expanded.startswith("# A study.\n# In two lines.\n\nseed: 42\n")
    assert "  tiny: {}       # with its defaults\n" in expanded
    assert "  fmin: null    " in expanded


def test_presets_are_listed_the_base_first(presets, capsys):
    write_params()
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert listed == preset_names() == [BASE, *sorted(set(PRESETS) - {BASE})]


def test_one_preset_may_follow_another(presets):
    write_params("gate")
    write_params("fashion")
    assert load()["augment"]["copies"] == 0
    write_params(BASE)
    assert paths.PARAMS.read_bytes() == (ROOT / "params.yaml").read_bytes()


def test_settings_of_ones_own_are_not_written_over(presets):
    paths.PARAMS.write_text("seed: 7\n")
    with pytest.raises(EarshotError, match=r"params\.yaml holds settings of your own.*--force"):
        write_params("fashion")
    assert paths.PARAMS.read_text() == "seed: 7\n"
    write_params("fashion", "--out", "other.yaml")
    write_params("fashion", "--force")
    assert paths.PARAMS.read_bytes() == Path("other.yaml").read_bytes() == expand_preset("fashion")


def test_a_preset_that_does_not_exist_is_refused_with_those_that_do(presets):
    with pytest.raises(EarshotError, match="fasion: no such preset; presets/ has digits, clips, fashion"):
        write_params("fasion")


def test_an_unknown_key_of_an_overlay_is_refused(presets):
    preset_file("study").write_text("dataset:\n  pth: pictures\n")
    with pytest.raises(
        EarshotError, match=r"presets/study\.yaml.*\n.*dataset\.pth: unknown key; did you mean path"
    ):
        write_params("study")
    assert not paths.PARAMS.exists()


def test_outside_a_clone_there_are_no_presets(in_folder):
    with pytest.raises(EarshotError, match="run from the root of a clone"):
        write_params()
