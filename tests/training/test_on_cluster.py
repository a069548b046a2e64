"""What workers answer: kept where it is what was asked for, and refused in one message where it is not."""

import json
import subprocess
import sys

import numpy as np
import pytest
import safetensors.numpy

from earshot.config.train import ModelParams
from earshot.core import locks
from earshot.core.errors import EarshotError
from earshot.training import kept_folds
from earshot.training.jobs import sealed, unsealed
from earshot.training.kept_runs import KeptRuns, TrainedRun
from earshot.training.on_cluster import checked, refuse_endless
from earshot.training.train_on_cluster import keep_run
from tests.repository import ROOT

WEIGHTS = safetensors.numpy.save({"a": np.arange(3, dtype=np.float32)})
TRAINED = {"epoch": 1, "history": [{"epoch": 1, "lr": 0.5, "train/loss": 0.25}], "parameters": 3}


@pytest.fixture
def kept(tmp_path):
    return KeptRuns(tmp_path, "2-sound-cnn", "a" * 24)


def answer(files=(("weights.safetensors", WEIGHTS),), **changes):
    sizes = {name: len(content) for name, content in files}
    about = {"trained": TRAINED | changes, "files": sizes}
    return sealed(json.dumps(about).encode(), *(content for _, content in files))


def test_a_run_that_a_worker_has_trained_is_kept_as_one_of_this_machine(kept):
    keep_run(kept, 1, answer((("epoch_0001.safetensors", WEIGHTS), ("weights.safetensors", WEIGHTS))))
    past = kept.read(1)
    assert past == TrainedRun(**TRAINED)
    assert isinstance(past.history[0]["epoch"], int)
    assert sorted(path.name for path in kept.of(1).iterdir()) == [
        "epoch_0001.safetensors",
        "run.json",
        "weights.safetensors",
    ]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (answer()[:-1], "its checksum is wrong"),
        (answer() + b"more", "its checksum is wrong"),
        (answer((("../../escaped.safetensors", WEIGHTS),)), "it holds a file"),
        (answer((("weights.safetensors", WEIGHTS[:-4]),)), "deserializing"),
        (answer(()), "weights.safetensors"),
        (answer(history="none"), "validation error"),
        (answer(epoch="first"), "validation error"),
        (b"nothing", "its checksum is wrong"),
    ],
)
def test_what_is_no_run_is_refused_in_one_message_and_not_kept(kept, sent, words):
    message = "what a worker gave for run 1 cannot be used"
    with pytest.raises(EarshotError, match=message) as error, checked("run 1"):
        keep_run(kept, 1, sent)
    assert words in str(error.value).replace("Error while ", "")
    assert kept.read(1) is None
    assert not list(kept.folder.parent.parent.parent.rglob("escaped*"))


def test_a_sealed_answer_is_read_back():
    assert unsealed(sealed(b'{"a": [1, 2.5]}', b"one\n", b"two")) == ({"a": [1, 2.5]}, b"one\ntwo")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([], "something else"),
        ({"epochs": 1}, "something else"),
        ({"epochs": 1, "predictions": {"id": []}}, "other columns"),
        ({"epochs": 1, "predictions": {"id": [1], "label": [], "predicted": [], "a": [], "b": []}}, "differ"),
        (
            {"epochs": "1", "predictions": {"id": [], "label": [], "predicted": [], "a": [], "b": []}},
            "epochs",
        ),
    ],
)
def test_what_is_no_result_of_a_fold_is_refused(content, words):
    with pytest.raises(ValueError, match=words):
        kept_folds.check(content, ["a", "b"])


def test_a_lock_is_waited_for_as_long_as_told(tmp_path):
    with (
        locks.hold(tmp_path / "lock", busy=""),
        pytest.raises(EarshotError, match="at work"),
        locks.hold(tmp_path / "lock", busy="at work", patience_s=0.01),
    ):
        pass


@pytest.mark.parametrize("stage", ["train", "cv"])
def test_a_stage_that_waits_for_a_cluster_has_not_loaded_torch(stage):
    code = f"import stages.{stage}, sys; sys.exit('torch' in sys.modules or 'sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize(
    ("block", "from_cv", "is_validated", "why"),
    [
        ({"epochs": 0}, {"patience": 0}, True, "patience: 0"),
        ({"epochs": 0}, {}, False, "no items to validate on"),
        ({"epochs": 0}, {}, True, None),
        ({"patience": 0}, {}, False, None),
    ],
)
def test_what_only_a_person_would_end_is_not_given_to_a_cluster(block, from_cv, is_validated, why):
    params = ModelParams("cnn", {"epochs": 20, "patience": 5}, block, "none")
    if why is None:
        refuse_endless(params, from_cv, is_validated=is_validated)
        return
    with pytest.raises(EarshotError, match=f"cnn has epochs: 0 and {why}, which trains until Ctrl-C"):
        refuse_endless(params, from_cv, is_validated=is_validated)
