"""Finished shards, kept from run to run, so that a stage takes over what is as before.

`.checkpoints/shards/<name>/<hash>/` holds them, the hash being one of all that their content hangs on beside the data:
settings, code, libraries. A shard is two files there, named by a hash of its elements: its content, and beside it
JSON that tells where each element's piece starts and what rows.csv says of it, with a CRC-32 of both.

A run that is killed leaves the shards that it has finished. One that ends keeps its own shards and no others.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeAlias

from earshot.core import paths
from earshot.core.io import write_bytes
from earshot.store.cores import each_on_threads
from earshot.store.formats import Form, crc32

FOLDER = paths.CHECKPOINTS / "shards"
Row: TypeAlias = list[Any]  # what rows.csv says of one row of a shard: texts, numbers, None


class Key(NamedTuple):
    """What an element of a shard is known by, an item or its variant: it is as before where all three are."""

    id: str
    copy: int  # 0 is the item itself, variants count from 1
    source: str  # a hash of what it is made from


class Piece(NamedTuple):
    """What was made of an element: its rows of rows.csv, and its piece of the shard's file, or where that lies."""

    rows: list[Row]
    length: int  # of the piece, in bytes or rows of an array
    content: Any = None
    shard: Path | None = None
    start: int = 0


class Shard(NamedTuple):
    """A finished shard: its file, a checksum of it, its elements and the rows of each."""

    path: Path
    crc32: int
    elements: dict[Key, Piece]


class FinishedShards:
    """The finished shards of a stage, those that are whole. Damaged ones count as not there.

    name : of what is made, `sonify`; stages that make the same share one name
    hangs_on : what JSON holds, all that the content of the shards hangs on beside the elements
    """

    def __init__(self, name: str, hangs_on: Any, *, form: Form) -> None:
        content = json.dumps(hangs_on, sort_keys=True).encode()
        self.folder, self.form = FOLDER / name / hashlib.sha256(content).hexdigest()[:24], form
        self.shards: dict[str, Shard] = {}

    @classmethod
    @contextlib.contextmanager
    def opened(cls, name: str, hangs_on: Any, *, form: Form) -> Iterator[Self]:
        """The kept shards, for this process alone: another that makes the same waits, and finds them made.

        EARSHOT_AFRESH in the environment throws them away first.
        """
        finished = cls(name, hangs_on, form=form)
        finished.folder.mkdir(parents=True, exist_ok=True)
        with (FOLDER / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if os.environ.get("EARSHOT_AFRESH"):
                finished.keep_only([])
            intact = each_on_threads(partial(_read, form), finished.folder.glob("*.json"))
            finished.shards = {shard.path.stem: shard for shard in intact if shard}
            yield finished

    def pieces(self) -> dict[Key, Piece]:
        """Where the piece of each element lies."""
        return {key: piece for shard in self.shards.values() for key, piece in shard.elements.items()}

    def write(self, name: str, pieces: dict[Key, Piece]) -> Shard:
        """Write a shard of pieces that were made or that lie in other shards.

        name : as `name_of` gives it
        """
        sources = {piece.shard: self.form.open(piece.shard) for piece in pieces.values() if piece.shard}
        contents = [
            sources[piece.shard][piece.start : piece.start + piece.length] if piece.shard else piece.content
            for piece in pieces.values()
        ]
        buffers = self.form.join(contents)
        path = self.folder / f"{name}.{self.form.ending}"
        write_bytes(path, *buffers, sync=True)
        about = {
            "crc32": crc32(*buffers),
            "elements": [[*key, piece.length, piece.rows] for key, piece in pieces.items()],
        }
        text = json.dumps(about).encode()
        write_bytes(path.with_suffix(".json"), text, b"\n%d" % crc32(text), sync=True)
        return _shard(path, about)

    def keep_only(self, names: Collection[str]) -> None:
        """Remove all other shards, also those of other settings, code or libraries."""
        for folder in self.folder.parent.iterdir():
            if folder != self.folder:
                shutil.rmtree(folder)
        for path in self.folder.iterdir():
            if path.stem not in names:
                path.unlink()


def name_of(keys: Collection[Key]) -> str:
    """The name of the shard of these elements."""
    return hashlib.sha256(json.dumps(list(keys)).encode()).hexdigest()[:24]


def _read(form: Form, about: Path) -> Shard | None:
    """The shard that a file tells of, None where one of the two is damaged or gone."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        text, _, checksum = about.read_bytes().rpartition(b"\n")
        if crc32(text) == int(checksum):
            shard = _shard(about.with_suffix(f".{form.ending}"), json.loads(text))
            return shard if crc32(shard.path.read_bytes()) == shard.crc32 else None
    return None


def _shard(path: Path, about: dict[str, Any]) -> Shard:
    elements, start = {}, 0
    for name, copy, source, length, rows in about["elements"]:
        elements[Key(name, copy, source)] = Piece(rows, length, shard=path, start=start)
        start += length
    return Shard(path, about["crc32"], elements)
