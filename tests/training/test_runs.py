"""The runs of a model: each its own, whatever others there are; kept, and trained again only where they must be."""

import shutil
import signal
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import safetensors.torch
from torchvision.models import get_model

from earshot.config.train import Trainer
from earshot.core.rng import run_seed
from earshot.models import saved
from earshot.models.card import BACKBONE
from earshot.training import checkpoint, fit, frozen, runs, state
from earshot.training.data import ModelData
from earshot.training.recipe import Recipe
from tests.training.arrays import some_clips

CLASSES = ["a", "b", "c"]


def made_up_data(folder):
    """45 clips of three classes in a feature folder, two thirds to learn from."""
    clips = some_clips()
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "00000.npy", clips.arrays[0])
    table = pd.DataFrame({"id": [f"{number:02}" for number in range(45)], "row": range(45)})
    table = table.assign(shard=0, copy=0, target=clips.labels, label=np.array(CLASSES)[clips.labels])
    table["split"] = ["train", "train", "val"] * 15
    return ModelData(folder, table, CLASSES)


def train_in(folder, count, *, data, seed=1, recipe=None, **settings):
    """Trains runs, with the outputs and `.checkpoints` in a folder."""
    trainer = Trainer(**{"epochs": 2, "batch_size": 8, "device": "cpu", "mixup": 0.2} | settings)
    return runs.train_runs(
        recipe or Recipe("cnn", {"width": 2, "dense": 8, "dropout": 0.5}, trainer, "train"),
        data,
        runs=count,
        seed=seed,
        cell="3-sound-cnn",
        folder=folder / "model",
        curves=lambda run: folder / "curves" / f"run_{run}",
        checkpoints=folder / ".checkpoints",
    )


@pytest.fixture
def data(tmp_path):
    return made_up_data(tmp_path / "features")


@pytest.fixture
def train(data, tmp_path, monkeypatch):
    """Trains runs as if DVC had removed past outputs; gives what they came to, and the seeds that were trained."""

    def train_runs(count, *, given=data, **options):
        seeds, real = [], fit.fit
        for folder in ("model", "curves"):
            shutil.rmtree(tmp_path / folder, ignore_errors=True)
        with monkeypatch.context() as patched:
            patched.setattr(
                runs, "fit", lambda model, **given: seeds.append(given["seed"]) or real(model, **given)
            )
            outcomes = train_in(tmp_path, count, data=given, **options)
        return outcomes, seeds

    return train_runs


def weights(folder, run):
    return (folder / saved.weights_file(run)).read_bytes()


def tree(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_each_run_has_its_own_weights(train, tmp_path):
    outcomes, _ = train(3)
    assert len({weights(tmp_path / "model", run) for run in (1, 2, 3)}) == 3
    assert len({tuple(row["train/loss"] for row in outcome.history) for outcome in outcomes}) == 3


def test_more_runs_train_the_new_ones_alone(train, tmp_path):
    train(2)
    before = tree(tmp_path / "model") | tree(tmp_path / "curves")
    outcomes, trained = train(3)
    after = tree(tmp_path / "model") | tree(tmp_path / "curves")
    assert trained == [run_seed(1, 3)]
    assert len(outcomes) == 3
    assert {path: after[path] for path in before} == before
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == [
        f"run_{run}.safetensors" for run in (1, 2, 3)
    ]


def test_a_runs_bytes_do_not_depend_on_how_many_there_are(train, tmp_path):
    train(3)
    of_three = tree(tmp_path / "model") | tree(tmp_path / "curves")
    shutil.rmtree(tmp_path / ".checkpoints")
    train(1)
    of_one = tree(tmp_path / "model") | tree(tmp_path / "curves")
    assert of_one
    assert {path: of_three[path] for path in of_one} == of_one


@pytest.mark.parametrize("change", [{"lr": 0.1}, {"seed": 2}])
def test_what_runs_hang_on_trains_them_again_and_the_past_ones_go(change, train, tmp_path):
    train(2)
    assert len(train(2, **change)[1]) == 2
    assert len(list((tmp_path / ".checkpoints/runs/3-sound-cnn").iterdir())) == 1


def test_other_code_trains_them_again(train, monkeypatch):
    train(1)
    monkeypatch.setattr("earshot.training.state.code_hash", lambda room: "other")
    assert len(train(1)[1]) == 1


@pytest.mark.parametrize("file", ["weights.safetensors", "run.json"])
def test_a_damaged_run_is_told_and_trained_again(file, train, tmp_path, caplog):
    train(2)
    before = tree(tmp_path / "model")
    path = next((tmp_path / ".checkpoints/runs").rglob(f"run_2/{file}"))
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.unlink()
    path.write_bytes(content)
    assert train(2)[1] == [run_seed(1, 2)]
    assert "run_2 is damaged and discarded; run 2 is trained again" in caplog.text
    assert tree(tmp_path / "model") == before


def test_what_is_written_into_the_output_does_not_come_back_as_a_run(train, tmp_path):
    train(1)
    before = weights(tmp_path / "model", 1)
    with (tmp_path / "model/run_1.safetensors").open("r+b") as file:
        file.seek(-4, 2)
        file.write(b"oops")
    train(1)
    assert weights(tmp_path / "model", 1) == before


def test_a_run_that_was_killed_goes_on_and_those_before_it_are_not_trained_again(
    train, tmp_path, monkeypatch
):
    train(2)
    undisturbed = tree(tmp_path / "model") | tree(tmp_path / "curves")
    shutil.rmtree(tmp_path / ".checkpoints")
    real, written = checkpoint.write, []

    class Killed(Exception):
        pass

    def killed(folder, content):
        real(folder, content)
        written.append(folder)
        if len(written) == 3:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(checkpoint, "write", killed)
        patched.setattr(fit.fit, "__kwdefaults__", fit.fit.__kwdefaults__ | {"every_s": 0.0})
        with pytest.raises(Killed):
            train(2)
    epochs, real_epoch = [], fit.one_epoch
    monkeypatch.setattr(
        fit, "one_epoch", lambda run, **options: epochs.append(run) or real_epoch(run, **options)
    )
    assert train(2)[1] == [run_seed(1, 2)]
    assert len(epochs) == 1
    assert tree(tmp_path / "model") | tree(tmp_path / "curves") == undisturbed


def test_the_checkpoint_of_a_killed_run_goes_with_its_settings(train, tmp_path, monkeypatch):
    class Killed(Exception):
        pass

    def killed(run, folder):
        real(run, folder)
        raise Killed

    real = state.save
    with monkeypatch.context() as patched:
        patched.setattr(state, "save", killed)
        patched.setattr(fit.fit, "__kwdefaults__", fit.fit.__kwdefaults__ | {"every_s": 0.0})
        with pytest.raises(Killed):
            train(1)
    assert len(list((tmp_path / ".checkpoints").rglob(checkpoint.NAME))) == 1
    train(1, lr=0.1)
    assert list((tmp_path / ".checkpoints").rglob(checkpoint.NAME)) == []


def test_ctrl_c_ends_the_run_in_hand_and_begins_no_other(train, tmp_path, monkeypatch):
    real = fit.one_epoch

    def interrupted(run, **options):
        row = real(run, **options)
        if run.seed == run_seed(1, 2):
            signal.raise_signal(signal.SIGINT)
        return row

    with monkeypatch.context() as patched:
        patched.setattr(fit, "one_epoch", interrupted)
        outcomes, _ = train(3)
    assert [len(outcome.history) for outcome in outcomes] == [2, 1]
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == [
        "run_1.safetensors",
        "run_2.safetensors",
    ]
    assert train(3)[1] == [run_seed(1, 2), run_seed(1, 3)]


def test_every_epochs_weights_are_kept_by_run(train, tmp_path):
    train(2, keep_epochs=True)
    names = {path.as_posix() for path in tree(tmp_path / "model")}
    assert {f"run_{run}/epoch_000{epoch}.safetensors" for run in (1, 2) for epoch in (1, 2)} < names
    assert train(2, keep_epochs=True)[1] == []
    assert {path.as_posix() for path in tree(tmp_path / "model")} == names


def test_of_view_shuffled_each_run_permutes_the_labels_for_itself(train, data):
    shuffled = ModelData(data.folder, data.table, CLASSES, contents={name: name for name in data.table["id"]})
    seen = [shuffled.of_run(run_seed(1, run)).table["label"] for run in (1, 2)]
    assert not seen[0].equals(seen[1])
    assert not seen[0].equals(data.table["label"])
    for labels in seen:
        assert sorted(labels) == sorted(data.table["label"])
    assert data.of_run(run_seed(1, 1)) is data
    assert len(train(2, given=shuffled)[1]) == 2
    assert train(3, given=shuffled)[1] == [run_seed(1, 3)]


@pytest.fixture
def frozen_recipe(tmp_path):
    """A network with a frozen backbone from a file of weights."""
    trainer = Trainer(epochs=1, batch_size=8, device="cpu", keep_epochs=True)
    pretrained = tmp_path / "pretrained.safetensors"
    safetensors.torch.save_file(get_model("squeezenet1_1").state_dict(), pretrained)
    settings = {"freeze": "backbone", "weights": str(pretrained), "image_size": 24}
    return Recipe("squeezenet1_1", settings, trainer, "train")


def test_a_frozen_backbone_is_kept_once_for_all_runs_and_cells(train, tmp_path, frozen_recipe):
    train(1, recipe=frozen_recipe)
    before = tree(tmp_path / "model")
    assert len(train(2, recipe=frozen_recipe)[1]) == 1
    after = tree(tmp_path / "model")
    assert {path: after[path] for path in before} == before
    (kept,) = (tmp_path / ".checkpoints/backbones").iterdir()
    assert kept.name == "squeezenet1_1.safetensors"
    assert kept.samefile(tmp_path / "model" / BACKBONE)
    large = [path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size > 2e6]
    assert set(large) == {kept, tmp_path / "model" / BACKBONE, tmp_path / "pretrained.safetensors"}
    kept.write_bytes(b"damaged")  # and with it the model's, which is the same file
    train(2, recipe=frozen_recipe)
    assert tree(tmp_path / "model") == after
    train(1, recipe=replace(frozen_recipe, settings=frozen_recipe.settings | {"weights": "none"}))
    assert not list((tmp_path / ".checkpoints/backbones").iterdir())


def test_a_frozen_backbones_outputs_are_computed_once_for_all_runs(train, frozen_recipe, monkeypatch):
    parts, real = [], frozen.compute
    monkeypatch.setattr(
        frozen,
        "compute",
        lambda model, clips, positions, **options: (
            parts.append(len(positions)) or real(model, clips, positions, **options)
        ),
    )
    train(2, recipe=frozen_recipe)
    assert parts == [30, 15]
