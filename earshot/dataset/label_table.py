"""A table of labels as other tools write it: its dialect, its header, and its rows, before anything is made of them."""

import codecs
import csv
import difflib
import io
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from earshot.core.errors import EarshotError

log = logging.getLogger(__name__)

COLUMNS = ("path", "label", "group", "fold", "start_s", "end_s")
# Other names of a column, which count where the column itself is not there.
ALIASES = {
    "path": ("file", "filename", "file_name", "fname", "slice_file_name", "filepath"),
    "label": ("class", "category", "class_name"),
}
# Columns that look as if they were read, and what to do where they should be.
HINTS = {
    "start": "a segment of its file has start_s and end_s, in seconds",
    "end": "a segment of its file has start_s and end_s, in seconds",
    "split": "named fold, and dataset.test: NAME, it would keep the test part",
}
DELIMITERS = ",;\t"


class Table(NamedTuple):
    """The columns that are read, under their own names."""

    header: list[str]
    rows: list[tuple[int, list[str]]]  # (line number, values), of the rows that are not blank
    problems: list[str]  # what is wrong with header and rows, a line each


def read_table(path: Path) -> Table:
    """Read a table with a header, in UTF-8 or with a byte order mark, separated by commas, semicolons or tabs.

    Lines before the header that begin with `#`, empty columns and a column that only counts the rows are no matter.
    Columns of other names are named on the console, unless they look like a column misspelt.
    """
    lines = _lines(path)
    if len(lines) < 2:
        raise EarshotError(
            f"{path}: holds no rows; expected a header, {','.join(COLUMNS[:2])}, and a row an item"
        )
    (first, names), rows = lines[0], lines[1:]
    header = _own_names(names)
    problems = [
        f"line {number}: {len(line)} values, the header names {len(header)}"
        for number, line in rows
        if len(line) != len(header)
    ]
    ignored = []
    if not problems:
        columns = list(zip(*(line for _, line in rows), strict=True))
        ignored = [place for place, name in enumerate(header) if _says_nothing(name, columns[place])]
    others = [name for place, name in enumerate(header) if name not in COLUMNS and place not in ignored]
    problems += _column_problems(header, first, others)
    if problems:
        return Table(header, rows, problems)
    if others:
        hints = {HINTS[name]: None for name in others if name in HINTS}
        log.warning("%s: not read: %s", path, "; ".join(["the column(s) " + ", ".join(others), *hints]))
    read = [place for place, name in enumerate(header) if name in COLUMNS]
    return Table(
        [header[place] for place in read],
        [(number, [line[place] for place in read]) for number, line in rows],
        [],
    )


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """(line number, values) of the header and of each row that is not blank."""
    text = _text(path)
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


def _text(path: Path) -> str:
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
    headers = {mark: [name.strip() for name in lines[0].strip().split(mark)] for mark in DELIMITERS}
    return max(
        DELIMITERS, key=lambda mark: ("label" in _own_names(headers[mark]), len(headers[mark]), mark == ",")
    )


def _own_names(names: Sequence[str]) -> list[str]:
    """A header's names in lower case, and other names of a column as its own where it goes by one of them alone."""
    header = [name.strip("\"' ").lower() for name in names]
    for own, others in ALIASES.items():
        if own not in header and len(places := [n for n, name in enumerate(header) if name in others]) == 1:
            header[places[0]] = own
    return header


def _says_nothing(name: str, values: Sequence[str]) -> bool:
    """Whether a column has no name and no values, or counts the rows, as spreadsheets and pandas write it."""
    if name not in {"", "unnamed: 0", "index"}:
        return False
    counts = ([str(start + n) for n in range(len(values))] for start in (0, 1))
    return not any(values) or list(values) in counts


def _column_problems(header: Sequence[str], line: int, others: Sequence[str]) -> list[str]:
    problems = []
    for name in dict.fromkeys(header):
        if name in COLUMNS and header.count(name) > 1:
            problems.append(f"the column {name} is there {header.count(name)} times")
    for name in others:
        missing = [column for column in COLUMNS if column not in header]
        near = [] if name in HINTS else difflib.get_close_matches(name, missing, n=1, cutoff=0.7)
        if near:
            problems.append(
                f"unknown column {name!r}; did you mean {near[0]}? Rename it, to this or to something else"
            )
        elif not name:
            problems.append("a column without a name holds values; name it, or remove it")
    for own, names in ALIASES.items():
        if own not in header and len(could := [name for name in header if name in names]) > 1:
            problems.append(f"{' and '.join(could)} could both be {own}; name one of them {own}")
    if "label" not in header:
        problems.append(
            f"line {line}: no column label; it has {', '.join(header)}. The first line names the columns, for one "
            "path,label: rename that of the classes, or add the line"
        )
    return problems
