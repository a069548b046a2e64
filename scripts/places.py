"""How many trainings are to be in flight at once: python -m scripts.places JOBS

With a cluster that trains, as many as it has places, and no more stages that wait for it than memory here has room for.
"""

import sys

import psutil

from earshot.core import cluster, paths

STAGE_BYTES = 300e6  # of a stage that waits, and of the DVC that has started it
SENT = 2  # copies of what a stage sends: as it was read, and packed


def places(jobs: int) -> int:
    """jobs : what this machine does at once"""
    address = cluster.scheduler()
    if address is None:
        return jobs
    with cluster.connected(address, unit="a training", smaller="batch_size") as workers:
        there = workers.gpus() or workers.threads()
    each = STAGE_BYTES + (0 if cluster.sees_this_folder() else SENT * largest_view())
    return max(min(there, int(psutil.virtual_memory().available / each)), 1)


def largest_view() -> int:
    """Bytes of the features of a view, as far as there are some: what a stage sends to workers without this folder."""
    folders = [folder for folder in paths.features("sound").parent.glob("*") if folder.is_dir()]
    return max((sum(file.stat().st_size for file in folder.glob("*")) for folder in folders), default=0)


if __name__ == "__main__":
    from earshot.core import process

    process.run(lambda: print(places(int(sys.argv[1]))))
