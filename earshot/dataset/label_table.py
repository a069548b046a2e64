"""A table of labels as other tools write it: its dialect, its header, and its rows, before anything is made of them."""

import codecs
import csv
import io
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from earshot.config.dataset import Column
from earshot.core.errors import EarshotError
from earshot.dataset.known_tables import known_table
from earshot.dataset.label_columns import HINTS, column_problems, own_columns

log = logging.getLogger(__name__)

DELIMITERS = ",;\t"
KEPT = "given."  # before the name of a column that is kept and not read


class Table(NamedTuple):
    """The columns that are read, under Earshot's names, and the others, `given.` before theirs."""

    header: list[str]
    rows: list[tuple[int, list[str]]]  # (line number, values), of the rows that are not blank
    problems: list[str]  # what is wrong with header and rows, a line each


def read_table(path: Path, *, columns: Mapping[Column, str | None] | None = None) -> Table:
    """Read a table with a header, in UTF-8 or with a byte order mark, separated by commas, semicolons or tabs.

    columns : from Earshot's name of a column to the table's, in place of what the header itself tells; None for one
        that the table does not have
    Lines before the header that begin with `#`, empty columns and a column that only counts the rows are no matter.
    Where no column holds the labels and all others hold 0 and 1, each is a class, and the labels are those with 1.
    """
    lines = lines_of(path)
    if len(lines) < 2:
        raise EarshotError(f"{path}: holds no rows; expected a header, path,label, and a row an item")
    (first, names), rows = lines[0], lines[1:]
    given = [_plain(name) for name in names]
    own = own_columns(given, columns=columns)
    problems = [
        f"line {number}: {len(line)} values, the header names {len(given)}"
        for number, line in rows
        if len(line) != len(given)
    ]
    others = [place for place in range(len(given)) if place not in own.values()]
    if not problems:
        values = list(zip(*(line for _, line in rows), strict=True))
        others = [place for place in others if not _says_nothing(given[place], values[place])]
        if "label" not in own and _one_hot([values[place] for place in others]):
            rows = [(number, [*line, _label_of(line, others, names)]) for number, line in rows]
            own["label"], others = len(given), []
            given.append("label")
    problems += column_problems(given, own, first, others, columns or {})
    if problems:
        return Table([], [], problems)
    hints = {HINTS[given[place]]: None for place in others if given[place] in HINTS}
    if hints and known_table(given) is None:
        log.warning("%s: %s", path, "; ".join(hints))
    places = [*own.values(), *others]
    return Table(
        [*own, *(KEPT + given[place] for place in others)],
        [(number, [line[place] for place in places]) for number, line in rows],
        [],
    )


def _one_hot(columns: Sequence[Sequence[str]]) -> bool:
    """Whether the columns are classes: two or more, of 0 and 1 alone."""
    return len(columns) > 1 and all(set(values) <= {"0", "1", "0.0", "1.0"} for values in columns)


def _label_of(line: Sequence[str], places: Sequence[int], names: Sequence[str]) -> str:
    return ";".join(names[place] for place in places if line[place] in {"1", "1.0"})


def class_column(path: Path) -> str | None:
    """The only column whose values repeat as the names of classes do; None where several could be it, or none."""
    (_, names), *rows = lines_of(path)
    given = [_plain(name) for name in names]
    own = own_columns(given)
    could = []
    for place, name in enumerate(given):
        values = [line[place] for _, line in rows if place < len(line)]
        is_free = name and place not in own.values() and all(values)
        if is_free and 1 < len(set(values)) <= len(rows) / 2:
            could.append(name)
    return could[0] if len(could) == 1 else None


def header_of(path: Path) -> list[str]:
    """The names in a table's first line, in lower case, as they stand there; [] where it is no text."""
    try:
        (_, names), *_ = lines_of(path)
    except (EarshotError, ValueError):
        return []
    return [_plain(name) for name in names]


def lines_of(path: Path) -> list[tuple[int, list[str]]]:
    """(line number, values) of the header and of each row that is not blank."""
    text = text_of(path)
    physical = list(io.StringIO(text, newline=""))
    above = 0  # lines of comments before the header
    while above < len(physical) and (not physical[above].strip() or physical[above].startswith("#")):
        above += 1
    try:
        reader = csv.reader(physical[above:], delimiter=_delimiter(physical[above:]), strict=True)
        lines = [(above + reader.line_num, [value.strip() for value in line]) for line in reader if any(line)]
    except csv.Error as error:
        raise EarshotError(f"{path}: cannot be read as CSV in UTF-8 ({error})") from None
    width = len(lines[0][1]) if lines else 0
    for _, line in lines:
        while len(line) > width and not line[-1]:
            line.pop()
    return lines


def text_of(path: Path) -> str:
    """A table's text, in UTF-8 or with a byte order mark."""
    content = path.read_bytes()
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if wide else "utf-8-sig").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise EarshotError(
            f"{path}: cannot be read as CSV in UTF-8 (line {number}: {error.reason}). Save it in UTF-8."
        ) from None


def _delimiter(lines: Sequence[str]) -> str:
    """The one that finds a column of labels in the header, else the one that finds most columns."""
    if not lines:
        return ","
    headers = {mark: [_plain(name.strip()) for name in lines[0].strip().split(mark)] for mark in DELIMITERS}
    return max(
        DELIMITERS, key=lambda mark: ("label" in own_columns(headers[mark]), len(headers[mark]), mark == ",")
    )


def _plain(name: str) -> str:
    return name.strip("\"' ").lower()


def _says_nothing(name: str, values: Sequence[str]) -> bool:
    """Whether a column has no name and no values, or counts the rows, as spreadsheets and pandas write it."""
    if name not in {"", "unnamed: 0", "index"}:
        return False
    counts = ([str(start + n) for n in range(len(values))] for start in (0, 1))
    return not any(values) or list(values) in counts
