"""The stages on a real Dask cluster: the bytes that one machine gives, whatever happens to it meanwhile."""

import csv
import io
import shutil

import numpy as np
import pytest
from PIL import Image

from earshot.config.features import Features
from earshot.config.inputs import SoundsInput
from earshot.core import paths
from earshot.models import saved
from earshot.models.build import build_model
from earshot.models.normalization import Normalized
from earshot.reading.sounds import write_wav
from tests.dask_cluster import cluster, ended, stage, stages, start
from tests.models.cards import a_card
from tests.repository import ROOT
from tests.study import set_params

pytestmark = pytest.mark.servers

STUDY = {
    "subsets": [2],
    "views": ["sound", "picture"],
    "dataset.path": "pictures",
    "dataset.shard_size": 8,
    "sonify.rows": 16,
    "sonify.columns": 12,
    "sonify.iterations": 4,
    "augment.copies": 1,
    "augment.noise_snr_db": [5.0, 20.0],
}
SPREAD = ("sonify", "augment", "featurize sound", "featurize picture")
OUTPUTS = ("data/audio", "data/augmented", "data/features", "metrics/sonify.json")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Sixty made-up pictures up to their split, and the outputs of the stages that this machine alone gives."""
    folder = tmp_path_factory.mktemp("study")
    rng = np.random.default_rng(0)
    for number in range(60):
        path = folder / "pictures" / "ab"[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (20, 20), dtype=np.uint8)).save(path)
    shutil.copy(ROOT / "params.yaml", folder)
    set_params(folder, **STUDY)
    stages(folder, "index", "balance", "split", *SPREAD)
    folder.with_name("alone").mkdir()
    for name in OUTPUTS:
        move(folder / name, folder.with_name("alone") / name)
    shutil.rmtree(folder / ".checkpoints")  # which holds all that was made
    return folder


@pytest.fixture(autouse=True)
def without_outputs(study):
    yield
    for name in (*OUTPUTS, ".checkpoints"):
        shutil.rmtree(study / name, ignore_errors=True)
    set_params(study, **STUDY)


def move(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(source, target)


def files(folder):
    """{name: bytes} of a folder's outputs."""
    found = [path for name in OUTPUTS for path in [folder / name, *(folder / name).rglob("*")]]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found if path.is_file()}


def alone(study, *prefixes):
    """What one machine gives, of the outputs that are named."""
    return {
        name: content
        for name, content in files(study.with_name("alone")).items()
        if name.startswith(prefixes or OUTPUTS)
    }


def slow(study):
    """Make a shard of sonify take long enough for something to happen; returns what one machine gives."""
    set_params(study, **{"sonify.iterations": 800})
    stage(study, "sonify")
    expected = files(study)
    shutil.rmtree(study / "data/audio")
    shutil.rmtree(study / ".checkpoints")
    return expected


def first_shard(folder, process):
    """Wait until the first shard is done, and others are not."""
    while process.poll() is None and not any(folder.glob(".checkpoints/shards/sonify/*/*.json")):
        pass
    assert process.poll() is None


@pytest.mark.parametrize("shared", [True, False])
def test_a_cluster_gives_the_bytes_of_one_machine(study, tmp_path, shared):
    with cluster(study if shared else tmp_path) as running:
        told = {"EARSHOT_SCHEDULER": running.address} | ({} if shared else {"EARSHOT_SHARED": "0"})
        stages(study, *SPREAD, **told)
    assert files(study) == alone(study)
    assert not list(tmp_path.rglob("*.tar"))
    assert not list(study.glob(".checkpoints/shared-*"))


def test_a_worker_that_is_killed_has_its_shards_done_by_the_other(study):
    expected = slow(study)
    with cluster(study) as running:
        process = start(study, "stages.sonify", EARSHOT_SCHEDULER=running.address)
        first_shard(study, process)
        running.workers[0].kill()
        ended(process)
    assert files(study) == expected


def test_after_the_schedulers_death_a_second_run_goes_on(study):
    expected = slow(study)
    with cluster(study) as running:
        process = start(study, "stages.sonify", EARSHOT_SCHEDULER=running.address)
        first_shard(study, process)
        running.scheduler.kill()
        assert "the scheduler went away. Start it again" in ended(process, ok=False)
    done = {path.stat().st_ino for path in study.glob(".checkpoints/shards/sonify/*/*.tar")}
    assert done
    assert not list((study / "data/audio").glob("*"))
    stage(study, "sonify")
    assert files(study) == expected
    assert done <= {path.stat().st_ino for path in (study / "data/audio").glob("*.tar")}


@pytest.mark.parametrize("shared", ["1", "0"])
def test_bad_input_is_named_as_on_one_machine(study, tmp_path, shared):
    bad = study / "pictures/b/1.png"
    content = bad.read_bytes()
    bad.write_bytes(content[:100])
    with cluster(study if shared == "1" else tmp_path, workers=1) as running:
        told = {"EARSHOT_SCHEDULER": running.address, "EARSHOT_SHARED": shared}
        there, here = (stage(study, "sonify", ok=False, **environment) for environment in (told, {}))
    bad.write_bytes(content)
    assert "pictures/b/1.png: damaged picture" in there
    assert there.splitlines()[-1] == here.splitlines()[-1]


def test_predictions_are_those_of_one_machine(study, tmp_path):
    features = Features(sample_rate=8000, n_fft=256, hop_length=128, n_mels=16, frames=20)
    network = Normalized(build_model("linear", input_shape=(16, 20), outputs=3, seed=1))
    heard = SoundsInput(features=features)
    card = a_card(input_shape=(16, 20), classes=["a", "b", "c"], model_input=heard)
    saved.save(study / "model", [network], card)
    rng = np.random.default_rng(0)
    (study / "in").mkdir()
    for number in range(40):
        sound = rng.uniform(-1, 1, 2000).astype(np.float32)
        (study / "in" / f"{number}.wav").write_bytes(write_wav(sound, 8000) if number else b"no sound")
    with cluster(tmp_path) as running:
        told = {"EARSHOT_SCHEDULER": running.address, "EARSHOT_SHARED": "0"}
        there, here = (
            start(study, "earshot", "predict", "model", "in", **environment).communicate()
            for environment in (told, {})
        )
    assert there == here, here[1]
    rows = list(csv.DictReader(io.StringIO(here[0])))
    assert [row["path"] for row in rows if row["problem"]] == ["in/0.wav"], here[1]
    assert len(rows) == 40


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://127.0.0.1:1", "no scheduler answers there (Timed out"),
        ("cluster.example", "no scheduler answers there (expected tcp://host:port)"),
        ("http://127.0.0.1:8786", "no scheduler answers there (expected tcp://host:port)"),
        ("tcp://127.0.0.1:port", "no scheduler answers there (expected tcp://host:port)"),
    ],
)
def test_a_wrong_address_is_told_with_the_way_out(study, address, words):
    errors = stage(study, "sonify", ok=False, EARSHOT_SCHEDULER=address)
    assert f"EARSHOT_SCHEDULER={address}: {words}" in errors
    assert "unset EARSHOT_SCHEDULER to work on this machine" in errors


def test_a_scheduler_without_workers_is_told(study):
    with cluster(study, workers=0) as running:
        errors = stage(study, "sonify", ok=False, EARSHOT_SCHEDULER=running.address)
    assert f"Start some with `dask worker {running.address}`" in errors


def test_a_worker_with_other_code_is_refused(study, tmp_path):
    for package in ("earshot", "stages"):
        shutil.copytree(ROOT / package, tmp_path / package)
    (tmp_path / "earshot/core/rng.py").open("a").write("# changed\n")
    with cluster(study, workers=0) as running:
        running.add_worker(code=tmp_path)
        errors = stage(study, "sonify", ok=False, EARSHOT_SCHEDULER=running.address)
    assert "would give other results: it has code " in errors


def test_a_worker_in_another_folder_is_refused(study, tmp_path):
    """One with the same settings and without the data, as in a second clone."""
    shutil.copy(study / "params.yaml", tmp_path)
    with cluster(tmp_path, workers=1) as running:
        errors = stage(study, "sonify", ok=False, EARSHOT_SCHEDULER=running.address)
    assert f"in {tmp_path} on " in errors
    assert "does not see this folder" in errors
    assert "EARSHOT_SHARED=0" in errors


def test_a_worker_without_the_code_is_refused(study, tmp_path):
    with cluster(study, workers=0) as running:
        running.add_worker(tmp_path, code=tmp_path)
        errors = stage(study, "sonify", ok=False, EARSHOT_SCHEDULER=running.address)
    assert "a worker has no module" in errors
    assert "PYTHONPATH" in errors


def test_the_cluster_is_not_asked_where_there_is_nothing_to_do(study):
    set_params(study, **{"augment.copies": 0})
    shutil.copytree(study.with_name("alone") / "data/audio", study / "data/audio")
    stage(study, "augment", EARSHOT_SCHEDULER="tcp://127.0.0.1:1")
    assert (study / paths.AUGMENTED / "rows.csv").is_file()
