"""Cross-validation of 24 fits on a Dask cluster of two one-core workers against one of one, all on this machine.

python -m benchmarks.cluster_training [repeats [folds]]

Six configurations of the CNN on so many folds of made-up arrays. Each fit is a process of its own on a worker; the
stage's way from the jobs to the kept results is timed, and both sides must give the same bytes. The scheduler and this
process share the two cores with the workers.
"""

import hashlib
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from earshot.config.cv import CrossValidation
from earshot.config.train import ModelParams
from earshot.core import paths
from earshot.core.io import write_table
from earshot.training.cv_job import CvJob
from earshot.training.cv_on_cluster import cross_validate_on_cluster
from tests.dask_cluster import cluster
from tests.repository import ROOT

ITEMS, CLASSES, EPOCHS = 600, ["a", "b", "c"], 20
TRAINER = {
    "lr": 0.001,
    "batch_size": 32,
    "epochs": EPOCHS,
    "weight_decay": 0.0,
    "patience": 0,
    "device": "cpu",
}
RATES = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03]


def write_study() -> None:
    """The tables and arrays that a fit reads, in this folder."""
    rng = np.random.default_rng(0)
    names = [f"{number:04}" for number in range(ITEMS)]
    items = pd.DataFrame({"id": names, "label": CLASSES * (ITEMS // len(CLASSES)), "group": names})
    write_table(paths.SPLIT, items.assign(split="train"))
    write_table(paths.BALANCED, items.assign(fold=""))
    folder = paths.features("sound")
    rows = pd.DataFrame({"shard": 0, "row": range(ITEMS), "id": names, "start_s": 0.0, "copy": 0})
    write_table(folder / "rows.csv", rows)
    np.save(folder / "00000.npy", rng.normal(size=(ITEMS, 32, 32)).astype(np.float32))


def digest(scheduler: str, job: CvJob) -> str:
    """Train all folds on a cluster; returns a hash of their results."""
    os.environ["EARSHOT_SCHEDULER"] = scheduler
    shutil.rmtree(paths.CHECKPOINTS, ignore_errors=True)
    files = cross_validate_on_cluster(job)
    return hashlib.sha256(b"".join(files[key].read_bytes() for key in sorted(files))).hexdigest()


def main(repeats: int = 3, folds: int = 4) -> None:
    os.environ["PYTHONPATH"] = str(ROOT)
    cv = CrossValidation(model="cnn", subset=3, folds=folds, grid={"lr": RATES})
    job = CvJob(ModelParams("cnn", TRAINER, {}, "train"), cv, CLASSES, 42, is_shared=True)
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        write_study()
        with cluster(Path(place), workers=1) as one, cluster(Path(place), workers=2) as two:
            sides = {"one worker": one.address, "two workers": two.address}
            seconds: dict[str, list[float]] = {name: [] for name in sides}
            digests = set()
            for _ in range(repeats):
                for name, address in sides.items():  # in turns; no fit finds anything warm
                    began = time.perf_counter()
                    digests.add(digest(address, job))
                    seconds[name].append(time.perf_counter() - began)
    assert len(digests) == 1, digests
    one_s, two_s = map(statistics.median, seconds.values())
    fits = folds * len(RATES)
    print(f"{fits} fits: {one_s:.0f} s by one worker, {two_s:.0f} s by two")
    print(f"two against one: {one_s / two_s:.2f} (target 1.85), median of {repeats}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
