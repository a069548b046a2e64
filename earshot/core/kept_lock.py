"""dvc.lock and the last whole copy of it: DVC that is killed while it writes leaves it empty, or a part of it."""

from pathlib import Path

from earshot.core import locks, paths
from earshot.core.io import write_bytes

LOCK = Path("dvc.lock")
COPY = paths.CHECKPOINTS / "dvc.lock"
DVC = Path(".dvc/tmp/lock")  # which DVC holds while it writes


def keep_lock() -> None:
    """Keep a copy of dvc.lock, unless it is cut off."""
    # read once: another DVC may cut it off between two looks
    content = LOCK.read_bytes() if LOCK.is_file() else b""
    if content.endswith(b"\n"):
        write_bytes(COPY, content, sync=True)


def restore_lock() -> bool:
    """Put the kept copy in the place of a dvc.lock that is cut off; whether that was so.

    What the copy lacks, DVC runs again. A record that is older than the data is found to be so.
    """
    if not is_left_cut_off():
        return False
    write_bytes(LOCK, COPY.read_bytes())
    return True


def is_left_cut_off() -> bool:
    """Whether dvc.lock is cut off, no DVC is writing it, and there is a copy to put in its place."""
    return COPY.is_file() and not locks.is_held(DVC) and is_cut_off()


def is_cut_off() -> bool:
    """Whether dvc.lock is there and does not end with a whole line."""
    return LOCK.is_file() and not LOCK.read_bytes().endswith(b"\n")
