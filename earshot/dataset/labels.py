"""A CSV that says what a data set's items are, in place of class folders."""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np

from earshot.config.base import Kind
from earshot.config.dataset import Column, Multilabel, Order, Part
from earshot.core.errors import EarshotError, list_problems
from earshot.dataset.array_tables import is_array, read_arrays
from earshot.dataset.files import ENDINGS, File, Item, file_of, list_files
from earshot.dataset.label_files import file_column, finder
from earshot.dataset.label_sources import sources_of
from earshot.dataset.label_table import KEPT, Table
from earshot.dataset.segment_tables import read_segments
from earshot.dataset.several_labels import labels_in, one_label
from earshot.reading.big_arrays import shapes_in

EXAMPLES = 5  # rows with several labels that a message names

log = logging.getLogger(__name__)


def from_tables(
    root: str | Path,
    labels: str | Mapping[Part, str],
    *,
    kind: Kind,
    links: Sequence[str] = (),
    classes: Sequence[str] | None = None,
    columns: Mapping[Column, str | None] | None = None,
    order: Order | None = None,
    multilabel: Multilabel = "refuse",
) -> list[Item]:
    """Items of a table with the columns `path,label[,group][,fold][,split][,start_s][,end_s]`, or of several tables.

    root : path of the data set
    labels : as `sources_of` takes it; the tables' columns as `read_segments` takes them, their files as `finder` does
    links : folders outside of the root that links may lead to
    classes : those that the user names, if any: of a row with several labels, the one that is a class
    columns : as `read_table` takes them
    order : of the files that the rows are for, where there is no column `path`; None takes the natural order of their
        names if `sorted()` gives the same
    multilabel : whether rows with several labels are an error or left out
    An item that is a segment of a file has `@start-end` in its id. Raises one EarshotError that lists everything that
    is wrong with a table.
    """
    files, _, blocked = list_files(root, kind=kind, links=links)
    sources = sources_of(root, labels, files, links=links)
    find = finder(root, files, kind=kind, links=links)
    read = _Read()
    for source in sources:
        if source.recording is not None and not source.path.read_bytes().strip():
            continue  # the track of a recording in which nothing was labelled
        where = f"{source.path}, " if len(sources) > 1 else ""
        read_rows = read_arrays if is_array(source.path) else read_segments
        header, lines, problems = read_rows(source.path, columns=columns)
        in_order = sorted(files, key=lambda file: file.name) if order == "sorted" else files
        if not problems and "path" not in header and source.recording is None:
            if name := file_column(Table(header, lines, []), find):
                problems.append(f"the column {name} names files; dataset.columns: {{path: {name}}} says so")
            elif whole := _in_one_array(root, files, len(lines)):
                in_order = whole
            else:
                problems += blocked + _order_problems(files, lines, kind=kind, order=order)
        read.problems += [where + problem for problem in problems]
        for place, (number, line) in enumerate([] if problems else lines):
            given = dict(zip(header, line, strict=True))
            line_name = f"{where}line {number}"
            label = one_label(given["label"], classes=classes)
            if label is None:
                read.several.append((line_name, given["label"]))
                continue
            try:
                if "path" in given and not _is_of(source.recording, given["path"]):
                    file = find(given["path"])
                else:
                    file = source.recording or in_order[place]
                read.add(_item(root, given | {"label": label}, file, source.part), line_name)
            except EarshotError as error:
                read.problems.append(f"{line_name}: {error}")
    if read.several and multilabel == "refuse":
        read.problems += _several_problems(read.several, classes)
    name = str(sources[0].path) if len(sources) == 1 else f"{root}: {labels}"
    if read.problems:
        raise list_problems(f"{name} cannot be used; mend it:", read.problems)
    if read.several:
        log.warning("%s: %d row(s) with several labels left out", name, len(read.several))
    if read.repeated:
        log.warning("%s: %d row(s) that repeat an earlier one word by word count once", name, read.repeated)
    if not is_array(sources[0].path):  # whose other files are the labels, and what else is said of the items
        _tell_unnamed(files, read.items, root=root, table=name)
    return read.items


@dataclass
class _Read:
    """What the rows so far gave.

    seen : from a file's segment to where it stands and its item
    several : (line, labels) of the rows with several labels
    """

    items: list[Item] = field(default_factory=list)
    seen: dict[tuple[str, float | None, float | None], tuple[str, Item]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    several: list[tuple[str, str]] = field(default_factory=list)
    repeated: int = 0

    def add(self, item: Item, line: str) -> None:
        """Take an item, or raise where its segment is another item already."""
        segment = item["path"], item.get("start_s"), item.get("end_s")
        first, same = self.seen.setdefault(segment, (line, item))
        if first == line:
            self.items.append(item)
        elif item["label"] != same["label"]:
            raise EarshotError(
                f"{item['id']} is {item['label']!r}, and {same['label']!r} in {first}; an item has one label: remove "
                "one of the rows"
            )
        elif item != same:
            raise EarshotError(f"{item['id']} stands in {first} as well")
        else:
            self.repeated += 1


def _is_of(recording: File | None, name: str) -> bool:
    """Whether a table that lies beside a recording means it by this name, whatever its ending."""
    return recording is not None and PurePosixPath(recording.name).stem == PurePosixPath(name).stem


def _in_one_array(root: str | Path, files: Sequence[File], count: int) -> list[File]:
    """The items of the only file, where it is an array of so many; none where it is not."""
    if len(files) != 1 or count < 2 or not is_array(Path(root) / files[0].name):
        return []
    shape = shapes_in(Path(root) / files[0].name)[""]
    names = [f"{files[0].name}/{index}.npy" for index in range(count)]
    return [file_of(name) for name in names] if len(shape) > 2 and shape[0] == count else []


def _order_problems(
    files: Sequence[File], lines: Sequence[tuple[int, list[str]]], *, kind: Kind, order: Order | None
) -> list[str]:
    """Why the rows of a table without paths cannot be given to the files, if so."""
    if len(lines) != len(files):
        return [
            f"{len(lines)} rows and no column path, and {len(files)} files ending in "
            f"{', '.join(sorted(ENDINGS[kind]))}: each row needs its file"
        ]
    if order is not None:
        return []
    names = [file.name for file in files]
    pairs = zip(lines, names, sorted(names), strict=True)
    differ = [(number, natural, plain) for (number, _), natural, plain in pairs if natural != plain]
    if not differ:
        return []
    number, natural, plain = differ[0]
    return [
        f"no column path, and {len(differ)} of {len(files)} rows go to other files in natural order than in sorted() "
        f"order: line {number} to {natural} or to {plain}. Add the column path, or say in which order the table was "
        "written, dataset.order: natural (2 before 10) or sorted (10 before 2, as Python sorts)"
    ]


def _several_problems(several: Sequence[tuple[str, str]], classes: Sequence[str] | None) -> list[str]:
    what = (
        "name the study's classes in dataset.classes, of which each row has one"
        if classes is None
        else "they name two of dataset.classes or more"
    )
    return [f"{line}: {len(labels_in(value))} labels, {value!r}" for line, value in several[:EXAMPLES]] + [
        f"{len(several)} row(s) have several labels, and an item of a study has one: {what}, or leave such rows out, "
        "dataset.multilabel: leave_out"
    ]


def _tell_unnamed(files: Sequence[File], rows: Sequence[Item], *, root: str | Path, table: str) -> None:
    named = {row["path"] for row in rows} | {row["path"].rpartition("/")[0] for row in rows}  # big arrays
    unnamed = [file.name for file in files if f"{Path(root).as_posix()}/{file.name}" not in named]
    if unnamed:
        log.warning(
            "%d of %d files left out, which no row of %s names, %s for one",
            len(unnamed),
            len(files),
            table,
            unnamed[0],
        )


def _item(root: str | Path, given: Mapping[str, str], file: File, part: Part | None) -> Item:
    """part : of the table that the row is in"""
    for column in ("label", "group", "fold", "split"):
        if given.get(column) == "":
            raise EarshotError(f"no {column}")
    start, end = _seconds(given, "start_s"), _seconds(given, "end_s")
    if start is not None and end is not None and start >= end:
        raise EarshotError(f"start_s={start:g} is not before end_s={end:g}")
    suffix = "" if start is None and end is None else f"@{_plain(start)}-{_plain(end)}"
    path = f"{Path(root).as_posix()}/{file.name}"
    item: Item = {"id": file.id + suffix, "path": path, "label": given["label"]}
    if "group" in given:
        item["group"] = given["group"]
    if "fold" in given:
        item["fold"] = given["fold"]
    if "split" in given or part is not None:
        item["split"] = given.get("split") or str(part)
    if "start_s" in given or "end_s" in given:
        item["start_s"], item["end_s"] = start, end
    if beside := {name: value for name, value in given.items() if name.startswith(KEPT)}:
        item["given"] = beside
    return item


def _seconds(given: Mapping[str, str], column: str) -> float | None:
    text = given.get(column, "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise EarshotError(f"{column}={text!r} is no number of seconds")
    return value


def _plain(seconds: float | None) -> str:
    return "" if seconds is None else np.format_float_positional(seconds, trim="-")
