"""What nothing needs any more leaves `.checkpoints`."""

import fcntl
from pathlib import Path

from earshot.core import cluster
from earshot.store.leftovers import forget_cells


def test_what_is_kept_of_cells_that_the_study_has_no_more_is_removed(in_folder):
    kept = {
        "runs/2-sound-cnn/0a/run_1/run.json",
        "frozen/0b-8/2-sound-cnn.keys",
        "frozen/0c-8/cv.keys",
        "cv/0d.json",
        "backbones/cnn.safetensors",
    }
    kept |= {"shards/featurize-sound/0e/0f.npy", "shards/sonify/0e/0f.tar", "shards/featurize-sound.lock"}
    gone = {
        "runs/2-sound-lstm/0a/run_1/run.json",
        "runs/10-sound-cnn/0a/epoch.pt",
        "backbones/lstm.safetensors",
        "frozen/0b-8/2-picture-cnn.keys",
        "frozen/0d-8/2-picture-cnn.keys",
        "frozen/2-sound-cnn/0b.npy",  # as an older version kept them
    }
    gone |= {"shards/featurize-picture/0e/0f.npy"}
    for name in kept | gone:
        path = Path(".checkpoints", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    forget_cells([2], ["sound", "shuffled"], ["cnn"])
    kept |= {"frozen/.lock", "frozen/0b-8/outputs", "frozen/0c-8/outputs"}
    left = {
        str(path.relative_to(".checkpoints")) for path in Path(".checkpoints").rglob("*") if path.is_file()
    }
    assert left == kept


def test_of_markers_for_a_cluster_those_of_killed_processes_are_removed(in_folder):
    folder = in_folder / ".checkpoints"
    folder.mkdir()
    for name in ("shared-killed", "shared-at-work"):
        (folder / name).touch()
    with (folder / "shared-at-work").open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with cluster.marker() as name:
            assert {path.name for path in folder.glob("shared-*")} == {"shared-at-work", name}
    assert {path.name for path in folder.glob("shared-*")} == {"shared-at-work"}
