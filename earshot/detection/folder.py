"""A folder of results: tables that are called as their recordings, and the scores that they were made of.

A table that somebody has edited since it was written, as one corrects labels in Raven, is never written over.
"""

import hashlib
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
    folders = [Path(source) for source in sources if Path(source).is_dir()]
    names: dict[str, str] = {}
    for file in files:
        path = Path(file)
        below = next((path.relative_to(folder) for folder in folders if path.is_relative_to(folder)), None)
        inside = Path(path.name) if below is None else below
        names[file] = inside.with_name(f"{inside.stem}{ending}").as_posix()
    _refuse_shared(names)
    return names


def refuse_edited(out: Path, names: Iterable[str]) -> None:
    """Raise EarshotError where tables are there that are not as `write_table` wrote them.

    out : the folder of results
    names : of the tables below it
    """
    edited = [
        str(out / name)
        for name in names
        if (out / name).exists()
        and (not _note(out, name).exists() or _note(out, name).read_text() != _hash(out / name))
    ]
    if edited:
        raise list_problems(
            "tables are there that this command did not write, or that were edited since. Move them elsewhere, or name "
            "another --out:",
            edited,
        )


def write_table(out: Path, name: str, write: Callable[[BinaryIO], object]) -> None:
    """Write a table, whole or not at all, and note what it is like.

    write : writes its content into a file
    """
    with writing(out / name) as file:
        write(file)
    write_bytes(_note(out, name), _hash(out / name).encode())


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
