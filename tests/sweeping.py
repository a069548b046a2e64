"""Sweeps in processes of their own, to be killed. A server imports what they need once: a start would take seconds."""

import argparse
import multiprocessing
from multiprocessing import forkserver

import pytest

from earshot.cli import sweep
from tests.repository import ROOT

server = multiprocessing.get_context("forkserver")
server.set_forkserver_preload([__name__, "torch"])  # which a sweep imports when it checks the models


def start_sweep(*, waiting=False):
    """Start a sweep in the working directory; where it waits, return when it is at work on its first study."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        forkserver.ensure_running()
    ours, theirs = server.Pipe()
    process = server.Process(target=_sweep, args=(theirs if waiting else None,))
    process.start()
    theirs.close()
    if waiting:
        assert ours.recv() == "at work"
        process.waits_for = ours
    return process


def _sweep(connection):
    if connection:
        sweep.reproduce = lambda *jobs, doing: (connection.send("at work"), connection.recv())
    sweep.main(argparse.Namespace(settings=[], jobs=1))
