"""How a stage runs: alone on its outputs, as long as DVC is there to record them, and on what does not change."""

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from earshot.config import declared
from earshot.core import fingerprint, kept_lock, locks, paths, process, starter, swept
from earshot.core.errors import EarshotError

LOCKS = paths.CHECKPOINTS / "locks"


def begin() -> None:
    """Note what the stage is made from, before it imports what it runs, and end with the DVC that started it."""
    fingerprint.code_at_start()
    if stage := _recorded():
        starter.end_with_dvc()
        with contextlib.suppress(EarshotError):  # which `run_stage` meets again
            declared.at_start(stage)


def run_stage(main: Callable[[], None]) -> None:
    """Run a stage, for the cell of its matrix."""
    process.run(lambda: _run(main), cell="-".join(process.cell_values()))


def _run(main: Callable[[], None]) -> None:
    process.let_in_interrupts()
    if swept.is_abandoned():
        raise EarshotError(
            f"{paths.PARAMS} is as a sweep that was killed has left it: `make repro` puts it back and goes on"
        )
    if kept_lock.is_left_cut_off():
        raise EarshotError(
            f"{kept_lock.LOCK} is as a DVC that was killed while it wrote has left it: `make repro` puts it back and "
            "goes on"
        )
    if int(os.environ.get("RANK", "0")):  # of torchrun's processes the first one writes, and holds the lock
        main()
        return
    name = "@".join(filter(None, [Path(sys.argv[0]).stem, "-".join(process.cell_values())])).replace("/", "_")
    busy = f"{name} is at work in another process, which writes the same files: wait until it ends, or end it"
    with locks.hold(LOCKS / name, busy=busy):
        if stage := _recorded():
            kept_lock.keep_lock()
            declared.at_start(stage)
        main()
        if stage:
            declared.check_unchanged(stage)


def _recorded() -> str | None:
    """The name of the stage that DVC records when this process has ended; None of one that is run by hand."""
    return os.environ.get("DVC_STAGE", "").rpartition(":")[2] or None
