"""How a stage runs under DVC, on a pipeline of one stage that is made up."""

import sys

import pytest

from earshot.config import declared, stage
from earshot.core import kept_lock, locks, paths, swept
from earshot.core.errors import EarshotError
from earshot.core.io import write_bytes

PIPELINE = """stages:
  train:
    matrix: {view: '${views}', model: '${models}'}
    cmd: python -m stages.train
    deps: ['${dataset.path}', 'features/${item.view}', earshot/models]
    # a comment
    params: [lr, 'zoo.${item.model}']

    outs: ['models/${item.model}']
  evaluate:
    cmd: python -m stages.evaluate
    deps: [models]
"""
PARAMS = """lr: 0.001
views: [sound]
models: [cnn]
dataset: {path: sounds}
zoo: {cnn: {width: 2}, lstm: {hidden: 4}}
"""


@pytest.fixture
def project(in_folder, monkeypatch):
    """A made-up project, as DVC runs the stage train@sound-cnn in it."""
    contents = {
        "dvc.yaml": PIPELINE,
        "params.yaml": PARAMS,
        "sounds/a.wav": "a",
        "sounds/.hidden": "a",
        "features/sound/00000.npy": "a",
        "features/picture/00000.npy": "a",
        "earshot/models/cnn.py": "a",
        "earshot/signal/stft.py": "a",
    }
    for path, content in contents.items():
        write_bytes(path, content.encode())
    monkeypatch.setenv("DVC_STAGE", "train@sound-cnn")
    monkeypatch.setattr(sys, "argv", ["stages/train.py"])
    declared.at_start.cache_clear()
    yield in_folder
    declared.at_start.cache_clear()


@pytest.mark.parametrize(
    ("path", "content", "told"),
    [
        ("params.yaml", PARAMS.replace("0.001", "0.1"), "params.yaml: lr was 0.001, is 0.1"),
        ("params.yaml", PARAMS.replace("width: 2", "width: 3"), "zoo.cnn was {'width': 2}, is {'width': 3}"),
        ("earshot/models/cnn.py", "b", "earshot/models/cnn.py"),
        ("earshot/models/new.py", "b", "earshot/models/new.py was added"),
        ("earshot/models/cnn.py", None, "earshot/models/cnn.py was removed"),
        ("sounds/a.wav", "longer", "sounds/a.wav"),
        ("features/sound/00000.npy", "longer", "features/sound/00000.npy"),
    ],
)
def test_what_is_edited_while_a_stage_runs_fails_it_by_name(project, path, content, told):
    def main():
        if content is None:
            (project / path).unlink()
        else:
            write_bytes(path, content.encode())

    with pytest.raises(EarshotError) as error:
        stage._run(main)
    heading, *lines = str(error.value).splitlines()
    assert heading.startswith("train@sound-cnn: what it is made from was changed while it ran")
    assert [line.strip() for line in lines] == [f"params.yaml: {told}" if told.startswith("zoo") else told]


def test_what_a_stage_does_not_declare_may_be_edited(project):
    def main():
        write_bytes("params.yaml", PARAMS.replace("hidden: 4", "hidden: 5").encode())
        for path in ("earshot/signal/stft.py", "features/picture/00000.npy", "sounds/.hidden"):
            write_bytes(path, b"longer")
        (project / "earshot/models/cnn.py").write_text("a")  # at another time

    stage._run(main)


def test_a_stage_that_is_run_by_hand_is_not_recorded_and_may_be(project, monkeypatch):
    monkeypatch.delenv("DVC_STAGE")
    stage._run(lambda: write_bytes("params.yaml", b"lr: 0.1\n"))


def test_two_processes_do_not_write_the_same_outputs(project, monkeypatch):
    monkeypatch.setattr(locks, "PATIENCE_S", 0.0)

    def at_work():
        with pytest.raises(EarshotError, match="train@sound-cnn is at work in another process"):
            stage._run(lambda: None)
        with monkeypatch.context() as patch:
            patch.setenv("DVC_STAGE", "train@sound-lstm")
            stage._run(lambda: None)

    stage._run(at_work)


def test_a_stage_refuses_what_a_killed_sweep_has_left(project):
    with swept.exclusively():
        swept.keep_original()
        swept.write_variant(PARAMS.replace("0.001", "0.1").encode())
        stage._run(lambda: None)
    with pytest.raises(EarshotError, match="as a sweep that was killed has left it: `make repro`"):
        stage._run(lambda: None)
    assert swept.restore_params()
    declared.at_start.cache_clear()
    assert paths.PARAMS.read_text() == PARAMS
    stage._run(lambda: None)


def test_dvc_lock_is_kept_while_it_is_whole_and_put_back_where_it_is_cut_off(project):
    whole = "schema: '2.0'\nstages:\n  train@sound-cnn:\n    cmd: python -m stages.train\n"
    for cut in ("", whole[:-7]):
        kept_lock.LOCK.write_text(whole)
        stage._run(lambda: None)
        kept_lock.LOCK.write_text(cut)
        kept_lock.keep_lock()  # which keeps nothing
        with locks.hold(kept_lock.DVC, busy="never"):  # as DVC does while it writes
            stage._run(lambda: None)
        with pytest.raises(EarshotError, match="killed while it wrote has left it: `make repro`"):
            stage._run(lambda: None)
        assert kept_lock.restore_lock()
        assert kept_lock.LOCK.read_text() == whole
        assert not kept_lock.restore_lock()
    kept_lock.LOCK.unlink()  # on purpose
    assert not kept_lock.restore_lock()
