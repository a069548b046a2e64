"""Folders that are made once for all tests, whichever of pytest-xdist's workers asks first."""

import fcntl
import os
import shutil


def made_once(tmp_path_factory, name, make):
    """The folder of this name, which `make(folder)` fills: the first that asks makes it, and others wait.

    It belongs to every test: one that changes something works in a copy.
    """
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # of all workers
    folder, made = root / name, root / f"{name}.made"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)  # what is left of a maker that failed
            make(folder)
            made.touch()
    return folder
