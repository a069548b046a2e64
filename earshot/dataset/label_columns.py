"""Which columns of a table of labels are read, by their names."""

import difflib
from collections.abc import Mapping, Sequence
from typing import get_args

from earshot.config.dataset import Column
from earshot.dataset.known_tables import known_table

COLUMNS: tuple[Column, ...] = get_args(Column)
# Other names of a column, which count where the column itself is not there.
ALIASES: dict[Column, tuple[str, ...]] = {
    "path": ("file", "filename", "file_name", "fname", "slice_file_name", "filepath"),
    "label": ("class", "category", "class_name"),
}
# Columns that look as if they were read, and what to do where they should be.
HINTS = {
    "start": "dataset.columns: {start_s: start, end_s: end} reads segments, in seconds",
    "end": "dataset.columns: {start_s: start, end_s: end} reads segments, in seconds",
}


def own_columns(
    given: Sequence[str], *, columns: Mapping[Column, str | None] | None = None
) -> dict[str, int]:
    """The place of each column that is read, by Earshot's name of it.

    given : the names in the header, in lower case
    columns : as `read_table` takes them
    What `columns` does not name goes by a known data set's header, else by its own name, else by another where the
    table has one of these alone.
    """
    columns = columns or {}
    known = known_table(given)
    places: dict[str, int] = {}
    for own in COLUMNS:
        if own in columns:
            names: Sequence[str] = [(columns[own] or "").lower()]
        elif known is not None:
            names = [known.columns.get(own, "")]
        else:
            names = [own] if own in given else ALIASES.get(own, ())
        could = [place for place, name in enumerate(given) if name and name in names]
        if len(could) == 1 or (len(names) == 1 and could):
            places[own] = could[0]
    return places


def column_problems(
    given: Sequence[str],
    own: Mapping[str, int],
    line: int,
    others: Sequence[int],
    columns: Mapping[Column, str | None],
) -> list[str]:
    """What is wrong with the header, a line each.

    own : as `own_columns` gives it
    others : the places of the columns that hold something and are not read
    """
    problems = [
        f"dataset.columns: {{{name}: {theirs}}}, and the table has no column {theirs}; it has {_listed(given)}"
        for name, theirs in columns.items()
        if theirs is not None and theirs.lower() not in given
    ]
    missing = [name for name in COLUMNS if name not in own and name not in columns]
    for name in dict.fromkeys(given[place] for place in (*own.values(), *others)):
        if name and given.count(name) > 1:
            problems.append(f"the column {name} is there {given.count(name)} times")
    for name in (given[place] for place in others):
        near = [] if name in HINTS else difflib.get_close_matches(name, missing, n=1, cutoff=0.7)
        if near:
            problems.append(
                f"unknown column {name!r}; did you mean {near[0]}? dataset.columns: {{{near[0]}: {name}}} says so, "
                f"{{{near[0]}: null}} that there is none"
            )
        elif not name:
            problems.append("a column without a name holds values; name it, or remove it")
    for name, aliases in ALIASES.items():
        if name in missing and len(could := [theirs for theirs in given if theirs in aliases]) > 1:
            problems.append(
                f"{' and '.join(could)} could both be {name}; dataset.columns: {{{name}: {could[0]}}} says which"
            )
    if "label" not in own:
        problems.append(
            f"line {line}: no column label; it has {_listed(given)}. dataset.columns: {{label: NAME}} says which "
            "column holds the classes. If the first line names no columns, add a line that does, path,label for one"
        )
    return problems


def _listed(given: Sequence[str]) -> str:
    return ", ".join(name for name in given if name)
