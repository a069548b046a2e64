"""A Dask scheduler and workers on loopback, each a process of its own, as a user starts them."""

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

from tests.repository import ROOT

DASK = [str(Path(sys.executable).with_name("dask"))]
LOOPBACK = ["--host", "127.0.0.1", "--no-dashboard"]


class Cluster:
    """A scheduler and its workers.

    address : str, for EARSHOT_SCHEDULER
    scheduler, workers : subprocess.Popen
    """

    def __init__(self, folder):
        self.folder, self.workers = folder, []
        command = ["scheduler", *LOOPBACK, "--port", "0"]
        self.scheduler, self.address = _start(command, folder, until="Scheduler at:")

    def add_worker(self, folder=None, *, code=ROOT):
        """A worker of one thread in a folder, the cluster's unless told, with the code on its path."""
        command = ["worker", self.address, *LOOPBACK, "--nthreads", "1", "--no-nanny"]
        worker, _ = _start(command, folder or self.folder, until="Registered to:", PYTHONPATH=str(code))
        self.workers.append(worker)
        return worker


@contextmanager
def cluster(folder, *, workers=2):
    """A Cluster of workers that run in the folder, ended afterwards."""
    running = Cluster(folder)
    try:
        for _ in range(workers):
            running.add_worker()
        yield running
    finally:
        for process in (*running.workers, running.scheduler):
            process.kill()
            process.wait()


def _start(command, folder, *, until, **environment):
    """Start a program; return it and the address in the first line of its log that says `until`."""
    process = subprocess.Popen(
        DASK + command,
        cwd=folder,
        env=os.environ | environment,
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    log = []
    for line in process.stderr:
        log.append(line)
        if until in line:
            threading.Thread(target=process.stderr.read, daemon=True).start()  # a full pipe would stop it
            return process, line.split()[-1]
    raise AssertionError("".join(log))
