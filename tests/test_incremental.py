"""Only what changed, inside a stage too: sonify, augment and featurize run again on a study that changed a little.

Each test ends with the bytes of a run from scratch.
"""

import contextlib
import logging
import shutil
from pathlib import Path

import joblib
import pytest

from earshot.core import paths
from stages import augment, balance, featurize, index, sonify, split
from tests.shared import made_once
from tests.study import TINY, call, run, set_params, write_params, write_pictures

VIEWS = ("sound", "picture", "shuffled")
ITEMS = 60  # of 90 pictures of three classes: the stages keep two of them
CHANGES = {
    "views": list(VIEWS),
    "balance.method": "none",
    "dataset.shard_size": 7,
    "augment.copies": 1,
    "augment.noise_snr_db": [5.0, 20.0],
}
OUTS = {"sonify": paths.AUDIO, "augment": paths.AUGMENTED} | {
    f"featurize {view}": paths.features(view) for view in VIEWS
}


@pytest.fixture(autouse=True)
def one_process():
    """Shards one after the other in this process: workers would keep the first test's folder."""
    with joblib.parallel_config("sequential"):
        yield


@pytest.fixture
def study(tmp_path_factory, tmp_path, monkeypatch):
    """A copy of the tiny study up to its features, with variants, as the working directory."""

    def make(folder):
        write_pictures(folder)
        write_params(folder, **TINY | CHANGES)
        with monkeypatch.context() as patched:
            patched.chdir(folder)
            repro()

    made = made_once(tmp_path_factory, "features", make)
    folder = shutil.copytree(made, tmp_path / "study")
    monkeypatch.chdir(folder)
    return folder


def repro():
    """Run the stages, without their outputs, as DVC does.

    Returns how many elements each says it took over, and the content of its outputs.
    """
    for folder in OUTS.values():
        shutil.rmtree(folder, ignore_errors=True)
    with logged() as lines:
        for stage in (index, balance, split, sonify, augment):
            call(stage)
        for view in VIEWS:
            call(featurize, view)
    return taken_over(lines), contents()


def contents():
    """The bytes of each stage's output, by the names of its files."""
    return {
        name: {path.name: path.read_bytes() for path in folder.iterdir()} for name, folder in OUTS.items()
    }


@contextlib.contextmanager
def logged():
    """The lines that Earshot logs meanwhile."""
    lines, logger = [], logging.getLogger("earshot")
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)
    logger.setLevel(level)


def taken_over(lines):
    """How many elements each stage says that it took over."""
    said = [line.split(": ")[-2:] for line in lines if "as before" in line]
    return {name: int(text.split()[0]) for name, text in said}


def afresh(monkeypatch):
    """The content of the outputs of a run that takes nothing over."""
    with monkeypatch.context() as patched:
        patched.setenv("EARSHOT_AFRESH", "1")
        taken, outs = repro()
    assert taken == {}
    assert outs["featurize sound"] == outs["featurize shuffled"]
    return outs


def variants():
    """How many variants there are."""
    return len((paths.AUGMENTED / "rows.csv").read_text().splitlines()) - 1


def test_views_that_read_the_same_sounds_share_what_is_made_of_them(study):
    """Nothing is kept yet: all of `shuffled` is taken over from `sound`."""
    shutil.rmtree(paths.CHECKPOINTS)
    taken, _ = repro()
    assert taken == {"featurize shuffled": ITEMS + variants()}


def test_items_that_are_as_before_are_taken_over(study, monkeypatch):
    """One more, one other, one less, one by another name: what is left of each class are 28 + 29."""
    pictures = study / "pictures"
    shutil.copy(pictures / "c/1.png", pictures / "a/11b.png")
    shutil.copy(pictures / "c/2.png", pictures / "a/12.png")
    (pictures / "a/13.png").unlink()
    (pictures / "b/3.png").rename(pictures / "b/99.png")
    taken, outs = repro()
    assert taken["sonify"] == taken["featurize picture"] == 57
    assert taken["augment"] > 35
    assert taken["featurize sound"] == 57 + taken["augment"]
    assert taken["featurize shuffled"] == ITEMS + variants()
    assert outs == afresh(monkeypatch)


def test_a_run_where_nothing_changed_takes_all_over(study):
    before = contents()
    taken, outs = repro()
    assert taken["sonify"] == taken["featurize picture"] == ITEMS
    assert taken["featurize sound"] == taken["featurize shuffled"] == ITEMS + taken["augment"]
    assert taken["augment"] == variants()
    assert outs == before


def test_another_seed_reaches_the_features_though_their_settings_are_the_same(study, monkeypatch):
    set_params(study, seed=1)
    taken, outs = repro()
    assert taken == {"featurize shuffled": ITEMS + variants(), "featurize picture": ITEMS}
    assert outs == afresh(monkeypatch)


def test_damaged_and_missing_shards_are_made_again(study):
    expected = {path: path.read_bytes() for path in Path("data").rglob("*.*") if path.is_file()}
    damaged, missing = (kept_copy(path) for path in ("audio/00001.tar", "features/picture/00001.npy"))
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    missing.unlink()
    taken, _ = repro()
    assert taken["sonify"] == taken["featurize picture"] == ITEMS - 7
    assert {path: path.read_bytes() for path in Path("data").rglob("*.*") if path.is_file()} == expected


def kept_copy(name):
    """The kept shard whose content an output has."""
    content = (Path("data") / name).read_bytes()
    kept = (paths.CHECKPOINTS / "shards").rglob(f"*{Path(name).suffix}")
    return next(path for path in kept if path.read_bytes() == content)


@pytest.mark.pipeline
@pytest.mark.slow
def test_an_experiment_takes_over_too(reproduced_study, tmp_path):
    """Through DVC, which removes the outputs first, with processes for the shards."""
    study = shutil.copytree(reproduced_study, tmp_path / "dvc", symlinks=True)
    output = run("dvc", "exp", "run", "-S", "dataset.shard_size=8", "sonify", cwd=study)
    assert taken_over(output.splitlines())["sonify"] == ITEMS
