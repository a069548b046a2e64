"""Rows of results as CSV or as JSON, written as they come."""

import csv
import json
import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TextIO

from earshot.core.text import in_spreadsheet

Row = dict[str, Any]  # by column; `problem` holds what is wrong with a file, None where nothing is


def write_csv(rows: Iterable[Row], columns: Sequence[str], file: TextIO) -> int:
    """Write rows as they come, none of them kept; returns how many have a problem."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(map(in_spreadsheet, columns))
    bad = 0
    for row in rows:
        cells = (row[column] for column in columns)
        writer.writerow([in_spreadsheet(cell) if isinstance(cell, str) else cell for cell in cells])
        bad += row.get("problem") is not None
    return bad


def write_json(rows: Iterable[Row], columns: Sequence[str], file: TextIO) -> int:
    """Write rows as one list, as they come; returns how many have a problem."""
    bad, before = 0, "[\n"
    for row in rows:
        cells = {column: row[column] for column in columns}
        print(
            before + textwrap.indent(json.dumps(cells, indent=2, ensure_ascii=False), "  "), end="", file=file
        )
        bad, before = bad + (row.get("problem") is not None), ",\n"
    print("[]" if before == "[\n" else "\n]", file=file)
    return bad


WRITERS: dict[str, Callable[[Iterable[Row], Sequence[str], TextIO], int]] = {
    "csv": write_csv,
    "json": write_json,
}
