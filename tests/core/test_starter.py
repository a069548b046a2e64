"""A stage ends with the DVC that started it, also where that is killed."""

import os
import signal
import subprocess
import sys

import pytest

from tests.repository import ROOT

STAGE = """
import time
from earshot.core import starter
starter.EVERY_S = 0.01
starter.end_with_dvc()
print("on", flush=True)
time.sleep(60)
"""
# A shell lies between, as DVC has it.
DVC = """
import subprocess, sys
subprocess.call(["/bin/sh", "-c", '"$0" -c "$1"; true', sys.executable, sys.argv[1]])
"""


@pytest.fixture
def dvc(tmp_path):
    """A stand-in for DVC that has started a stage, which holds its output open as long as it lives."""
    (tmp_path / "dvc").write_text(DVC)
    with subprocess.Popen(
        [sys.executable, tmp_path / "dvc", STAGE],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline() == b"on\n"
        yield process


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_a_stage_ends_with_the_dvc_that_started_it(dvc, name):
    dvc.send_signal(signal.Signals[name])
    dvc.wait()
    assert dvc.stdout.read() == b""  # at its end with the stage, which would sleep for a minute
