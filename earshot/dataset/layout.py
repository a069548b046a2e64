"""What a folder is as a data set: its kind, where the labels are, and which settings of `dataset` say so.

A known data set is told by the header of its table or by its folders; any other by where its files lie.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from earshot.config.base import Kind
from earshot.config.dataset import Column
from earshot.core.errors import EarshotError
from earshot.core.ordering import natural_key
from earshot.dataset.array_tables import LABELS, is_array
from earshot.dataset.files import ENDINGS, list_files, parts_pattern
from earshot.dataset.known_tables import known_table
from earshot.dataset.label_columns import own_columns
from earshot.dataset.label_files import file_column, finder
from earshot.dataset.label_table import class_column, header_of, read_table
from earshot.dataset.links import files_below
from earshot.dataset.parts import NAMES
from earshot.dataset.segment_tables import program_of
from earshot.dataset.several_labels import labels_in, most_specific, one_label
from earshot.reading.big_arrays import BIG_ENDINGS

TABLES = frozenset({".csv", ".tsv"})
# Names of tables, the likeliest first.
LIKELY = ("labels", "label", "dataset", "metadata", "meta", "annotations")
# The columns of a table for `dataset.corrections`, which is no table of labels though it may have them.
CORRECTIONS = frozenset({"id", "correct"})
UNLABELLED = "files without labels"
MOST_ARRAYS = 20  # files of a set of big arrays
MOST_TEXTS = 50  # that are opened to see whether they are tables of segments
GENRES = frozenset(
    {"blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock"}
)


class Layout(NamedTuple):
    """How a data set lies there.

    name : of the data set where it is known ("ESC-50"), else of the layout ("class folders")
    path : of the folder that `dataset.path` should be, the one given or one below it
    settings : the other settings of `dataset` that it needs, by their keys; most need one or none
    notes : what else there is to say of it, a sentence each
    """

    name: str
    kind: Kind
    path: str
    settings: Mapping[str, Any] = {}
    notes: Sequence[str] = ()


def recognize(folder: str | Path, *, links: Sequence[str] = ()) -> Layout:
    """The layout of a folder.

    links : folders outside of it that links may lead to
    Raises EarshotError where it holds no file that can be an item.
    """
    root = Path(folder)
    if not root.is_dir():
        raise EarshotError(f"{root} is not a folder; name the one that holds the data set")
    paths, _ = files_below(root, named=links)
    kind = _kind(root, paths)
    return (
        _gtzan(root, paths)
        or _by_arrays(root, paths, kind)
        or _by_segments(root, paths, kind)
        or _by_table(root, paths, kind)
        or _by_folders(root, paths, kind)
    )


def _kind(root: Path, paths: Sequence[Path]) -> Kind:
    """The kind that most files are of; tars hold sounds."""
    counts: Counter[Kind] = Counter()
    for path in paths:
        ending = path.suffix.lower()
        if ending in BIG_ENDINGS:
            counts["spectrograms"] += 1
        elif ending in ENDINGS["pictures"]:
            counts["pictures"] += 1
        elif ending in ENDINGS["sounds"] or ending == ".tar":
            counts["sounds"] += 1
    if not counts:
        endings = sorted({ending for kind in ENDINGS for ending in ENDINGS[kind]})
        raise EarshotError(
            f"{root} holds no file that can be an item, none that ends in {', '.join(endings)}"
        )
    return max(("sounds", "spectrograms", "pictures"), key=lambda kind: counts[kind])


def _gtzan(root: Path, paths: Sequence[Path]) -> Layout | None:
    """GTZAN's folders of genres: of recordings, else of the spectrograms that one of its copies has drawn."""
    genres: dict[tuple[Path, bool], set[str]] = {}
    for path in paths:
        is_drawn = path.suffix.lower() in ENDINGS["pictures"]
        if path.parent.name in GENRES and (is_drawn or path.suffix.lower() in ENDINGS["sounds"]):
            genres.setdefault((path.parent.parent, is_drawn), set()).add(path.parent.name)
    for is_drawn in (False, True):
        for (home, drawn), names in genres.items():
            if drawn == is_drawn and names == GENRES:
                return Layout("GTZAN", "spectrograms" if drawn else "sounds", home.as_posix())
    return None


def _by_arrays(root: Path, paths: Sequence[Path], kind: Kind) -> Layout | None:
    """Arrays of labels, `y.npy` beside `X.npy` or both in a .npz."""
    arrays = [path for path in paths if is_array(path)]
    if kind != "spectrograms" or len(arrays) > MOST_ARRAYS:
        return None
    tables = [path for path in arrays if path.suffix.lower() == ".npz" or LABELS.fullmatch(path.stem)]
    if not tables:
        return None
    labels = _labels(root, tables, dict.fromkeys(tables, ()))
    return Layout("one array", "spectrograms", root.as_posix(), {"labels": labels})


def _by_segments(root: Path, paths: Sequence[Path], kind: Kind) -> Layout | None:
    """Selections of Raven or labels of Audacity beside the recordings."""
    texts = [path for path in paths if path.suffix.lower() == ".txt"] if kind == "sounds" else []
    programs = Counter(program for path in texts[:MOST_TEXTS] if (program := program_of(path)))
    if not programs:
        return None
    name = {"Raven": "Raven selection tables", "Audacity": "Audacity label tracks"}[
        max(programs, key=programs.__getitem__)
    ]
    return Layout(name, kind, root.as_posix(), {"labels": "*.txt"})


def _by_table(root: Path, paths: Sequence[Path], kind: Kind) -> Layout | None:
    """What a table of labels says of it, or tables of its parts."""
    headers = {path: header_of(path) for path in paths if path.suffix.lower() in TABLES}
    headers = {path: header for path, header in headers.items() if not CORRECTIONS.issubset(header)}
    known = {path: table for path, header in headers.items() if (table := known_table(header))}
    if known and kind == "sounds":
        name = min(known.values(), key=lambda table: -len(table.header)).name
        tables = [path for path, table in known.items() if table.name == name]
        return _with_classes(
            Layout(name, "sounds", root.as_posix(), {"labels": _labels(root, tables, headers)})
        )
    labelled = [path for path, header in headers.items() if "label" in own_columns(header)]
    if not labelled:
        return None if _holds_classes(root, paths, kind) else _by_values(root, paths, headers, kind)
    parts = [path for path in labelled if path.stem.lower() in NAMES]
    if len(parts) > 1:
        settings = {"labels": _labels(root, parts, headers)}
        return _with_classes(Layout("tables of parts", kind, root.as_posix(), settings))
    if _holds_classes(root, paths, kind):
        return None
    best = min(labelled, key=_likelihood)
    others = [path.relative_to(root).as_posix() for path in labelled if path != best]
    notes = [f"{', '.join(others)} has labels too, and is not read"] if others else []
    layout = _by_columns(root, best, kind)
    return layout and layout._replace(notes=[*layout.notes, *notes])


def _by_values(root: Path, paths: Sequence[Path], tables: Iterable[Path], kind: Kind) -> Layout | None:
    """What the likeliest of the tables whose names tell nothing says by its values.

    Raises EarshotError for a table that cannot be read where nothing else gives the files labels.
    """
    faults = []
    for path in sorted(tables, key=_likelihood):
        try:
            if layout := _by_columns(root, path, kind):
                return layout
        except EarshotError as error:
            faults.append(error)
    if faults and _by_folders(root, paths, kind).name == UNLABELLED:
        raise faults[0]
    return None


def _by_columns(root: Path, path: Path, kind: Kind) -> Layout | None:
    """What a table says, the columns of labels and of files known by their values where no name tells them."""
    columns: dict[Column, str | None] = {}
    notes = []
    table = read_table(path)
    if table.problems and "label" not in own_columns(header_of(path)) and (name := class_column(path)):
        columns["label"] = name
        notes = [f"the labels are taken from the column {name}, whose values alone repeat as classes do"]
        table = read_table(path, columns=columns)
    if table.problems:
        return None
    if "path" not in table.header:
        find = finder(root, list_files(root, kind=kind).files, kind=kind, links=[])
        if (files := file_column(table, find)) is not None:
            columns["path"] = files
    in_order = "path" not in table.header and "path" not in columns
    settings: dict[str, Any] = {"labels": path.relative_to(root).as_posix()}
    settings |= {"columns": columns} if columns else {}
    name = "labels in the order of the files" if in_order else "table"
    return _with_classes(Layout(name, kind, root.as_posix(), settings, notes))


def _with_classes(layout: Layout) -> Layout:
    """The layout of tables with the classes named where rows have several labels: the most specific of them."""
    labels = layout.settings["labels"]
    values: list[str] = []
    for name in [labels] if isinstance(labels, str) else labels.values():
        header, rows, problems = read_table(Path(layout.path) / name, columns=layout.settings.get("columns"))
        values += [] if problems else [line[header.index("label")] for _, line in rows]
    if all(len(labels_in(value)) < 2 for value in values):
        return layout
    classes = most_specific(values)
    answers = [one_label(value, classes=classes) for value in values]
    chosen = {"classes": [name for name in classes if name in answers], "multilabel": "leave_out"}
    several = sum(len(labels_in(value)) > 1 for value in values)
    note = (
        f"{several} of {len(values)} rows have several labels: the classes are the most specific ones, the most "
        f"frequent first, and {answers.count(None)} rows that have two of them are left out"
    )
    return layout._replace(settings={**layout.settings, **chosen}, notes=[*layout.notes, note])


def _labels(
    root: Path, tables: Sequence[Path], headers: Mapping[Path, Sequence[str]]
) -> str | dict[str, str]:
    """The setting `labels`: one table, or the table of each part; of several the one of the most columns."""
    ordered = sorted(tables, key=lambda path: ("noisy" in path.stem, -len(headers[path]), *_likelihood(path)))
    by_part: dict[str, str] = {}
    for path in ordered:
        by_part.setdefault(_part(path.stem), path.relative_to(root).as_posix())
    return by_part["train"] if list(by_part) == ["train"] else dict(sorted(by_part.items(), key=_part_order))


def _part(stem: str) -> str:
    """The part that a table's name tells, "train" where it tells none; `dev` is what FSD50K calls training."""
    words = re.split(r"[^a-z]+", stem.lower())
    return next((NAMES[word] for word in words if word in NAMES and word != "dev"), "train")


def _part_order(entry: tuple[str, str]) -> int:
    return ("train", "val", "test").index(entry[0])


def _likelihood(path: Path) -> tuple[int, Any]:
    stem = path.stem.lower()
    return LIKELY.index(stem) if stem in LIKELY else len(LIKELY), natural_key(path.as_posix())


def _holds_classes(root: Path, paths: Sequence[Path], kind: Kind) -> bool:
    """Whether the files lie in two folders or more, as classes do, and none outside of them."""
    inside = [path.relative_to(root).parts for path in paths if path.suffix.lower() in ENDINGS[kind]]
    return len({parts[0] for parts in inside}) > 1 and min(len(parts) for parts in inside) > 1


def _by_folders(root: Path, paths: Sequence[Path], kind: Kind) -> Layout:
    """Folders of classes, of parts that hold classes, or none, in which case somebody has to say the labels."""
    inside = [path.relative_to(root) for path in paths if path.suffix.lower() in ENDINGS[kind]]
    if any(path.suffix.lower() == ".tar" for path in paths):
        return Layout("tar shards", kind, root.as_posix())
    if not inside:
        raise EarshotError(
            f"{root} holds more than {MOST_ARRAYS} .npz files, and none is read as one item; save each item as a .npy, "
            "or all items in one .npz, X and y"
        )
    tops = {path.parts[0] for path in inside}
    if len(tops) == 1 and min(len(path.parts) for path in inside) > 2:  # what an archive was unpacked into
        return _by_folders(root / tops.pop(), paths, kind)
    if min(len(path.parts) for path in inside) == 1:
        notes = ["files lie in no folder, and no table gives them labels"]
        return Layout(UNLABELLED, kind, root.as_posix(), {}, notes)
    if all(top.casefold() in NAMES for top in tops) and min(len(path.parts) for path in inside) > 2:
        settings = {"split": parts_pattern(root, sorted(tops, key=natural_key))}
        return Layout("parts with class folders", kind, root.as_posix(), settings)
    return Layout("class folders", kind, root.as_posix())
