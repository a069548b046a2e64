"""Cross-validation: a grid checked in full, folds scored once on what was not trained on, resumed one by one."""

import json
import logging
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from earshot.config.cv import CrossValidation
from earshot.config.train import ModelParams
from earshot.core.errors import EarshotError
from earshot.training import cross_validation, fit
from earshot.training.cross_validation import cross_validate, fold_clips
from earshot.training.data import ModelData
from earshot.training.grid import configurations, values_table
from earshot.training.recipe import recipe_of

PARAMS = ModelParams(
    name="linear",
    trainer={"lr": 0.01, "batch_size": 8, "epochs": 2, "weight_decay": 0.0, "threads": 1, "device": "cpu"},
    block={},
    normalize="train",
)
CLASSES = ["a", "b"]


@pytest.fixture
def study(tmp_path):
    """32 items of two classes in 8 groups, two clips and one copy each, in one shard."""
    rng = np.random.default_rng(0)
    items = pd.DataFrame(
        [
            {"id": f"{group}{label}{n}", "label": label, "group": group, "fold": "", "split": "train"}
            for group in "stuvwxyz"
            for label in CLASSES
            for n in range(2)
        ]
    )
    rows = items.loc[items.index.repeat(3)].reset_index(drop=True)
    rows = rows.assign(shard=0, row=rows.index, copy=[0, 0, 1] * len(items), start_s=0.0)
    rows["target"] = rows["label"].map({"a": 0, "b": 1})
    features = rng.normal(size=(len(rows), 6, 5)).astype(np.float32)
    features[np.arange(len(rows)), rows["target"]] += 1
    np.save(tmp_path / "00000.npy", features)
    return items, rows


def validate(study, tmp_path, *, grid=None, folds=4, checkpoints="checkpoints", **changes):
    items, rows = study
    cv = CrossValidation(model="linear", folds=folds, **changes)
    return cross_validate(
        configurations(grid or {"lr": [0.01, 0.1]}, PARAMS),
        items,
        ModelData(tmp_path, rows, CLASSES),
        cv=cv,
        seed=7,
        checkpoints=tmp_path / checkpoints,
    )


def csv(result):
    folds, predictions = result
    return [folds.to_csv(), *(table.to_csv() for table in predictions.values())]


def test_every_combination_of_the_grid_in_order():
    grid = configurations({"lr": [0.1, 0.01], "optimizer": ["adam", "sgd"], "normalize": ["item"]}, PARAMS)
    assert [(one.number, one.recipe.trainer.lr, one.recipe.trainer.optimizer) for one in grid] == [
        (1, 0.1, "adam"),
        (2, 0.1, "sgd"),
        (3, 0.01, "adam"),
        (4, 0.01, "sgd"),
    ]
    assert {one.recipe.normalize for one in grid} == {"item"}
    assert str(grid[0]) == "lr=0.1, optimizer=adam, normalize=item"


def test_an_empty_grid_is_the_settings_of_params():
    (only,) = configurations({}, PARAMS)
    assert (only.values, only.recipe.trainer.lr, only.recipe.normalize) == ({}, 0.01, "train")
    assert values_table([only]).to_dict("list") == {"configuration": [1]}


def test_the_grid_goes_before_the_models_block():
    params = replace(PARAMS, name="cnn", block={"width": 4, "lr": 0.5})
    (only,) = configurations({"width": [2], "lr": [0.2]}, params)
    assert (only.recipe.settings["width"], only.recipe.trainer.lr) == (2, 0.2)


def test_values_survive_json():
    """What training takes over goes through a file."""
    (only,) = configurations({"lr": [1e-3], "clip_norm": [None], "mixup": [0.2]}, PARAMS)
    assert recipe_of(PARAMS, json.loads(json.dumps(only.values))) == only.recipe


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"optimiser": ["adam"]}, "cv.grid.optimiser: unknown key; did you mean optimizer"),
        ({"from_cv": [True]}, "cv.grid.from_cv: unknown key"),
        ({"runs": [1, 2]}, "cv.grid.runs: unknown key"),
        ({"lr": []}, "cv.grid.lr: the list is empty"),
        ({"lr": [0.1, 0.1]}, "cv.grid.lr: .* names something twice"),
        ({"lr": [0.1, -1.0]}, "cv.grid.lr: .*greater than 0, found -1.0"),
        ({"optimizer": ["adagrad"]}, "cv.grid.optimizer: .*'sgd', found 'adagrad'"),
        ({"normalize": ["bands"]}, "cv.grid.normalize: .*'item'.*found 'bands'"),
        ({"epochs": [0, 2]}, "cv.grid.epochs=0: epochs: 0 trains until stopped"),
        ({"epochs": [0], "schedule": ["cosine"]}, "cv.grid.epochs=0, cv.grid.schedule=cosine: .*ends with"),
    ],
)
def test_a_fault_in_the_grid_is_named_with_its_key(grid, message):
    with pytest.raises(EarshotError, match=message):
        configurations(grid, PARAMS)


def test_all_faults_of_the_grid_are_named_together():
    with pytest.raises(EarshotError, match=r"(?s)cv.grid.lr: .*cv.grid.momentum: "):
        configurations({"lr": [0.0], "momentum": [2.0]}, PARAMS)


def test_every_item_is_held_out_once_by_every_configuration(study, tmp_path):
    folds, predictions = validate(study, tmp_path)
    items, _ = study
    assert folds.groupby("configuration")["n"].sum().tolist() == [len(items)] * 2
    for table in predictions.values():
        assert table["id"].tolist() == items["id"].tolist()
        assert list(table.columns) == ["id", "label", "predicted", *CLASSES, "fold"]
        assert table.groupby(items["group"])["fold"].nunique().eq(1).all()


def test_a_folds_accuracy_is_that_of_its_predictions(study, tmp_path):
    folds, predictions = validate(study, tmp_path)
    table = predictions[1].assign(right=predictions[1]["label"] == predictions[1]["predicted"])
    expected = table.groupby("fold")["right"].mean()
    own = folds[folds["configuration"] == 1].set_index("fold")
    assert own["accuracy"].to_dict() == pytest.approx(expected.to_dict())


def test_copies_are_for_training_alone(study):
    items, rows = study
    parts = pd.Series(["train", "val", "test", "train"] * 8, index=items["id"])
    clips = fold_clips(rows, parts)
    assert clips.groupby("split")["copy"].max().to_dict() == {"test": 0, "train": 1, "val": 0}
    assert len(clips) == 16 * 3 + 16 * 2


def test_rows_without_copies_are_all_originals(study):
    items, rows = study
    parts = pd.Series("train", index=items["id"])
    assert len(fold_clips(rows.drop(columns="copy"), parts)) == len(rows)


def test_what_is_held_out_is_never_seen_in_training(study, tmp_path, monkeypatch):
    """The numbers of the held-out clips are changed beyond recognition: the weights stay."""
    _, rows = study
    weights = []
    real = fit.fit

    def fit_model(model, **options):
        result = real(model, **options)
        weights.append({name: tensor.clone() for name, tensor in model.state_dict().items()})
        return result

    monkeypatch.setattr(cross_validation, "fit", fit_model)
    _, predictions = validate(study, tmp_path, grid={"lr": [0.1]})
    first = weights[0]
    held_out = predictions[1].set_index("id")["fold"].loc[rows["id"]].to_numpy() == "1"
    features = np.load(tmp_path / "00000.npy")
    features[held_out] = 1e6
    np.save(tmp_path / "00000.npy", features)
    weights.clear()
    validate(study, tmp_path, grid={"lr": [0.1]})
    assert all((tensor == weights[0][name]).all() for name, tensor in first.items())


class Killed(Exception):
    pass


def killed_after(monkeypatch, study, tmp_path, count):
    """Stops hard in the fold after `count` finished ones, in its second epoch. Returns the epochs done till then."""
    real, epochs = fit.train_one_epoch, []

    def train_one_epoch(run, epoch):
        if len(epochs) == 2 * count + 1:
            raise Killed
        epochs.append(epoch)
        return real(run, epoch)

    with monkeypatch.context() as patched:
        patched.setattr(fit, "train_one_epoch", train_one_epoch)
        with pytest.raises(Killed):
            validate(study, tmp_path)


def test_killed_after_some_folds_it_ends_with_the_same_bytes(study, tmp_path, monkeypatch):
    undisturbed = csv(validate(study, tmp_path, checkpoints="elsewhere"))
    killed_after(monkeypatch, study, tmp_path, 3)
    assert len(list((tmp_path / "checkpoints/cv").glob("*.json"))) == 3
    epochs, real = [], fit.train_one_epoch
    monkeypatch.setattr(
        fit, "train_one_epoch", lambda run, epoch: [epochs.append(epoch), real(run, epoch)][1]
    )
    assert csv(validate(study, tmp_path)) == undisturbed
    assert len(epochs) == 2 * (8 - 3)


def test_known_results_are_not_trained_again(study, tmp_path, monkeypatch):
    first = csv(validate(study, tmp_path))
    monkeypatch.setattr(fit, "train_one_epoch", None)
    assert csv(validate(study, tmp_path)) == first


def test_results_that_are_not_used_are_forgotten(study, tmp_path):
    validate(study, tmp_path)
    validate(study, tmp_path, grid={"lr": [0.1]})
    assert len(list((tmp_path / "checkpoints/cv").iterdir())) == 4


@pytest.mark.parametrize("part", ["labels", "features", "code"])
def test_results_of_other_data_or_code_are_not_taken(study, tmp_path, monkeypatch, part):
    items, rows = study
    validate(study, tmp_path, grid={"lr": [0.1]})
    if part == "labels":
        rows["target"] = 1 - rows["target"]
    elif part == "features":
        np.save(tmp_path / "00000.npy", np.load(tmp_path / "00000.npy") + 1)
    else:
        monkeypatch.setattr(cross_validation, "code_hash", lambda room: "other")
    monkeypatch.setattr(cross_validation, "fit", lambda *args, **options: (_ for _ in ()).throw(Killed))
    with pytest.raises(Killed):
        validate((items, rows), tmp_path, grid={"lr": [0.1]})


def test_a_damaged_result_is_made_again(study, tmp_path):
    first = csv(validate(study, tmp_path))
    next((tmp_path / "checkpoints/cv").glob("*.json")).write_text('{"epochs": 2')
    assert csv(validate(study, tmp_path)) == first


def test_ctrl_c_keeps_the_finished_folds(study, tmp_path, monkeypatch):
    real, done = fit.fit, []

    def fit_model(model, **options):
        result = real(model, **options)
        done.append(None)
        return fit.FitResult(result.epoch, result.history, result.checkpoint, len(done) == 3)

    monkeypatch.setattr(cross_validation, "fit", fit_model)
    with pytest.raises(EarshotError, match="finished folds are kept"):
        validate(study, tmp_path)
    assert len(list((tmp_path / "checkpoints/cv").glob("*.json"))) == 2


def test_one_line_a_fold(study, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    validate(study, tmp_path, val=0.0)
    lines = caplog.messages
    assert [line.split(" · ")[0] for line in lines] == ["1/2 (lr=0.01)"] * 4 + ["2/2 (lr=0.1)"] * 4


def test_folds_without_early_stopping_are_named_once(study, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    items, rows = study
    of_two = items["group"].isin(["s", "t"])
    validate((items[of_two], rows[rows["group"].isin(["s", "t"])]), tmp_path, folds=2)
    assert [line for line in caplog.messages if line.startswith("no ")] == [
        "no group to spare for early stopping, all epochs are trained: folds 1, 2"
    ]
