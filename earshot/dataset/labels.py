"""A CSV that says what a data set's items are, in place of class folders."""

import logging
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from earshot.config.base import Kind
from earshot.core.errors import EarshotError, list_problems
from earshot.dataset.files import ENDINGS, File, Item, list_files
from earshot.dataset.label_files import finder, inside
from earshot.dataset.label_table import read_table

log = logging.getLogger(__name__)


def from_csv(root: str | Path, labels: str, *, kind: Kind, links: Sequence[str] = ()) -> list[Item]:
    """Items of a CSV with the columns `path,label[,group][,fold][,start_s][,end_s]`.

    root : path of the data set
    labels : the CSV, relative to the root; its columns as `read_table` takes them, its files as `finder` does
    links : folders outside of the root that links may lead to
    Without a column `path` the rows go to the files in the natural order of their names. An item that is a
    segment of a file has `@start-end` in its id. Raises one EarshotError that lists everything that is wrong.
    """
    try:
        csv_path = inside(root, labels, links)
    except EarshotError as error:
        raise EarshotError(f"dataset.labels: {error}") from None
    header, lines, problems = read_table(csv_path)
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
    find = finder(root, files, kind=kind, links=links)
    rows: list[Item] = []
    seen: dict[tuple[str, float | None, float | None], tuple[int, Item]] = {}
    repeated = 0
    for place, (number, line) in enumerate(lines):
        given = dict(zip(header, line, strict=True))
        try:
            row = _item(root, given, find(given["path"]) if "path" in given else files[place])
            segment = row["path"], row.get("start_s"), row.get("end_s")
            first, same = seen.setdefault(segment, (number, row))
            if first == number:
                rows.append(row)
            elif row != same:
                raise EarshotError(f"{row['id']} stands in line {first} as well")
            else:
                repeated += 1
        except EarshotError as error:
            problems.append(f"line {number}: {error}")
    if problems:
        raise list_problems(f"{csv_path} has {len(problems)} faults; mend them:", problems)
    if repeated:
        log.warning("%s: %d row(s) that repeat an earlier one word by word count once", csv_path, repeated)
    _tell_unnamed(files, rows, root=root, csv_path=csv_path)
    return rows


def _tell_unnamed(files: Sequence[File], rows: Sequence[Item], *, root: str | Path, csv_path: Path) -> None:
    named = {row["path"] for row in rows}
    unnamed = [file.name for file in files if f"{Path(root).as_posix()}/{file.name}" not in named]
    if unnamed:
        log.warning(
            "%d of %d files left out, which %s does not name, %s for one",
            len(unnamed),
            len(files),
            csv_path,
            unnamed[0],
        )


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
