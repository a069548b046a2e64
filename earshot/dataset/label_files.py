"""Which file of a data set a table of labels means: by its path, or by what else can mean one file alone."""

import contextlib
import os
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath

from earshot.config.base import Kind
from earshot.core.errors import EarshotError
from earshot.dataset.files import ENDINGS, File, file_of
from earshot.dataset.label_table import KEPT, Table
from earshot.dataset.links import homes_of, leads_out
from earshot.reading.big_arrays import big_item


def inside(root: str | Path, name: str, links: Sequence[str]) -> Path:
    """The path of a file under the root. Raises for one that is not there or leads out of it.

    links : folders outside of the root that links may lead to
    """
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts:
        raise EarshotError(f"{name!r} leads out of {root}; name files by their path below it")
    path = Path(root) / pure
    if not path.is_file():
        raise EarshotError(f"{path.as_posix()} is not there")
    if leads_out(path, homes_of(root, links)):
        raise EarshotError(
            f"{path.as_posix()} is a link out of {root}; put the file itself there, or name its folder in dataset.links"
        )
    return path


def finder(
    root: str | Path, files: Sequence[File], *, kind: Kind, links: Sequence[str]
) -> Callable[[str], File]:
    """A function from what a table calls a file to its File.

    The table may write a path below the root, with backslashes, in another case or Unicode form, without its ending,
    from the repository's root or absolute; or the file's own name, where no other file has it.
    """
    listed = {file.name: file for file in files}
    members = _by(files, lambda file: _in_tar(file) if file.shard is not None else "")
    # What is looked up in turn where no file has the very name.
    loose = [
        (_by(files, lambda file: _folded(file.name)), _folded),
        (_by(files, lambda file: _folded(_stem(file.name))), _folded),
        (_by(files, lambda file: _folded(PurePosixPath(file.name).name)), _bare),
        (_by(files, lambda file: _folded(_stem(PurePosixPath(file.name).name))), _bare),
    ]

    def find(name: str) -> File:
        if not name:
            raise EarshotError("no path")
        given = name
        name = _below(root, name)
        if name in listed:
            return listed[name]
        if item := big_item(Path(root) / name):
            inside(root, item[0].removeprefix(f"{Path(root)}/"), links)
            return file_of(name)
        if name in members:
            return _only(name, members[name])
        if not (Path(root) / name).is_file():
            for table, key in loose:
                if (alike := table.get(key(name))) is not None:
                    return _only(given, alike)
        inside(root, name, links)
        if PurePosixPath(name).suffix.lower() not in ENDINGS[kind]:
            raise EarshotError(f"{name} does not end in one of {', '.join(sorted(ENDINGS[kind]))}")
        return file_of(name)

    return find


def file_column(table: Table, find: Callable[[str], File]) -> str | None:
    """The column of a table that names files, where it is called otherwise."""
    first = [line for _, line in table.rows[:5]]
    for place, name in enumerate(table.header):
        if name.startswith(KEPT):
            with contextlib.suppress(EarshotError):
                for line in first:
                    find(line[place])
                return name.removeprefix(KEPT)
    return None


def _below(root: str | Path, name: str) -> str:
    """A name as a path below the root, where it is one from elsewhere that leads there."""
    if "\\" in name and not (Path(root) / name).exists():
        name = name.replace("\\", "/")
    name = PurePosixPath(name).as_posix()
    if (Path(root) / name).exists() and not name.startswith("/"):
        return name
    for folder in (Path(root).as_posix(), os.path.abspath(root), os.path.realpath(root)):  # noqa: PTH100
        if name.startswith(f"{folder}/"):
            return name.removeprefix(f"{folder}/")
    return name


def _by(files: Iterable[File], key: Callable[[File], str]) -> dict[str, list[File]]:
    table: dict[str, list[File]] = {}
    for file in files:
        table.setdefault(key(file), []).append(file)
    table.pop("", None)
    return table


def _only(name: str, files: Sequence[File]) -> File:
    first, *others = files
    if others and first.shard is not None and others[0].shard is not None:
        raise EarshotError(f"{name} is in {first.shard} and in {others[0].shard}; name the tar too")
    if others:
        raise EarshotError(f"{name} could be {first.name} and {others[0].name}; write the path of one")
    return first


def _in_tar(file: File) -> str:
    return file.name.removeprefix(f"{file.shard}/")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _bare(name: str) -> str:
    """The name as it is looked up among files in any folder; nothing where it names a folder."""
    return "" if "/" in name else _folded(name)


def _stem(name: str) -> str:
    return PurePosixPath(name).with_suffix("").as_posix()
