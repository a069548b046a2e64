"""A Dask scheduler and workers on loopback, and stages that use them, each a process of its own as a user starts it."""

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

    def add_worker(self, folder=None, *options, code=ROOT):
        """A worker of one thread in a folder, the cluster's unless told, with the code on its path."""
        command = ["worker", self.address, *LOOPBACK, "--nthreads", "1", "--no-nanny", *options]
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


def start(folder, *arguments, flag="-m", **environment):
    return subprocess.Popen(
        [sys.executable, flag, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def stage(folder, name, *, ok=True, **environment):
    """Run a stage as DVC does; returns what it says on standard error."""
    module, *view = name.split()
    return ended(start(folder, f"stages.{module}", *view, **environment), ok=ok)


def stages(folder, *names, **environment):
    """Run stages one after the other in one process, which starts but once."""
    calls = (f"sys.argv = {name.split()}; stages.{name.split()[0]}.main()" for name in names)
    imports = "import sys, stages." + ", stages.".join(sorted({name.split()[0] for name in names}))
    process = start(folder, imports + "; " + "; ".join(calls), flag="-c", **environment)
    ended(process)


def ended(process, *, ok=True):
    output, errors = process.communicate()
    assert (process.returncode == 0) == ok, output + errors
    assert "Traceback" not in errors, errors
    return errors


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
