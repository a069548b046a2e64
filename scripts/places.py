"""How many trainings are to be in flight at once: python -m scripts.places JOBS

With a cluster that trains, as many as it has places, and no more stages that wait for it than memory here has room for.
"""

import sys

import psutil

from earshot.core import cluster

STAGE_BYTES = 300e6  # of a stage that waits, and of the DVC that has started it


def places(jobs: int) -> int:
    """jobs : what this machine does at once"""
    address = cluster.scheduler()
    if address is None:
        return jobs
    with cluster.connected(address, unit="a training", smaller="batch_size") as workers:
        there = workers.gpus() or workers.threads()
    return max(min(there, int(psutil.virtual_memory().available / STAGE_BYTES)), 1)


if __name__ == "__main__":
    from earshot.core import process

    process.run(lambda: print(places(int(sys.argv[1]))))
