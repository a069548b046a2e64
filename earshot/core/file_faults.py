"""Why a file could not be written, in words that a user can act on: a full disk, a folder without leave to write."""

import errno
import shutil
from pathlib import Path

from earshot.core.errors import EarshotError

REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "this user's quota on the disk is used up",
    errno.EFBIG: "no file may be that large here (`ulimit -f`)",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
}
FULL = {errno.ENOSPC, errno.EDQUOT}


def is_file_fault(error: OSError) -> bool:
    """Whether what the system refused is for the user to mend, and no bug."""
    return error.errno in REASONS


def write_fault(error: OSError, path: Path | None = None, *, size: int = 0) -> EarshotError:
    """The error for a file that could not be written: which, why, what is missing and what to do.

    path : the file or its folder, where the error does not name it
    size : of the whole file in bytes, where it is known
    """
    named = error.filename2 or error.filename
    place = path or (Path(named) if isinstance(named, str) else None)
    reason = REASONS.get(error.errno or 0, error.strerror or str(error))
    # the system names no file where it is an open one that takes no more: here that is what the command prints
    problem = f"{place or 'The output of this command'} could not be written: {reason}"
    if error.errno in FULL:
        return EarshotError(f"{problem}{_room(place, size)}. Make room and repeat the command")
    if error.errno == errno.EROFS:
        return EarshotError(f"{problem}. Mount it for writing and repeat the command")
    if error.errno in (errno.EACCES, errno.EPERM) and place:
        folder = _existing(place.parent)
        return EarshotError(f"{problem}. Let this user write into {folder} and repeat the command")
    return EarshotError(problem)


def _room(place: Path | None, size: int) -> str:
    """How much there is and how much is missing."""
    if place is None:
        return ""
    free = shutil.disk_usage(_existing(place)).free
    if size <= free:  # what was free a moment ago went to this file's beginning, or to others
        return f" ({_amount(free)} are free)"
    return f" ({_amount(size)} are wanted, {_amount(free)} are free: {_amount(size - free)} are missing)"


def _existing(path: Path) -> Path:
    """The path, or the nearest folder above it that is there."""
    return next(place for place in (path, *path.absolute().parents) if place.exists())


def _amount(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"
