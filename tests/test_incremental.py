"""Only what changed, inside a stage too: DVC runs sonify, augment and featurize again on a study that changed a little.

Each test ends with the bytes of a run from scratch, as dvc.lock tells them.
"""

import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from earshot.store import dvc_cache
from tests.study import commit, run, set_params, tiny_study

pytestmark = [pytest.mark.pipeline, pytest.mark.xdist_group("incremental")]

STAGES = ("sonify", "augment", "featurize@sound", "featurize@picture")
ITEMS = 90  # of three classes, and the stages keep two of them
CHANGES = {
    "balance.method": "none",
    "dataset.shard_size": 7,
    "augment.copies": 1,
    "augment.noise_snr_db": [5.0, 20.0],
}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """The tiny study up to its features, with variants, committed."""
    folder = tiny_study(tmp_path_factory.mktemp("study"))
    set_params(folder, **CHANGES)
    run("dvc", "repro", "-q", *STAGES, cwd=folder)
    commit(folder, "Features")
    return folder


@pytest.fixture(autouse=True)
def restored(study, tmp_path):
    kept = tmp_path / "kept"
    shutil.copytree(study / "pictures", kept)
    yield
    shutil.rmtree(study / "pictures")
    kept.rename(study / "pictures")
    run("git", "reset", "-q", "--hard", cwd=study)
    run("dvc", "checkout", "-q", "index", "balance", "split", *STAGES, cwd=study)


def repro(study, *options):
    """Run the stages; returns how many elements each says it took over, and dvc.lock's outputs."""
    output = run("dvc", "repro", *options, *STAGES, cwd=study)
    said = [line.split(": ") for line in output.splitlines() if "as before" in line]
    taken = {name: int(text.split()[0]) for name, text in said}
    lock = YAML(typ="safe").load(study / "dvc.lock")["stages"]
    outs = {name: [out["md5"] for out in lock[name]["outs"]] for name in STAGES}
    return taken, outs


def afresh(study, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setenv("EARSHOT_AFRESH", "1")
        taken, outs = repro(study, "-f", "-s")
    assert taken == {}
    return outs


def test_items_that_are_as_before_are_taken_over(study, monkeypatch):
    """One more, one other, one less, one by another name: what is left of each class are 28 + 29."""
    pictures = study / "pictures"
    shutil.copy(pictures / "c/1.png", pictures / "a/11b.png")
    shutil.copy(pictures / "c/2.png", pictures / "a/12.png")
    (pictures / "a/13.png").unlink()
    (pictures / "b/3.png").rename(pictures / "b/99.png")
    taken, outs = repro(study)
    assert taken["sonify"] == taken["featurize picture"] == 57
    assert taken["augment"] > 35
    assert taken["featurize sound"] == 57 + taken["augment"]
    assert outs == afresh(study, monkeypatch)


def test_a_forced_run_takes_all_over(study):
    before = (study / "dvc.lock").read_bytes()
    taken, _ = repro(study, "-f", "-s")
    assert taken["sonify"] == taken["featurize picture"] == 60
    assert taken["featurize sound"] == 60 + taken["augment"]
    assert (study / "dvc.lock").read_bytes() == before


def test_another_seed_reaches_the_features_though_their_settings_are_the_same(study, monkeypatch):
    set_params(study, seed=1)
    taken, outs = repro(study)
    assert taken.get("featurize sound", 0) == 0
    assert outs == afresh(study, monkeypatch)


OUTPUTS = {
    "sonify": "data/audio",
    "augment": "data/augmented",
    "featurize@sound": "data/features/sound",
    "featurize@picture": "data/features/picture",
}


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        ({}, set()),
        ({"seed": 1}, {"sonify", "augment"}),
        ({"sonify.iterations": 3}, {"sonify", "featurize@sound", "featurize@picture"}),
        ({"sonify.momentum": 0}, {"sonify", "featurize@sound", "featurize@picture"}),
        ({"augment.noise_snr_db": [5.0, 21.0]}, {"augment"}),
        ({"lr": 1e-5, "models": ["cnn"]}, set()),
        ("earshot/core/io.py", set(OUTPUTS)),
        ("earshot/reading/sounds.py", set(OUTPUTS)),
        ("earshot/sonification/new.py", {"sonify", "featurize@sound", "featurize@picture"}),
        ("stages/augment.py", {"augment"}),
        ("requirements.txt", set(OUTPUTS)),
    ],
)
def test_only_what_has_the_settings_and_the_code_of_before_counts(study, monkeypatch, change, touched):
    monkeypatch.chdir(study)
    if isinstance(change, dict):
        set_params(study, **change)
    else:
        with (study / change).open("a") as file:
            file.write("# changed\n")
    found = {stage for stage, folder in OUTPUTS.items() if dvc_cache.output(stage, folder)}
    (study / "earshot/sonification/new.py").unlink(missing_ok=True)
    assert found == set(OUTPUTS) - touched


def test_without_a_lock_or_its_stage_there_is_nothing_before(study, monkeypatch):
    monkeypatch.chdir(study)
    assert dvc_cache.output("featurize", "data/features/sound") == {}
    assert dvc_cache.output("sonify", "data/other") == {}
    monkeypatch.chdir(study / "data")
    assert dvc_cache.output("sonify", "data/audio") == {}


@pytest.fixture
def two_objects(study, monkeypatch):
    """The cache objects that hold the second shard of sonify's and of a view's output; put back afterwards."""
    monkeypatch.chdir(study)
    sounds, arrays = (dvc_cache.output(stage, OUTPUTS[stage]) for stage in ("sonify", "featurize@picture"))
    objects = [sounds["00001.tar"].path, arrays["00001.npy"].path]
    contents = [path.read_bytes() for path in objects]
    yield objects
    for path, content in zip(objects, contents, strict=True):
        path.unlink(missing_ok=True)
        path.write_bytes(content)


def test_damaged_and_missing_cache_objects_are_made_again(study, two_objects):
    """The stages run as DVC runs them, without their outputs; DVC itself would refuse to link a damaged object."""
    expected = {path: path.read_bytes() for path in Path("data").rglob("*.*") if path.is_file()}
    damaged, missing = two_objects
    content = damaged.read_bytes()
    damaged.unlink()  # a link of the study's own file, perhaps
    damaged.write_bytes(content[:-1] + b"x")
    missing.unlink()
    shutil.rmtree("data/audio")
    shutil.rmtree("data/features/picture")
    assert run_alone(study, "sonify") == run_alone(study, "featurize picture") == 60 - 7
    assert {path: path.read_bytes() for path in Path("data").rglob("*.*") if path.is_file()} == expected


def run_alone(study, name):
    module, *view = name.split()
    output = run("python", "-m", f"stages.{module}", *view, cwd=study)
    return int(output.split(f"{name}: ")[1].split()[0])


def test_an_experiment_takes_over_too(study):
    output = run("dvc", "exp", "run", "-S", "dataset.shard_size=8", "sonify", cwd=study)
    assert "sonify: 60 of 60 as before" in output


def test_the_hashes_are_those_of_dvc(study, monkeypatch):
    monkeypatch.chdir(study)
    lock = YAML(typ="safe").load(study / "dvc.lock")["stages"]
    code = [dep for dep in lock["featurize@sound"]["deps"] if dep["path"].startswith(dvc_cache.CODE)]
    assert len(code) > 10
    assert {dep["path"]: dvc_cache._hash(Path(dep["path"])) for dep in code} == {
        dep["path"]: dep["md5"] for dep in code
    }


def test_the_hash_of_a_folder_beside_a_file_of_its_name_is_dvcs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("room/tar.py", "room/tar/more.py", "room/tar-old.py"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(name)
    run("dvc", "init", "-q", "--no-scm", cwd=tmp_path)
    run("dvc", "add", "-q", "room", cwd=tmp_path)
    (out,) = YAML(typ="safe").load(tmp_path / "room.dvc")["outs"]
    assert dvc_cache._hash(Path("room")) == out["md5"]


def test_the_cache_is_found_where_dvc_puts_it(study, tmp_path, monkeypatch):
    monkeypatch.chdir(study)
    assert set(dvc_cache.output("sonify", "data/audio")) == {
        path.name for path in Path("data/audio").iterdir()
    }
    shutil.copytree(study / ".dvc/cache", tmp_path / "cache")
    run("dvc", "cache", "dir", "--local", str(tmp_path / "cache"), cwd=study)
    kept = dvc_cache.output("sonify", "data/audio")
    (study / ".dvc/config.local").unlink()
    assert kept["rows.csv"].path.is_relative_to(tmp_path / "cache")
    assert None not in map(dvc_cache.read, kept.values())
