"""A CSV that says what a data set's items are, in place of class folders."""

import csv
import difflib
import math
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from earshot.config.base import Kind
from earshot.core.errors import EarshotError, list_problems
from earshot.dataset.files import ENDINGS, File, Item, file_of, list_files
from earshot.dataset.links import homes_of, leads_out

COLUMNS = ("path", "label", "group", "fold", "start_s", "end_s")
ALIASES = {"file": "path", "filename": "path"}


def from_csv(root: str | Path, labels: str, *, kind: Kind, links: Sequence[str] = ()) -> list[Item]:
    """Items of a CSV with the columns `path,label[,group][,fold][,start_s][,end_s]`.

    root : path of the data set
    labels : the CSV, relative to the root
    links : folders outside of the root that links may lead to
    Without a column `path` the rows go to the files in the natural order of their names. An item that is a
    segment of a file has `@start-end` in its id. Raises one EarshotError that lists everything that is wrong.
    """
    try:
        csv_path = _inside(root, labels, links)
    except EarshotError as error:
        raise EarshotError(f"dataset.labels: {error}") from None
    header, lines, problems = _read(csv_path)
    problems += _column_problems(header)
    files, _, blocked = list_files(root, kind=kind, links=links)
    if "path" not in header:
        problems += blocked
    if "path" not in header and len(lines) != len(files):
        problems.append(
            f"{len(lines)} rows and no column path, and {len(files)} files ending in "
            f"{', '.join(sorted(ENDINGS[kind]))}: each row needs its file"
        )
    if problems:
        raise list_problems(f"{csv_path} cannot be used; mend it:", problems)
    find = _finder(root, files, kind=kind, links=links)
    rows: list[Item] = []
    first_lines: dict[tuple[str, float | None, float | None], int] = {}
    for place, (number, line) in enumerate(lines):
        given = dict(zip(header, line, strict=True))
        try:
            row = _item(root, given, find(given["path"]) if "path" in given else files[place])
            segment = row["path"], row.get("start_s"), row.get("end_s")
            if (first := first_lines.setdefault(segment, number)) != number:
                raise EarshotError(f"{row['id']} stands in line {first} as well")
            rows.append(row)
        except EarshotError as error:
            problems.append(f"line {number}: {error}")
    if problems:
        raise list_problems(f"{csv_path} has {len(problems)} faults; mend them:", problems)
    return rows


def _inside(root: str | Path, name: str, links: Sequence[str]) -> Path:
    """The path of a file under the root. Raises for one that is not there or leads out of it."""
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


def _read(path: Path) -> tuple[list[str], list[tuple[int, list[str]]], list[str]]:
    """The header, (line number, values) of each row that is not blank, and what is wrong with them."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            lines = [(reader.line_num, [value.strip() for value in line]) for line in reader if any(line)]
    except (csv.Error, UnicodeDecodeError) as error:
        raise EarshotError(f"{path}: cannot be read as CSV in UTF-8 ({error})") from None
    if len(lines) < 2:
        raise EarshotError(
            f"{path}: holds no rows; expected a header, {','.join(COLUMNS[:2])}, and a row an item"
        )
    header = [ALIASES.get(name, name) for name in lines[0][1]]
    problems = [
        f"line {number}: {len(line)} values, the header names {len(header)}"
        for number, line in lines[1:]
        if len(line) != len(header)
    ]
    return header, lines[1:], problems


def _column_problems(header: Sequence[str]) -> list[str]:
    problems = []
    for name in dict.fromkeys(header):
        if name not in COLUMNS:
            near = difflib.get_close_matches(name, COLUMNS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(COLUMNS)}"
            problems.append(f"unknown column {name!r}; {hint}")
        elif header.count(name) > 1:
            problems.append(f"the column {name} is there {header.count(name)} times")
    if "label" not in header:
        problems.append(f"no column label; it has {', '.join(header)}")
    return problems


def _finder(
    root: str | Path, files: Sequence[File], *, kind: Kind, links: Sequence[str]
) -> Callable[[str], File]:
    """A function from what the CSV calls a file to its File. A tar's member may go by its own name alone."""
    listed = {file.name: file for file in files}
    members: dict[str, list[File]] = {}
    for file in files:
        if file.shard is not None:
            members.setdefault(file.name.removeprefix(f"{file.shard}/"), []).append(file)

    def find(name: str) -> File:
        if not name:
            raise EarshotError("no path")
        name = PurePosixPath(name).as_posix()
        if name in listed and listed[name].shard is not None:
            return listed[name]
        if name in members and name not in listed:
            first, *others = members[name]
            if others:
                raise EarshotError(f"{name} is in {first.shard} and in {others[0].shard}; name the tar too")
            return first
        _inside(root, name, links)
        if PurePosixPath(name).suffix.lower() not in ENDINGS[kind]:
            raise EarshotError(f"{name} does not end in one of {', '.join(sorted(ENDINGS[kind]))}")
        return listed.get(name) or file_of(name)

    return find


def _item(root: str | Path, given: dict[str, str], file: File) -> Item:
    for column in ("label", "group", "fold"):
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
    if "start_s" in given or "end_s" in given:
        item["start_s"], item["end_s"] = start, end
    return item


def _seconds(given: dict[str, str], column: str) -> float | None:
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
