"""A CSV that says what a data set's items are, in place of class folders."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from earshot.config.base import Kind
from earshot.config.dataset import Column, Multilabel, Order, Part
from earshot.core.errors import list_problems
from earshot.dataset.array_tables import is_array, read_arrays
from earshot.dataset.files import ENDINGS, File, Item, file_of, list_files
from earshot.dataset.label_files import file_column, finder
from earshot.dataset.label_rows import Rows
from earshot.dataset.label_sources import sources_of
from earshot.dataset.segment_tables import read_segments
from earshot.dataset.several_labels import labels_in
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
    rows = Rows(root, finder(root, files, kind=kind, links=links), classes)
    for source in sources:
        if source.recording is not None and not source.path.read_bytes().strip():
            continue  # the track of a recording in which nothing was labelled
        where = f"{source.path}, " if len(sources) > 1 else ""
        read = read_arrays if is_array(source.path) else read_segments
        table = read(source.path, columns=columns)
        in_order = sorted(files, key=lambda file: file.name) if order == "sorted" else files
        problems = table.problems
        if not problems and "path" not in table.header and source.recording is None:
            if name := file_column(table, rows.find):
                problems = [f"the column {name} names files; dataset.columns: {{path: {name}}} says so"]
            elif whole := _in_one_array(root, files, len(table.rows)):
                in_order = whole
            else:
                problems = blocked + _order_problems(files, table.rows, kind=kind, order=order)
        if problems:
            rows.problems += [where + problem for problem in problems]
        else:
            rows.add_table(table, source, files=in_order, where=where)
    name = str(sources[0].path) if len(sources) == 1 else f"{root}: {labels}"
    _refuse_problems(rows, table=name, multilabel=multilabel)
    _tell_left_out(rows, table=name)
    if not is_array(sources[0].path):  # whose other files are the labels, and what else is said of the items
        _tell_unnamed(files, rows.items, root=root, table=name)
    return rows.items


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


def _refuse_problems(rows: Rows, *, table: str, multilabel: Multilabel) -> None:
    """Raise one EarshotError that lists all that is wrong with the rows.

    table : what messages call it
    """
    problems = list(rows.problems)
    if rows.several and multilabel == "refuse":
        problems += _several_problems(rows.several, rows.classes)
    if problems:
        raise list_problems(f"{table} cannot be used; mend it:", problems)


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


def _tell_left_out(rows: Rows, *, table: str) -> None:
    if rows.several:
        log.warning("%s: %d row(s) with several labels left out", table, len(rows.several))
    if rows.repeated:
        log.warning("%s: %d row(s) that repeat an earlier one word by word count once", table, rows.repeated)


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
