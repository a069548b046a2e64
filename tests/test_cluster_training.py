"""Trainings on a real Dask cluster: the bytes that this machine gives, whatever happens to a worker meanwhile."""

import shutil
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

import earshot.core.cluster
from scripts.places import places
from tests.dask_cluster import cluster, ended, stage, stages, start
from tests.study import TINY, set_params, write_params, write_pictures

pytestmark = pytest.mark.servers

STUDY = TINY | {"train.patience": 5, "views": ["sound"], "models": ["cnn"], "runs": 2}
CV = {"cv.folds": 2, "cv.model": "cnn", "cv.subset": 2, "cv.grid": {"lr": [0.01]}}
CELL = "train 2 sound cnn"
OUTPUTS = ("models", "plots/curves", "data/cv", "metrics/cv.json", "plots/cv.csv", ".checkpoints/cv")
LONG = {"epochs": 120, "train.patience": 0, "runs": 3}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Made-up pictures up to their features, without cross-validation."""
    folder = tmp_path_factory.mktemp("study")
    write_pictures(folder, per_class=20)
    write_params(folder, **STUDY)
    stages(folder, "index", "balance", "split", "sonify", "augment", "featurize sound", "cv")
    return folder


@pytest.fixture(autouse=True)
def without_outputs(study):
    yield
    set_params(study, **STUDY)
    clear(study)


def clear(study):
    for name in ("models", "plots/curves", ".checkpoints"):
        shutil.rmtree(study / name, ignore_errors=True)


def files(study):
    """{name: bytes} of what trainings leave."""
    found = [path for name in OUTPUTS for path in [study / name, *(study / name).rglob("*")]]
    return {
        path.relative_to(study).as_posix(): path.read_bytes()
        for path in found
        if path.is_file() and path.suffix != ".lock"
    }


def alone(study, *names):
    """What this machine gives by itself."""
    for name in names:
        stage(study, name)
    expected = files(study)
    clear(study)
    return expected


@pytest.mark.parametrize("shared", ["1", "0"])
def test_a_cluster_trains_the_bytes_of_one_machine(study, tmp_path, shared):
    set_params(study, **CV)
    expected = alone(study, "cv", CELL)
    with cluster(study if shared == "1" else tmp_path) as running:
        told = {"EARSHOT_SCHEDULER": running.address, "EARSHOT_SHARED": shared}
        for name in ("cv", CELL):
            stage(study, name, **told)
        assert files(study) == expected
        shutil.rmtree(study / "models")
        said = stage(study, CELL, **told)
    assert "2 of 2 runs as before, not trained again" in said
    assert files(study) == expected
    assert not list(tmp_path.rglob("*.safetensors"))
    set_params(study, **{"cv.folds": None})
    stage(study, "cv")


def test_a_worker_that_is_killed_has_its_runs_trained_by_the_other(study):
    """Meanwhile the stage that waits has not loaded torch."""
    set_params(study, **LONG)
    expected = alone(study, CELL)
    with cluster(study) as running:
        process = start(
            study, f"stages.{CELL.split()[0]}", *CELL.split()[1:], EARSHOT_SCHEDULER=running.address
        )
        while process.poll() is None and not list(study.glob(".checkpoints/runs/*/*/run_1.lock")):
            pass
        assert process.poll() is None, process.communicate()
        assert "libtorch" not in Path(f"/proc/{process.pid}/maps").read_text()
        children = psutil.Process(running.workers[0].pid).children(recursive=True)
        running.workers[0].kill()
        ended(process)
    psutil.wait_procs(children, timeout=30)
    assert not any(child.is_running() for child in children)
    assert files(study) == expected


def test_runs_go_to_the_workers_that_have_a_gpu(study, tmp_path):
    """The other one, with no code, would fail."""
    expected = alone(study, CELL)
    with cluster(study, workers=0) as running:
        running.add_worker(study, "--resources", "GPU=1")
        running.add_worker(tmp_path, code=tmp_path)
        stage(study, CELL, EARSHOT_SCHEDULER=running.address)
    assert files(study) == expected


def test_what_ends_a_training_is_said_as_on_one_machine(study):
    set_params(study, **{"lr": 1e30})
    here = stage(study, CELL, ok=False)
    with cluster(study, workers=1) as running:
        there = stage(study, CELL, ok=False, EARSHOT_SCHEDULER=running.address)
    set_params(study, lr=0.001)
    assert "training diverged in epoch" in here
    assert there.splitlines()[-1] in here


def test_as_many_trainings_are_in_flight_as_the_cluster_has_places(tmp_path, in_folder, monkeypatch):
    monkeypatch.delenv("EARSHOT_SCHEDULER", raising=False)
    assert places(3) == 3
    with cluster(tmp_path, workers=2) as running:
        monkeypatch.setenv("EARSHOT_SCHEDULER", running.address)
        assert places(1) == 2
        running.add_worker(None, "--resources", "GPU=1")
        assert places(3) == 1


@pytest.mark.parametrize(("shared", "wanted"), [("1", 10), ("0", 6)])
def test_stages_that_send_their_features_are_fewer(in_folder, monkeypatch, shared, wanted):
    """Of 3 GB each takes 300 MB, and twice the 100 MB that it sends."""
    workers = SimpleNamespace(gpus=lambda: 0, threads=lambda: 50)
    monkeypatch.setattr(earshot.core.cluster, "connected", lambda *address, **words: nullcontext(workers))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=3e9 + 1))
    monkeypatch.setenv("EARSHOT_SCHEDULER", "tcp://127.0.0.1:1")
    monkeypatch.setenv("EARSHOT_SHARED", shared)
    for view, size in {"sound": 100, "picture": 10}.items():
        folder = in_folder / "data/features" / view
        folder.mkdir(parents=True)
        with (folder / "0.npy").open("wb") as file:
            file.truncate(size * 10**6)  # a hole, which takes no disk
    assert places(2) == wanted
