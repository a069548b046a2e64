"""The files that a data set's items are made of, in class folders or in tar shards, and the labels they bring."""

import logging
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple, NotRequired, TypedDict

from earshot.config.base import Kind
from earshot.core.errors import EarshotError, list_problems
from earshot.core.ordering import natural_key
from earshot.reading.arrays import ARRAY_ENDINGS
from earshot.reading.members import bytes_of, member_names
from earshot.reading.pictures import PICTURE_ENDINGS
from earshot.reading.sounds import SOUND_ENDINGS

log = logging.getLogger(__name__)

ENDINGS: Mapping[Kind, Collection[str]] = {
    "pictures": PICTURE_ENDINGS,
    "sounds": SOUND_ENDINGS,
    "spectrograms": ARRAY_ENDINGS,
}
PACKED: frozenset[Kind] = frozenset({"sounds"})  # the kinds that are also read from tar shards
LABEL_ENDING = ".cls"  # WebDataset: `<id>.wav` has its label in `<id>.cls`


class File(NamedTuple):
    """One file that can be an item."""

    name: str  # the path under the data set's folder, `cat/1.wav` or `00000.tar/1.wav`
    id: str  # the name without its ending; of a tar's member without the tar, so that packing it anew keeps it
    shard: str | None  # the tar that it lies in


class Item(TypedDict):
    """One item, before its file is opened."""

    id: str
    path: str  # relative to the repository's root
    label: str
    group: NotRequired[str]
    fold: NotRequired[str]
    start_s: NotRequired[float | None]  # where the item is a segment of a file
    end_s: NotRequired[float | None]


def list_files(root: str | Path, *, kind: Kind) -> tuple[list[File], list[str]]:
    """The files under a folder that can be items of this kind, in the natural order of their names.

    Returns them, and the names of the files that are of other kinds. Hidden files and folders are left out.
    """
    root = Path(root)
    if not root.is_dir():
        raise EarshotError(f"dataset.path: {root} is not a folder; it should hold one folder a class")
    files, strays = [], []
    for path in root.rglob("*"):
        inside = path.relative_to(root)
        if any(name.startswith(".") for name in inside.parts) or not path.is_file():
            continue
        if kind in PACKED and path.suffix.lower() == ".tar":
            members = [name for name in member_names(path) if PurePosixPath(name).suffix != LABEL_ENDING]
            inner = [file_of(f"{inside.as_posix()}/{name}", shard=inside.as_posix()) for name in members]
        else:
            inner = [file_of(inside.as_posix())]
        for file in inner:
            if PurePosixPath(file.name).suffix.lower() in ENDINGS[kind]:
                files.append(file)
            else:
                strays.append(file.name)
    return sorted(files, key=lambda file: natural_key(file.name)), sorted(strays)


def file_of(name: str, *, shard: str | None = None) -> File:
    """The File of a name."""
    inside = name if shard is None else name.removeprefix(f"{shard}/")
    return File(name, PurePosixPath(inside).with_suffix("").as_posix(), shard)


def from_files(root: str | Path, *, kind: Kind) -> list[Item]:
    """Items whose label is their class folder, `root/<label>/…/<name>`, or stands beside them in their tar.

    root : path of the data set
    """
    files, strays = list_files(root, kind=kind)
    if not files:
        met = f"; it holds {len(strays)} other file(s), {strays[0]} for one" if strays else ""
        raise EarshotError(
            f"dataset.path: {root} holds no file ending in {', '.join(sorted(ENDINGS[kind]))} in a class folder{met}"
        )
    items: list[Item] = []
    problems = []
    for file in files:
        try:
            path = f"{Path(root).as_posix()}/{file.name}"
            items.append({"id": file.id, "path": path, "label": _label(root, file)})
        except EarshotError as error:
            problems.append(str(error))
    if problems:
        raise list_problems(f"{len(problems)} of {len(files)} files have no label:", problems)
    if strays:
        log.warning("%d file(s) of other kinds left out, %s for one", len(strays), strays[0])
    return items


def _label(root: str | Path, file: File) -> str:
    if file.shard is None:
        label, inside, _ = file.name.partition("/")
        if not inside:
            raise EarshotError(
                f"{root}/{file.name} lies in no class folder; move it to {root}/<class>/{file.name}, or name a CSV "
                "of labels in dataset.labels"
            )
        return label
    beside = f"{root}/{file.shard}/{file.id}{LABEL_ENDING}"
    label = bytes_of(beside).decode("utf-8", errors="replace").strip()
    if not label:
        raise EarshotError(f"{beside} is empty, expected a class name")
    return label
