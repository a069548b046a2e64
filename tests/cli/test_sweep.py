"""The sweep command, with a stand-in for the pipeline that scores what params.yaml says."""

import argparse
import os
import signal
import stat
import sys

import numpy as np
import pytest

from earshot.cli import sweep
from earshot.config.load import load
from earshot.core import locks, paths, swept
from earshot.core.errors import EarshotError
from earshot.core.io import read_json, read_table, write_bytes
from tests.study import set_params, write_params
from tests.sweeping import start_sweep

PIPELINE = f"""#!{sys.executable}
import json, sys
from pathlib import Path
from ruamel.yaml import YAML
params = YAML(typ="safe", pure=True).load(Path("params.yaml"))
seed = params["seed"]
if seed == 666:
    sys.exit("Running stage 'train@2-sound-cnn':\\ntoo little memory")
columns = "subset,view,model,runs,accuracy,accuracy_low,accuracy_high,retention,retention_low,retention_high,transfer"
accuracy = 0.9 + seed / 100
row = f"2,sound,cnn,5,{{accuracy}},0.8,1.0,{{accuracy}},0.9,1.0,"
Path("data").mkdir(exist_ok=True)
Path("metrics").mkdir(exist_ok=True)
Path("data/summary.csv").write_text(columns + "\\n" + row + "\\n")
heard = {{"items": 3, "ssim_median": 0.98, "pearson_median": 0.99}}
Path("metrics/sonify.json").write_text(json.dumps(heard))
with open("ran.txt", "a") as ran:
    print(seed, params["sonify"]["hop_length"], *sys.argv[1:], file=ran)
"""


@pytest.fixture
def study(in_folder):
    write_params(in_folder, **{"sonify.rows": 64, "sonify.n_fft": None, "sonify.hop_length": None})
    write_bytes("scripts/repro", PIPELINE.encode())
    (in_folder / "scripts/repro").chmod(stat.S_IRWXU)
    return in_folder


def run_sweep(*settings):
    sweep.main(argparse.Namespace(settings=list(settings), jobs=2))


def ran(folder):
    return (folder / "ran.txt").read_text().splitlines()


def test_every_value_is_a_study_and_the_study_itself_comes_last(study, caplog):
    set_params(study, sweep={"seed": [1, 2, 3], "sonify.hop_length": [64, 16]})
    before = paths.PARAMS.read_bytes()
    with caplog.at_level("INFO"):
        run_sweep()
    assert ran(study) == [
        "1 None 2 compare",
        "2 None 2 compare",
        "3 None 2 compare",
        "42 64 2 compare",
        "42 16 2 compare",
        "42 None 2 compare",
    ]
    assert paths.PARAMS.read_bytes() == before
    table = read_table(paths.SWEEP)
    assert table["setting"].tolist() == ["seed"] * 3 + ["sonify.hop_length"] * 2
    assert table["step"].tolist() == ["1", "2", "3", "64", "16"]
    assert table["redundancy"].tolist() == [2, 2, 2, 2, 8]
    assert (paths.PLOTS / "sweep.png").read_bytes().startswith(b"\x89PNG")
    leaf = read_json(paths.SEEDS)["2"]["sound"]["cnn"]
    assert leaf["accuracy_mean"] == pytest.approx(0.92)
    assert leaf["accuracy_deviation"] == pytest.approx(np.std([0.91, 0.92, 0.93], ddof=1))
    assert "2 classes, cnn on sound: 92.0 % ± 1.0 over 3 seeds of 5 runs" in caplog.text


def test_one_setting_can_be_asked_for(study):
    set_params(study, sweep={"seed": [1, 2], "sonify.hop_length": [64, 16]})
    run_sweep("sonify.hop_length")
    assert read_table(paths.SWEEP)["step"].tolist() == ["64", "16"]
    assert not paths.SEEDS.exists()


@pytest.mark.parametrize(
    ("sweeps", "names", "words"),
    [
        ({}, (), "sweep is empty"),
        ({"seed": [1]}, ("lr",), "lr is not in params.yaml's sweep, which has seed"),
        ({"sonify.iteration": [1]}, (), "sonify.iteration: unknown key; did you mean iterations"),
        ({"sonfy.iterations": [1]}, (), "no block sonfy"),
        ({"sonify.iterations": [4, -1]}, (), "with sonify.iterations=-1"),
        ({"seed": []}, (), "sweep.seed"),
    ],
)
def test_a_sweep_that_cannot_run_is_named_before_anything_runs(study, sweeps, names, words):
    set_params(study, sweep=sweeps)
    with pytest.raises(EarshotError, match=words):
        run_sweep(*names)
    assert not (study / "ran.txt").exists()


def test_a_study_that_fails_is_named_and_params_are_put_back(study):
    set_params(study, sweep={"seed": [1, 666]})
    with pytest.raises(EarshotError, match=r"(?s)too little memory.*stopped at the study with seed=666"):
        run_sweep()
    assert load()["seed"] == 42
    assert not swept.ORIGINAL.exists()


def test_params_that_a_killed_sweep_left_behind_are_put_back(study):
    set_params(study, sweep={"seed": [1]})
    before = paths.PARAMS.read_bytes()
    process = start_sweep(waiting=True)
    process.kill()
    process.join()
    assert load()["seed"] == 1
    run_sweep()
    assert paths.PARAMS.read_bytes() == before


def test_a_sweep_that_is_told_to_end_puts_params_back_itself(study):
    set_params(study, sweep={"seed": [1]})
    before = paths.PARAMS.read_bytes()
    process = start_sweep(waiting=True)
    process.terminate()
    process.join()
    assert process.exitcode == 128 + signal.SIGTERM
    assert paths.PARAMS.read_bytes() == before


def test_what_a_killed_sweep_has_started_ends_with_it(study):
    set_params(study, sweep={"seed": [1]})
    os.mkfifo("at_work")
    write_bytes("scripts/repro", b"#!/bin/sh\nexec 3> at_work\necho on >&3\nsleep 60\n")
    (study / "scripts/repro").chmod(stat.S_IRWXU)
    process = start_sweep()
    with (study / "at_work").open("rb") as at_work:
        assert at_work.readline() == b"on\n"
        process.kill()
        process.join()
        assert at_work.read() == b""  # at its end with the last process that holds it
    assert swept.is_abandoned()


def test_params_edited_after_a_kill_are_not_overwritten(study):
    set_params(study, sweep={"seed": [1]})
    process = start_sweep(waiting=True)
    process.kill()
    process.join()
    set_params(study, lr=0.5)
    with pytest.raises(EarshotError, match=r"params.yaml was edited after a sweep was killed"):
        run_sweep()
    assert load()["lr"] == 0.5
    assert swept.ORIGINAL.exists()


def test_two_sweeps_do_not_meet(study, monkeypatch):
    monkeypatch.setattr(locks, "PATIENCE_S", 0.0)
    set_params(study, sweep={"seed": [1]})
    process = start_sweep(waiting=True)
    with pytest.raises(EarshotError, match="Another sweep is at work"):
        run_sweep()
    assert load()["seed"] == 1
    process.terminate()
    process.join()


def test_a_sweep_of_sonify_is_for_pictures(study):
    set_params(study, sweep={"sonify.hop_length": [64]}, views=["sound"], **{"dataset.kind": "sounds"})
    with pytest.raises(EarshotError, match=r"sonify.hop_length changes nothing where dataset.kind is sounds"):
        run_sweep()
