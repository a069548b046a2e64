"""The files that a data set's items are made of, in class folders or in tar shards, and the labels they bring."""

import contextlib
import logging
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple, NotRequired, TypedDict

from earshot.config.base import Kind
from earshot.core.errors import EarshotError, list_problems
from earshot.core.ordering import natural_key
from earshot.dataset.links import files_below
from earshot.dataset.parts import NAMES
from earshot.reading.arrays import ARRAY_ENDINGS
from earshot.reading.ffmpeg import HOW_TO_GET_IT, has_ffmpeg, is_for_ffmpeg
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


class Listing(NamedTuple):
    """What lies below a data set's folder."""

    files: list[File]  # of the data set's kind, in the natural order of their names
    strays: list[File]  # those that are of other kinds
    problems: list[str]  # links and folders that cannot be followed, a line each


class Item(TypedDict):
    """One item, before its file is opened."""

    id: str
    path: str  # relative to the repository's root
    label: str
    group: NotRequired[str]
    fold: NotRequired[str]
    split: NotRequired[str]  # as the data set calls its part
    start_s: NotRequired[float | None]  # where the item is a segment of a file
    end_s: NotRequired[float | None]
    given: NotRequired[dict[str, str]]  # what else a table says of it, by column


def list_files(root: str | Path, *, kind: Kind, links: Sequence[str] = ()) -> Listing:
    """The files under a folder, hidden files and folders left out.

    kind : of the files that can be items
    links : folders outside of it that links may lead to
    """
    root = Path(root)
    if not root.is_dir():
        raise EarshotError(f"dataset.path: {root} is not a folder; it should hold one folder a class")
    files: list[File] = []
    strays: list[File] = []
    paths, problems = files_below(root, named=links)
    for path in paths:
        inside = path.relative_to(root)
        if kind in PACKED and path.suffix.lower() == ".tar":
            members = [name for name in member_names(path) if PurePosixPath(name).suffix != LABEL_ENDING]
            inner = [file_of(f"{inside.as_posix()}/{name}", shard=inside.as_posix()) for name in members]
        else:
            inner = [file_of(inside.as_posix())]
        for file in inner:
            is_read = PurePosixPath(file.name).suffix.lower() in ENDINGS[kind]
            (files if is_read else strays).append(file)
    return Listing(sorted(files, key=lambda file: natural_key(file.name)), strays, problems)


def file_of(name: str, *, shard: str | None = None) -> File:
    """The File of a name."""
    inside = name if shard is None else name.removeprefix(f"{shard}/")
    return File(name, PurePosixPath(inside).with_suffix("").as_posix(), shard)


def from_files(
    root: str | Path,
    *,
    kind: Kind,
    classes: Sequence[str] | None = None,
    links: Sequence[str] = (),
    keeps_parts: bool = False,
) -> list[Item]:
    """Items whose label is their class folder, or stands beside them in their tar.

    root : path of the data set, which holds `<label>/…/<name>`, or `train/<label>/…/<name>` and so on
    classes : those that the user names. Others may be of kinds that are not read; a part's name among them is a class
    links : as `list_files` takes them
    keeps_parts : whether the split follows such folders of parts, so that nothing needs to be said of them
    """
    files, strays, blocked = list_files(root, kind=kind, links=links)
    if blocked:
        raise list_problems(f"{root} holds what cannot be followed; mend or remove it:", blocked)
    if not files:
        met = f"; it holds {len(strays)} other file(s), {strays[0].name} for one" if strays else ""
        raise EarshotError(
            f"dataset.path: {root} holds no file ending in {', '.join(sorted(ENDINGS[kind]))} in a class folder{met}"
        )
    loose = [file for file in files if file.shard is None and "/" not in file.name]
    if len(loose) > 1:
        raise EarshotError(
            f"{len(loose)} of {len(files)} files lie in no class folder, {root}/{loose[0].name} for one. Move them to "
            f"{root}/<class>/, or name the table of labels: dataset.labels, `init --labels CSV`, '*.txt' where each "
            "recording has its own"
        )
    parts = _part_folders(files, classes)
    items: list[Item] = []
    problems = []
    for file in files:
        try:
            path = f"{Path(root).as_posix()}/{file.name}"
            items.append({"id": file.id, "path": path, "label": _label(root, file, parts)})
        except EarshotError as error:
            problems.append(str(error))
    if problems:
        raise list_problems(f"{len(problems)} of {len(files)} files have no label:", problems)
    items, undecoded = _without_undecoded(items, files, classes)
    strays = strays + undecoded
    _refuse_unread_classes(root, files, strays, {item["label"] for item in items}, parts, classes)
    if parts and not keeps_parts:
        _tell_parts(root, parts)
    if strays:
        log.warning("%d file(s) of other kinds left out: %s", len(strays), describe_endings(strays))
    return items


def _without_undecoded(
    items: Sequence[Item], files: Sequence[File], classes: Sequence[str] | None
) -> tuple[list[Item], list[File]]:
    """The items, and the files that only ffmpeg reads where there is none: those of classes that `classes` leaves out.

    Raises for those of other classes.
    """
    if has_ffmpeg():
        return list(items), []
    pairs = list(zip(items, files, strict=True))
    lacking = [(item, file) for item, file in pairs if is_for_ffmpeg(file.name)]
    wanted: dict[str, list[File]] = {}
    for item, file in lacking:
        if classes is None or item["label"] in classes:
            wanted.setdefault(item["label"], []).append(file)
    if wanted:
        raise list_problems(
            "some files are read by the program ffmpeg, which is not on the PATH. "
            f"{HOW_TO_GET_IT} dataset.classes may leave whole classes out:",
            [f"{label!r} has {describe_endings(those)}" for label, those in wanted.items()],
        )
    left_out = {file for _, file in lacking}
    return [item for item, file in pairs if file not in left_out], [file for _, file in lacking]


def describe_endings(files: Iterable[File]) -> str:
    """How many files have which ending, with one name of each: `8 .m4a (cat/1.m4a)`."""
    examples: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for file in files:
        ending = PurePosixPath(file.name).suffix.lower()
        examples.setdefault(ending, file.name)
        counts[ending] += 1
    return ", ".join(
        f"{count} {ending or 'without ending'} ({examples[ending]})" for ending, count in counts.most_common()
    )


def _part_folders(files: Sequence[File], classes: Sequence[str] | None) -> list[str]:
    """The folders `train`, `test` and so on; none where there are other folders beside, or where they are classes."""
    tops = {file.name.partition("/")[0] for file in files if file.shard is None and "/" in file.name}
    if all(top.casefold() in NAMES for top in tops) and tops.isdisjoint(classes or ()):
        return sorted(tops, key=natural_key)
    return []


def _tell_parts(root: str | Path, parts: Sequence[str]) -> None:
    log.warning(
        "the folders %s are parts, and the folders inside them classes. `dataset.split: '%s'` keeps these "
        "parts, null splits all items anew",
        ", ".join(parts),
        parts_pattern(root, parts),
    )


def parts_pattern(root: str | Path, parts: Sequence[str]) -> str:
    """What `dataset.split` takes for folders of parts right below the root: one above it may be called `train` too."""
    names = "|".join(re.escape(part) for part in parts)
    return f"^{re.escape(Path(root).as_posix())}/({names})/"


def _refuse_unread_classes(
    root: str | Path,
    files: Sequence[File],
    strays: Sequence[File],
    labels: Collection[str],
    parts: Collection[str],
    classes: Sequence[str] | None,
) -> None:
    """Raise for classes of which not one file is read, unless `classes` leaves them out."""
    beside = {(file.shard, file.id) for file in files}
    unread: dict[str, list[File]] = {}
    for file in strays:
        if file.shard is None:
            label = _class_folder(file.name, parts)
        elif (file.shard, file.id) in beside:
            continue
        else:
            label = None
            with contextlib.suppress(EarshotError):  # not every member has a label
                label = _label_beside(root, file)
        if label and label not in labels and (classes is None or label in classes):
            unread.setdefault(label, []).append(file)
    if unread:
        raise list_problems(
            f"{root}: of {len(unread)} class(es) no file is of a kind that is read. Convert the files, or leave these "
            f"classes out, dataset.classes: [{', '.join(sorted(labels, key=natural_key))}]:",
            [f"{label!r} has {describe_endings(those)}" for label, those in unread.items()],
        )


def _class_folder(name: str, parts: Collection[str]) -> str | None:
    """The folder that is a file's class; None where it lies in none."""
    folders = name.split("/")[:-1]
    if folders and folders[0] in parts:
        del folders[0]
    return folders[0] if folders else None


def _label(root: str | Path, file: File, parts: Collection[str]) -> str:
    if file.shard is None:
        if (label := _class_folder(file.name, parts)) is not None:
            return label
        part, inside, name = file.name.rpartition("/")
        if inside:
            raise EarshotError(
                f"{root}/{file.name} lies in a part of the data set and in no class folder; move it to "
                f"{root}/{part}/<class>/{name}, or name {part} in dataset.classes if it is a class"
            )
        raise EarshotError(
            f"{root}/{file.name} lies in no class folder; move it to {root}/<class>/{file.name}, or name the table "
            "of labels in dataset.labels, '*.txt' where each recording has its own"
        )
    return _label_beside(root, file)


def _label_beside(root: str | Path, file: File) -> str:
    beside = f"{root}/{file.shard}/{file.id}{LABEL_ENDING}"
    label = bytes_of(beside).decode("utf-8", errors="replace").strip()
    if not label:
        raise EarshotError(f"{beside} is empty, expected a class name")
    return label
