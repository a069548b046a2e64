"""A run that was killed and started again ends with the bytes of an undisturbed one."""

import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from earshot.config.train import Trainer
from earshot.training import checkpoint, fit
from tests.training.arrays import a_model, some_clips

SETTINGS = {
    "epochs": 4,
    "batch_size": 8,
    "weight_decay": 1e-3,
    "schedule": "cosine",
    "warmup_epochs": 1.0,
    "imbalance": "oversample",
    "time_mask": 0.3,
    "mixup": 0.2,
    "threads": 1,
}


def run(folder=None, **changes):
    clips = some_clips()
    model = a_model("cnn", clips, dense=8, batch_norm=True)
    options = {"trainer": Trainer(**SETTINGS), "seed": 7, "every_s": 0} | changes
    result = fit.fit(
        model,
        train=clips.part(np.arange(30)),
        val=clips.part(np.arange(30, 45)),
        classes=["a", "b", "c"],
        checkpoints=folder,
        **options,
    )
    return model, result


@pytest.fixture(scope="module")
def undisturbed():
    return run()


def equal(one, other):
    same_weights = all(
        torch.equal(a, b)
        for a, b in zip(one[0].state_dict().values(), other[0].state_dict().values(), strict=True)
    )
    return same_weights and one[1].history == other[1].history and one[1].epoch == other[1].epoch


class Killed(Exception):
    pass


def killed_in_step(monkeypatch, folder, at):
    """Runs and stops hard in the middle of an epoch, at this optimizer step."""
    real, steps = fit.take_step, []

    def take_step(*arguments, **options):
        steps.append(None)
        if len(steps) == at:
            raise Killed
        return real(*arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(fit, "take_step", take_step)
        with pytest.raises(Killed):
            run(folder)


def test_two_runs_give_the_same_bytes(undisturbed):
    assert equal(run(), undisturbed)


@pytest.mark.parametrize("at", [2, 7, 14])
def test_a_killed_run_resumes_bitwise(at, undisturbed, monkeypatch, tmp_path):
    killed_in_step(monkeypatch, tmp_path, at)
    assert equal(run(tmp_path), undisturbed)


def test_a_run_resumes_after_its_last_epoch_without_training(undisturbed, monkeypatch, tmp_path):
    run(tmp_path)
    monkeypatch.setattr(fit, "train_one_epoch", None)
    assert equal(run(tmp_path), undisturbed)


def test_a_resumed_run_tells_the_past_rows_again(monkeypatch, tmp_path):
    killed_in_step(monkeypatch, tmp_path, 12)
    rows = []
    run(tmp_path, on_epoch=lambda row: rows.append(row["epoch"]))
    assert rows == [1, 2, 3, 4]


def test_other_params_start_afresh(monkeypatch, tmp_path):
    killed_in_step(monkeypatch, tmp_path, 12)
    other = Trainer(**SETTINGS | {"lr": 1e-4})
    assert equal(run(tmp_path, trainer=other), run(trainer=other))
    assert len(list(tmp_path.iterdir())) == 2


def test_other_code_starts_afresh(undisturbed, monkeypatch, tmp_path):
    killed_in_step(monkeypatch, tmp_path, 12)
    monkeypatch.setattr("earshot.training.state.code_hash", lambda room: "other")
    assert equal(run(tmp_path), undisturbed)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_damaged_checkpoint_is_discarded_with_a_warning(undisturbed, monkeypatch, tmp_path, caplog):
    killed_in_step(monkeypatch, tmp_path, 12)
    path = next(tmp_path.rglob(checkpoint.NAME))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert equal(run(tmp_path), undisturbed)
    assert "damaged" in caplog.text


def test_a_truncated_checkpoint_is_discarded(tmp_path):
    checkpoint.write(tmp_path, {"history": []})
    path = tmp_path / checkpoint.NAME
    path.write_bytes(path.read_bytes()[:20])
    assert checkpoint.read(tmp_path) is None


@pytest.mark.slow
def test_sigkill_between_epochs(undisturbed, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    code = (
        "import os, signal\nfrom pathlib import Path\n"
        "from tests.training.test_resume import run\n"
        "def kill(row):\n"
        "    if row['epoch'] == 3: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"run(Path({str(tmp_path)!r}), on_epoch=kill)\n"
    )
    root = Path(__file__).parents[2]
    ended = subprocess.run([sys.executable, "-c", code], cwd=root, env=os.environ | {"PYTHONPATH": str(root)})
    assert ended.returncode == -signal.SIGKILL
    assert equal(run(tmp_path), undisturbed)
    assert "going on after epoch 2" in caplog.text


def test_ctrl_c_ends_the_epoch_and_keeps_the_best(tmp_path):
    def interrupt(row):
        if row["epoch"] == 2:
            signal.raise_signal(signal.SIGINT)

    _, result = run(on_epoch=interrupt)
    assert result.interrupted
    assert len(result.history) == 2


def test_ctrl_c_stops_endless_training():
    trainer = Trainer(**SETTINGS | {"epochs": 0, "schedule": "none", "patience": 0})
    _, result = run(
        trainer=trainer, on_epoch=lambda row: row["epoch"] == 6 and signal.raise_signal(signal.SIGINT)
    )
    assert len(result.history) == 6


def test_ctrl_c_twice_aborts():
    def interrupt(row):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        run(on_epoch=interrupt)
    assert signal.getsignal(signal.SIGINT) is before
