"""Only what changed, inside a stage too: DVC runs sonify, augment and featurize again on a study that changed a little.

Each test ends with the bytes of a run from scratch, as dvc.lock tells them.
"""

import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.study import commit, run, set_params, tiny_study

pytestmark = [pytest.mark.pipeline, pytest.mark.xdist_group("incremental")]

STAGES = ("sonify", "augment", "featurize@sound", "featurize@picture", "featurize@shuffled")
ITEMS = 60  # of 90 pictures of three classes: the stages keep two of them
CHANGES = {
    "views": ["sound", "picture", "shuffled"],
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
    output = run("dvc", "repro", *STAGES, cwd=folder)
    taken = taken_over(output)
    assert {name: count for name, count in taken.items() if count} == shared(taken)
    commit(folder, "Features")
    shutil.copytree(folder / ".checkpoints", folder.with_name("checkpoints"))
    return folder


def shared(taken):
    """What one of `sound` and `shuffled` takes over from the other, whichever comes second: all of it."""
    return {name: count for name, count in taken.items() if name in ("featurize sound", "featurize shuffled")}


@pytest.fixture(autouse=True)
def restored(study, tmp_path):
    kept = tmp_path / "kept"
    shutil.copytree(study / "pictures", kept)
    yield
    for name, before in {"pictures": kept, ".checkpoints": study.with_name("checkpoints")}.items():
        shutil.rmtree(study / name)
        shutil.copytree(before, study / name)
    run("git", "reset", "-q", "--hard", cwd=study)
    run("dvc", "checkout", "-q", "index", "balance", "split", *STAGES, cwd=study)


def taken_over(output):
    """How many elements each stage says that it took over."""
    said = [line.split(": ")[-2:] for line in output.splitlines() if "as before" in line]
    return {name: int(text.split()[0]) for name, text in said}


def repro(study, *options):
    """Run the stages; returns how many elements each says it took over, and dvc.lock's outputs."""
    taken = taken_over(run("dvc", "repro", *options, *STAGES, cwd=study))
    lock = YAML(typ="safe").load(study / "dvc.lock")["stages"]
    outs = {name: [out["md5"] for out in lock[name]["outs"]] for name in STAGES}
    return taken, outs


def afresh(study, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setenv("EARSHOT_AFRESH", "1")
        taken, outs = repro(study, "-f", "-s")
    assert taken == {}
    assert outs["featurize@sound"] == outs["featurize@shuffled"]
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
    assert sorted(shared(taken).values())[0] == 57 + taken["augment"]
    assert sorted(shared(taken).values())[1] == ITEMS + variants(study)
    assert outs == afresh(study, monkeypatch)


def variants(study):
    """How many variants there are."""
    return len((study / "data/augmented/rows.csv").read_text().splitlines()) - 1


def test_a_forced_run_takes_all_over(study):
    before = (study / "dvc.lock").read_bytes()
    taken, _ = repro(study, "-f", "-s")
    assert taken["sonify"] == taken["featurize picture"] == ITEMS
    assert taken["featurize sound"] == taken["featurize shuffled"] == ITEMS + taken["augment"]
    assert (study / "dvc.lock").read_bytes() == before


def test_another_seed_reaches_the_features_though_their_settings_are_the_same(study, monkeypatch):
    set_params(study, seed=1)
    taken, outs = repro(study)
    assert sorted(shared(taken).values()) == [ITEMS + variants(study)]
    assert outs == afresh(study, monkeypatch)


def test_damaged_and_missing_shards_are_made_again(study):
    """The stages run as DVC runs them, without their outputs."""
    expected = {path: path.read_bytes() for path in (study / "data").rglob("*.*") if path.is_file()}
    damaged, missing = (kept_copy(study, path) for path in ("audio/00001.tar", "features/picture/00001.npy"))
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.unlink()  # a link of the study's own file, perhaps
    damaged.write_bytes(content)
    missing.unlink()
    shutil.rmtree(study / "data/audio")
    shutil.rmtree(study / "data/features/picture")
    assert run_alone(study, "sonify") == run_alone(study, "featurize picture") == ITEMS - 7
    assert {path: path.read_bytes() for path in (study / "data").rglob("*.*") if path.is_file()} == expected


def kept_copy(study, name):
    """The kept shard whose content an output has."""
    content = (study / "data" / name).read_bytes()
    kept = (study / ".checkpoints/shards").rglob(f"*{Path(name).suffix}")
    return next(path for path in kept if path.read_bytes() == content)


def run_alone(study, name):
    module, *view = name.split()
    return taken_over(run("python", "-m", f"stages.{module}", *view, cwd=study))[name]


def test_an_experiment_takes_over_too(study):
    output = run("dvc", "exp", "run", "-S", "dataset.shard_size=8", "sonify", cwd=study)
    assert taken_over(output)["sonify"] == ITEMS
