"""The rows of tables of labels as items."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np

from earshot.config.dataset import Part
from earshot.core.errors import EarshotError
from earshot.dataset.files import File, Item
from earshot.dataset.label_sources import Source
from earshot.dataset.label_table import KEPT, Table
from earshot.dataset.several_labels import one_label


@dataclass
class Rows:
    """What the rows of a data set's tables give, one table after the other.

    find : from what a table calls a file to its File, as `finder` gives it
    classes : as `from_tables` takes them
    seen : from a file's segment to where it stands and its item
    several : (line, labels) of the rows with several labels
    repeated : the number of rows that repeat an earlier one
    """

    root: str | Path
    find: Callable[[str], File]
    classes: Sequence[str] | None
    items: list[Item] = field(default_factory=list)
    seen: dict[tuple[str, float | None, float | None], tuple[str, Item]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    several: list[tuple[str, str]] = field(default_factory=list)
    repeated: int = 0

    def add_table(self, table: Table, source: Source, *, files: Sequence[File], where: str) -> None:
        """Take the rows of a table, and what is wrong with each.

        files : that the rows are for, in this order, where no column names them
        where : what stands before a line's number in messages
        """
        for place, (number, line) in enumerate(table.rows):
            given, line_name = dict(zip(table.header, line, strict=True)), f"{where}line {number}"
            label = one_label(given["label"], classes=self.classes)
            if label is None:
                self.several.append((line_name, given["label"]))
                continue
            try:
                if "path" in given and not _is_of(source.recording, given["path"]):
                    file = self.find(given["path"])
                else:
                    file = source.recording or files[place]
                self.add(_item(self.root, given | {"label": label}, file, source.part), line_name)
            except EarshotError as error:
                self.problems.append(f"{line_name}: {error}")

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
