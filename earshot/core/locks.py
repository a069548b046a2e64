"""Locks between processes: whoever holds one lets it go by ending, however it ends."""

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from earshot.core.errors import EarshotError

PATIENCE_S = 10.0  # for a process that is about to end


@contextlib.contextmanager
def hold(path: Path, *, busy: str, patience_s: float | None = None) -> Iterator[None]:
    """Hold the lock of that file within the `with`.

    busy : what EarshotError says where another process does not let it go for so long
    patience_s : how long; None is PATIENCE_S
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        give_up = time.monotonic() + (PATIENCE_S if patience_s is None else patience_s)
        while not _take(file):
            if time.monotonic() > give_up:
                raise EarshotError(busy)
            time.sleep(0.05)
        yield


def is_held(path: Path) -> bool:
    """Whether a process holds the lock of that file."""
    if not path.is_file():
        return False
    with path.open("a") as file:
        return not _take(file, fcntl.LOCK_SH)  # which others who ask may have too


def _take(file: IO[str], kind: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
