"""What DVC says that it would run, read from its words."""

from types import SimpleNamespace

import pytest

from earshot.core.errors import EarshotError
from earshot.store import lock

SKIPPED = "Stage 'samples' didn't change, skipping\n"
RUNS = "Running stage 'train@2-sound-cnn':\n> python -m stages.train\n\n"
LACKS_DATA = """WARNING: [Errno 2] No such file or directory: 'data/balanced.csv'
WARNING: Stages 'gradcam@2-sound-lstm' and 'compare' will be skipped due to this failure
ERROR: failed to reproduce stages: 'cv', 'train@2-sound-lstm' and 'train@2-picture-lstm'
"""


@pytest.mark.parametrize(
    ("output", "errors", "status", "expected"),
    [
        (SKIPPED, "", 0, []),
        (SKIPPED + RUNS, "", 0, ["train@2-sound-cnn"]),
        (RUNS, "ERROR: failed to reproduce 'cv'\n", 255, ["train@2-sound-cnn", "cv"]),
        (SKIPPED, LACKS_DATA, 255, ["cv", "train@2-sound-lstm", "train@2-picture-lstm"]),
    ],
)
def test_stages_to_run_are_those_that_dvc_names(monkeypatch, output, errors, status, expected):
    told = SimpleNamespace(stdout=output, stderr=errors, returncode=status)
    monkeypatch.setattr(lock, "dvc", lambda *arguments: told)
    assert lock.stages_to_run() == expected


def test_what_stops_dvc_is_passed_on(monkeypatch):
    told = SimpleNamespace(stdout="", stderr="ERROR: 'dvc.yaml' is invalid\n", returncode=255)
    monkeypatch.setattr(lock, "dvc", lambda *arguments: told)
    with pytest.raises(EarshotError, match=r"cannot tell what would run: ERROR: 'dvc\.yaml' is invalid"):
        lock.check_lock()
