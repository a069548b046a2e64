"""What frozen backbones give clips, kept so that each clip is computed once, for all that ask for it.

`.checkpoints/frozen/<backbone>-<size>/outputs` holds what one backbone gave: its name is a hash of all that an output
hangs on beside the clip, and the size is how many numbers an output has. A record is the clip's key, a CRC-32 and the
output; one that is damaged counts as not there. Records are added at the end, so that a kill costs those of the
batches in hand.

Beside it a list for each user, `<user>.keys`, names the clips that it asks for, a user being a model of the study. What
no list names is removed once it is more than half of the file, and a backbone that nobody asks for at once.

Several processes may be at work. `.lock` is held by whoever makes or removes folders and lists, for a moment; a
backbone's file by whoever reads or computes, which may take hours. Who has `.lock` never waits for such a file.
"""

import contextlib
import fcntl
import os
import zlib
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from io import FileIO
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from earshot.core import paths
from earshot.core.file_faults import write_fault
from earshot.core.io import lies_at, remove, write_bytes

FOLDER = paths.CHECKPOINTS / "frozen"
RECORDS, KEYS, LOCK = "outputs", ".keys", ".lock"
KEY_BYTES = 16

Records: TypeAlias = NDArray[Any]  # key, crc, output
Positions: TypeAlias = NDArray[np.int64]
Computed: TypeAlias = Generator[tuple[Positions, NDArray[np.float32]], None, None]
Compute: TypeAlias = Callable[[Positions], Computed]


class KeptOutputs:
    """The outputs that one user asks for. The folder may be emptied while nothing is at work.

    user : a model of the study, `10-sound-cnn`, or `cv`
    """

    def __init__(self, user: str, *, folder: Path = FOLDER) -> None:
        self.folder, self.user = folder, user
        self.asked: dict[Path, set[bytes]] = {}

    def fetch(
        self, backbone: str, keys: Sequence[bytes], *, size: int, compute: Compute
    ) -> tuple[NDArray[np.float32], Positions]:
        """The outputs of clips, those that are not kept computed first: an array of all that is kept, and the clips'
        rows in it.

        backbone : a hash of all that an output hangs on beside the clip
        keys : one a clip, KEY_BYTES long; equal ones are computed once
        size : of an output, in numbers
        compute : positions of clips -> some of these positions and their outputs, (clips, size), until it is through

        While one process computes, others that ask the same backbone wait for what it gives.
        """
        folder, kind = self.folder / f"{backbone}-{size}", _record(size)
        self.asked.setdefault(folder, set()).update(keys)
        with _open(folder) as file:
            own = folder / f"{self.user}{KEYS}"
            with _alone(self.folder):
                _write_keys(own, _read_keys([own]) | set(keys))
            rows = _rows(_records(file, kind), set(keys))
            missing = {key: place for place, key in enumerate(keys) if key not in rows}
            if missing:
                _add(file, kind, keys, compute(np.array(sorted(missing.values()))))
                rows = _rows(_records(file, kind), set(keys))
            outputs: NDArray[np.float32] = np.asarray(_records(file, kind)["output"])
        return outputs, np.array([rows[key] for key in keys], np.int64)

    def forget_others(self) -> None:
        """Let go of what this user has not asked for, if it asked for anything: what was taken over did not ask."""
        if not self.asked:
            return
        with _alone(self.folder):
            for keys in self.folder.glob(f"*/{self.user}{KEYS}"):
                if keys.parent in self.asked:
                    _write_keys(keys, self.asked[keys.parent])
                else:
                    keys.unlink()
            _remove_unused(self.folder)


def forget_users(wanted: Collection[str], *, folder: Path = FOLDER) -> None:
    """Remove what is kept for other users than these alone."""
    if not folder.exists():
        return
    with _alone(folder):
        for keys in folder.glob(f"*/*{KEYS}"):
            if keys.stem not in wanted:
                keys.unlink()
        _remove_unused(folder)


def _remove_unused(folder: Path) -> None:
    """Remove what no user's list names. A backbone that is at work is left alone."""
    for backbone in folder.glob("*/"):
        path = backbone / RECORDS
        with contextlib.suppress(BlockingIOError), _made(path) as file, _locked(file, wait=False):
            if lists := list(backbone.glob(f"*{KEYS}")):
                _drop_unnamed(path, file, _read_keys(lists))
            else:
                remove(backbone)


def _drop_unnamed(path: Path, file: FileIO, named: set[bytes]) -> None:
    """Write the file anew without the records that have no name, where these are more than half of it."""
    records = _records(file, _record(int(path.parent.name.rpartition("-")[2])))
    rows = sorted(_rows(records, named).values())
    if 2 * len(rows) < len(records):
        write_bytes(path, records[rows].tobytes())


def _record(size: int) -> np.dtype[Any]:
    return np.dtype([("key", f"V{KEY_BYTES}"), ("crc", "<u4"), ("output", "<f4", (size,))])


def _records(file: FileIO, kind: np.dtype[Any]) -> Records:
    """The records of the file, memory-mapped; a last one that is not whole is left out."""
    count = os.fstat(file.fileno()).st_size // kind.itemsize
    return np.memmap(file, kind, mode="r", shape=(count,)) if count else np.empty(0, kind)


def _rows(records: Records, keys: Collection[bytes]) -> dict[bytes, int]:
    """From each of these keys that has a whole record to its place. Of several the last counts."""
    there = {key: row for row, key in enumerate(records["key"].tolist()) if key in keys}
    checks = records["crc"]
    return {key: row for key, row in there.items() if _crc(key, records["output"][row]) == checks[row]}


def _crc(key: bytes, output: NDArray[np.float32]) -> int:
    return zlib.crc32(np.ascontiguousarray(output).data, zlib.crc32(key))


def _add(
    file: FileIO,
    kind: np.dtype[Any],
    keys: Sequence[bytes],
    computed: Computed,
) -> None:
    """Put outputs at the end of the file as they come. Where that fails, nothing more is computed."""
    size = os.fstat(file.fileno()).st_size
    with contextlib.closing(computed):
        with _writing(file, size):
            file.truncate(size - size % kind.itemsize)  # what a killed process has not written to its end
        for positions, outputs in computed:
            records = np.empty(len(positions), kind)
            for record, position, output in zip(records, positions, outputs, strict=True):
                record["key"], record["output"] = keys[position], output
                record["crc"] = _crc(keys[position], output)
            content = memoryview(records.tobytes())
            with _writing(file, size):
                while content:
                    content = content[file.write(content) :]


@contextlib.contextmanager
def _writing(file: FileIO, size: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise write_fault(error, Path(str(file.name)), size=size) from None


@contextlib.contextmanager
def _open(folder: Path) -> Iterator[FileIO]:
    """The file of a backbone's records, made where there is none, for this process alone: it waits for others."""
    path = folder / RECORDS
    while True:
        with _alone(folder.parent):
            file = _made(path)
        with file, _locked(file):
            if lies_at(path, file):  # else it was written anew, or removed, while this process waited for it
                yield file
                return


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Within the `with`, no other process makes or removes what lies in the folder, but for records."""
    with _made(folder / LOCK) as file, _locked(file):
        yield


def _made(path: Path) -> FileIO:
    """The file, open to read and to write at its end; made where there is none.

    It has no buffer: what a full disk does not take would be written once more when the file is closed.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("ab+", buffering=0)
    except OSError as error:
        raise write_fault(error, path) from None


@contextlib.contextmanager
def _locked(file: FileIO, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock of an open file.

    wait : for another process that holds it; else BlockingIOError
    """
    fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)  # what is memory-mapped would hold it after the file is closed


def _read_keys(lists: Iterable[Path]) -> set[bytes]:
    content = b"".join(path.read_bytes() for path in lists if path.exists())
    return {content[start : start + KEY_BYTES] for start in range(0, len(content), KEY_BYTES)}


def _write_keys(path: Path, keys: set[bytes]) -> None:
    write_bytes(path, b"".join(sorted(keys)))
