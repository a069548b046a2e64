"""A folder of results: tables that are called as their recordings, and the scores that they were made of.

A table that somebody has edited since it was written, as one corrects labels in Raven, is never written over. Beside
the scores lies a note for each table: the hashes of what this command wrote there.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from earshot.core.errors import list_problems
from earshot.core.io import write_bytes, writing
from earshot.detection.kept_scores import FOLDER


def table_names(sources: Sequence[str], files: Sequence[str], *, ending: str) -> dict[str, str]:
    """The name of each recording's table, below the folder of results.

    sources : the files and folders that were named; what lies in one of these keeps its place below it
    files : the recordings
    ending : of the tables, which stands behind the recordings' names without theirs

    Raises EarshotError where two recordings would have one table.
    """
    folders = [_without_dots(source) for source in sources if Path(source).is_dir()]
    names: dict[str, str] = {}
    for file in files:
        path = _without_dots(file)
        below = next((path.relative_to(folder) for folder in folders if path.is_relative_to(folder)), None)
        inside = Path(path.name) if below is None else below
        names[file] = inside.with_name(f"{inside.stem}{ending}").as_posix()
    _refuse_shared(names)
    return names


def edited(out: Path, names: Iterable[str]) -> list[str]:
    """The tables that are there and not as `write_table` wrote them.

    out : the folder of results
    names : of the tables below it
    """
    return [
        str(out / name)
        for name in names
        if (out / name).exists()
        and (not _note(out, name).exists() or _hash(out / name) not in _note(out, name).read_text().split())
    ]


def refuse_edited(tables: Sequence[str]) -> None:
    """Raise EarshotError where there are tables that were edited."""
    if tables:
        raise list_problems(
            "tables are there that this command did not write, or that were edited since. Move them elsewhere, or name "
            "another --out:",
            tables,
        )


def write_table(out: Path, name: str, write: Callable[[BinaryIO], object]) -> None:
    """Write a table, whole or not at all, and note what it is like.

    write : writes its content into a file
    """
    with writing(out / name) as file:
        write(file)
        file.flush()
        # before the table is there: after a kill between the two it is the one before, which the note has too
        before = [_hash(out / name)] if (out / name).exists() else []
        write_bytes(_note(out, name), "\n".join([*before, _hash(Path(file.name))]).encode())


def _without_dots(path: str) -> Path:
    """A path from the root on without `..`, which would lead out of the folder of results."""
    return Path(os.path.normpath(Path(path).absolute()))


def _note(out: Path, name: str) -> Path:
    return out / FOLDER / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.table"


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refuse_shared(names: Mapping[str, str]) -> None:
    recordings: dict[str, list[str]] = {}
    for file, name in names.items():
        recordings.setdefault(name, []).append(file)
    shared = [f"{name}: {', '.join(files)}" for name, files in recordings.items() if len(files) > 1]
    if shared:
        raise list_problems(
            "some recordings would have the same table; --tables all writes one of all, or give them one by one:",
            shared,
        )
