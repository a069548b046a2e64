"""The stages train, evaluate and transfer with several runs, on a made-up study of forty small pictures."""

import numpy as np
import pandas as pd
import pytest

from earshot.config.inputs import PicturesInput, dump_input
from earshot.config.sonify import Sonify
from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.io import read_json, read_table, write_json, write_table
from earshot.core.rng import run_seed
from earshot.evaluation.curves import read_curves
from earshot.models import saved
from earshot.models.card import read_card
from earshot.store.formats import write_npy
from earshot.training import runs
from stages import evaluate, train, transfer
from tests.study import call, set_params, write_params

ITEMS = [f"{label}/{number:02}" for label in "ab" for number in range(20)]
PARTS = ["train", "train", "val", "test"]
SETTINGS = {
    **{"subsets": [2], "views": ["sound", "picture", "shuffled"], "models": ["linear"], "zoo.linear": {}},
    **{"runs": 2, "epochs": 2, "features.normalize": "item"},
}


@pytest.fixture
def study(in_folder):
    """Items of two classes, b brighter than a, up to the features of every view."""
    labels = [name[0] for name in ITEMS]
    items = pd.DataFrame({"id": ITEMS, "label": labels, "group": ITEMS, "hash": ITEMS})
    write_table(paths.BALANCED, items)
    split = items.drop(columns="hash").assign(split=[PARTS[place % 4] for place in range(len(ITEMS))])
    write_table(paths.SPLIT, split)
    arrays = np.random.default_rng(0).uniform(size=(len(ITEMS), 6, 5)).astype(np.float32)
    arrays[20:, :3] += 0.5
    rows = pd.DataFrame({"shard": 0, "row": range(len(ITEMS)), "id": ITEMS, "start_s": 0.0, "copy": 0})
    for view in SETTINGS["views"]:
        folder = paths.features(view)
        write_npy(paths.shard_file(folder, 0, "npy"), [arrays])
        write_table(folder / "rows.csv", rows)
        write_json(folder / "settings.json", dump_input(PicturesInput(view="sound", sonify=Sonify())))
    write_json(paths.best("linear"), {})
    write_params(in_folder, **SETTINGS)
    return in_folder


def trained_runs(monkeypatch, view="sound"):
    """Runs the stage train; the seeds that were trained."""
    seeds, fit = [], runs.fit
    with monkeypatch.context() as patched:
        patched.setattr(
            runs, "fit", lambda model, **options: seeds.append(options["seed"]) or fit(model, **options)
        )
        call(train, 2, view, "linear")
    return seeds


def test_a_model_is_trained_as_often_as_runs_says_and_more_runs_train_the_new_ones(study, monkeypatch):
    assert trained_runs(monkeypatch) == [run_seed(42, 1), run_seed(42, 2)]
    set_params(study, runs=3)
    assert trained_runs(monkeypatch) == [run_seed(42, 3)]
    set_params(study, runs=1)
    assert trained_runs(monkeypatch) == []
    assert [path.name for path in sorted(paths.model(2, "sound", "linear").iterdir())] == [
        "model.json",
        "run_1.safetensors",
        "validation.csv",
    ]


def test_a_models_own_block_says_how_often(study, monkeypatch):
    set_params(study, **{"zoo.linear.runs": 1})
    assert len(trained_runs(monkeypatch)) == 1


def test_the_card_and_the_curves_tell_of_every_run(study):
    call(train, 2, "sound", "linear")
    card = read_card(paths.model(2, "sound", "linear"))
    assert [run.epochs_trained for run in card.runs] == [2, 2]
    table = read_curves((2, "sound", "linear"), [run.epoch for run in card.runs])
    assert list(table["run"]) == [1] * 4 + [2] * 4
    assert list(table["epoch"]) == [1, 2] * 4


@pytest.mark.parametrize("named", [False, True])
def test_the_card_tells_whether_groups_were_named(study, named):
    if named:
        write_table(paths.BALANCED, read_table(paths.BALANCED).assign(group=[name[0] for name in ITEMS]))
    call(train, 2, "sound", "linear")
    assert read_card(paths.model(2, "sound", "linear")).groups_named is named


def test_the_card_tells_the_temperature_that_the_validation_items_give(study):
    call(train, 2, "sound", "linear")
    card = read_card(paths.model(2, "sound", "linear"))
    assert card.calibrated_on == 10
    assert card.temperature != 1
    call(evaluate, 2, "sound", "linear")
    scores = read_json(paths.metrics(2, "sound", "linear"))
    assert scores["temperature"] == card.temperature
    assert scores["calibrated_log_loss"] != scores["ensemble_log_loss"]
    assert scores["accuracy"] == scores["ensemble_accuracy"]


def test_what_thresholds_from_validation_items_do_on_test_items_is_written(study):
    call(train, 2, "sound", "linear")
    folder = paths.model(2, "sound", "linear")
    validation = saved.read_validation(folder)
    assert list(validation["id"]) == ITEMS[2::4]
    assert (validation["probability"] >= validation["of_label"]).all()
    call(evaluate, 2, "sound", "linear")
    tables = {path.stem: read_table(path) for path in paths.decisions(2, "sound", "linear").iterdir()}
    assert set(tables) == {"keep", "coverage", "operating"}
    assert tables["keep"]["threshold"].iloc[0] == validation["probability"].min()
    assert (tables["coverage"]["covered"] >= 0.5).all()
    assert set(tables["operating"]["hits"] + tables["operating"]["misses"]) == {5}


def test_a_class_of_what_is_none_of_the_others_is_one_more_answer(study):
    split = read_table(paths.SPLIT)
    split.loc[30:, "label"] = "none"
    write_table(paths.SPLIT, split)
    call(train, 2, "sound", "linear")
    call(evaluate, 2, "sound", "linear")
    card = read_card(paths.model(2, "sound", "linear"))
    assert card.classes == ["a", "b", "none"]
    assert card.reject == ["none"]
    tables = {path.stem for path in paths.decisions(2, "sound", "linear").iterdir()}
    assert tables == {"keep", "coverage"}


def test_every_run_answers_to_every_test_item(study):
    call(train, 2, "sound", "linear")
    call(evaluate, 2, "sound", "linear")
    table = read_table(paths.predictions(2, "sound", "linear"))
    assert list(table.columns) == ["run", "id", "label", "predicted", "a", "b"]
    tested = ITEMS[3::4]
    assert list(zip(table["run"], table["id"], strict=True)) == [
        (run, name) for run in (1, 2) for name in tested
    ]
    assert not np.allclose(*(table.loc[table["run"] == run, "a"] for run in (1, 2)))


def test_in_view_shuffled_each_run_is_scored_against_labels_of_its_own(study):
    call(train, 2, "shuffled", "linear")
    call(evaluate, 2, "shuffled", "linear")
    table = read_table(paths.predictions(2, "shuffled", "linear"))
    one, two = (table[table["run"] == run].set_index("id")["label"] for run in (1, 2))
    assert not one.equals(two)
    assert one.value_counts().equals(two.value_counts())


def test_the_runs_of_the_picture_model_are_asked_about_the_sounds(study):
    call(train, 2, "picture", "linear")
    transfer.main()
    table = read_table(paths.transfer(2, "linear"))
    assert list(table["run"]) == [1] * 10 + [2] * 10


def test_a_model_has_the_runs_that_its_card_lists(study):
    call(train, 2, "sound", "linear")
    folder = paths.model(2, "sound", "linear")
    for run in (0, 3):
        with pytest.raises(EarshotError, match=f"{folder} has no run {run}: its runs are 1 to 2"):
            saved.load(folder, run)
