"""Ctrl-C while stages run side by side: what is begun ends and is committed, the rest waits for the next time."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from scripts.side_by_side import side_by_side
from tests.repository import ROOT
from tests.study import run

pytestmark = pytest.mark.pipeline

CELLS = ["a", "b", "c", "d"]
# A training that goes on until Ctrl-C, and then takes some time to end its epoch.
TRAINING = """\
import time
from pathlib import Path

from earshot.config.stage import run_stage
from earshot.core.process import cell_values
from earshot.training.interrupt import Interrupt


def main():
    (cell,) = cell_values()
    with Interrupt() as interrupt:
        Path(f"{cell}.pid").write_text("begun")
        while not interrupt.asked and not Path("enough").exists():
            time.sleep(0.01)
    time.sleep(0.2)
    Path(f"{cell}.txt").write_text(cell)


run_stage(main)
"""
PIPELINE = """\
stages:
  train:
    matrix: {cell: [a, b, c, d]}
    cmd: python training.py
    deps: [training.py]
    outs: ['${item.cell}.txt']
"""


@pytest.fixture
def pipeline(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "training.py").write_text(TRAINING)
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    (tmp_path / "params.yaml").write_text("runs: 1\n")
    run("git", "init", "-q", cwd=tmp_path)
    run("dvc", "init", "-q", cwd=tmp_path)
    return tmp_path


def begin(folder, cells):
    """Start it in a session of its own, whose processes all get Ctrl-C as those of a terminal do, by bash as in
    scripts/repro.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.side_by_side", "2"],
        cwd=folder,
        env=os.environ
        | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "SHELL": shutil.which("bash")},
        text=True,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    process.stdin.write("".join(f"train@{cell}\n" for cell in cells))
    process.stdin.close()
    process.stdin = None
    return process


def begun(folder):
    return {path.stem for path in folder.glob("*.pid")}


def committed(folder):
    lock = folder / "dvc.lock"
    stages = YAML(typ="safe").load(lock)["stages"] if lock.exists() else {}
    return {name.partition("@")[2] for name in stages}


def wait_for(condition):
    limit = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.02)


@pytest.mark.slow
def test_ctrl_c_lets_trainings_end_begins_no_other_and_the_next_run_goes_on(pipeline):
    process = begin(pipeline, CELLS)
    wait_for(lambda: len(begun(pipeline)) == 2)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopped, 2 stages were not begun; `make repro` goes on" in told
    assert "Traceback" not in told
    with pytest.raises(ProcessLookupError):  # no process of the session is left
        os.killpg(process.pid, 0)
    assert begun(pipeline) == committed(pipeline) == {"a", "b"}, told

    (pipeline / "enough").touch()
    process = begin(pipeline, [cell for cell in CELLS if cell not in committed(pipeline)])
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert committed(pipeline) == set(CELLS)


@pytest.mark.slow
def test_ctrl_c_before_a_stage_has_begun_keeps_it_from_beginning(pipeline):
    process = begin(pipeline, CELLS)
    wait_for(lambda: children(process.pid))
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in told
    assert begun(pipeline) == committed(pipeline) == set()


def test_a_stage_that_fails_is_named_and_does_not_keep_others_from_running(tmp_path, monkeypatch, capsys):
    dvc = tmp_path / "dvc"
    dvc.write_text(f'#!/bin/sh\ntouch "{tmp_path}/$5.run"; [ "$5" != b ]\n')
    dvc.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert side_by_side(["a", "b", "c"], jobs=2) == 1
    assert {path.stem for path in tmp_path.glob("*.run")} == {"a", "b", "c"}
    assert capsys.readouterr().err == "a, 1 of 3\nb, 2 of 3\nc, 3 of 3\nnot finished: b\n"


def children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
