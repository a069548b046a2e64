"""Arrays of labels for the items of a big array, as rows of a table of labels: `X.npy` and `y.npy`, or a .npz."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from earshot.config.dataset import Column
from earshot.core.errors import EarshotError
from earshot.dataset.label_columns import own_columns
from earshot.dataset.label_table import KEPT, Table
from earshot.dataset.parts import NAMES
from earshot.reading.big_arrays import BIG_ENDINGS, item_shape, shapes_in, values_in

# Names of arrays of labels, `y` and `y_train`; `label_names` are those of the classes.
LABELS = re.compile(r"(?i)(y|labels?|targets?)([_ .-](?!names).*)?")


class Named(NamedTuple):
    """An array of a file.

    name : what it is called, in its .npz or as a .npy
    inner : its name in the .npz, "" in a .npy
    """

    path: Path
    name: str
    inner: str
    shape: tuple[int, ...]


def array_tables(path: Path, *, label: str | None = None) -> list[tuple[Named, Named]]:
    """The arrays of labels in a file, each with the array of as many items that it is for.

    path : of the labels' .npy, whose folder has the items', or of a .npz
    label : the name of the array of labels in a .npz; None takes those that are called so
    Raises EarshotError where it is not plain which array is meant.
    """
    arrays = _arrays(path)
    if path.suffix.lower() == ".npy":
        labels = [array for array in arrays if array.path == path]
    else:
        is_label = LABELS.fullmatch if label is None else re.compile(re.escape(label)).fullmatch
        labels = [array for array in arrays if is_label(array.name) and len(array.shape) < 3]
    if not labels:
        raise EarshotError(f"{path}: no array of labels, y or y_train; it has {_listed(arrays)}")
    return [(each, _items_of(each, arrays, path)) for each in labels]


def read_arrays(path: Path, *, columns: Mapping[Column, str | None] | None = None) -> Table:
    """A row for each item of the arrays that `array_tables` finds.

    columns : from Earshot's name of a column to that of an array of as many values; others of these are kept
    """
    columns = columns or {}
    parts: list[tuple[str, dict[str, list[str]]]] = []  # (name of the labels' array, values by column)
    problems: list[str] = []
    for labels, items in array_tables(path, label=columns.get("label")):
        count = labels.shape[0]
        item_shape(items.shape, items.path)
        beside = [array for array in _arrays(path) if array.shape == (count,) and array != labels]
        part = _part(labels.name)
        if part is not None:  # the arrays of other parts may be as long
            beside = [array for array in beside if _part(array.name) == part]
        names = [_bare(array.name) for array in beside]
        own = own_columns(names, columns={**columns, "path": None, "label": None})
        problems += [
            f"dataset.columns: {{{name}: {theirs}}}, and no array {theirs} has {count} values; there are "
            f"{_listed(_arrays(path))}"
            for name, theirs in columns.items()
            if theirs is not None and name not in ("path", "label", *own)
        ]
        others = [place for place in range(len(beside)) if place not in own.values()]
        chosen = [beside[place] for place in (*own.values(), *others)]
        values = [_texts(array) for array in chosen]
        place = items.path.as_posix() + (f"/{items.inner}" if items.inner else "")
        files = [f"{place}/{index}.npy" for index in range(count)]
        header = ["path", "label", *own, *(KEPT + names[place] for place in others)]
        columns_of_part = dict(zip(header, [files, _labels(labels), *values], strict=True))
        if part is not None and "split" not in columns_of_part:
            columns_of_part["split"] = [part] * count
        parts.append((labels.name, columns_of_part))
    header = list(dict.fromkeys(name for _, columns_of_part in parts for name in columns_of_part))
    problems += [
        f"{name} is said of some items, and not of those of {labels}; save it for all, or leave it out"
        for name in header
        for labels, columns_of_part in parts
        if name not in columns_of_part and not name.startswith(KEPT)
    ]
    rows = [row for _, columns_of_part in parts for row in _rows(columns_of_part, header)]
    return Table(header, rows, problems)


def _rows(columns_of_part: Mapping[str, list[str]], header: Sequence[str]) -> list[tuple[int, list[str]]]:
    """The values of each item, in the order of the header; "" where a column is not told."""
    columns = [columns_of_part.get(name) or [""] * len(columns_of_part["path"]) for name in header]
    return [(index, list(row)) for index, row in enumerate(zip(*columns, strict=True))]


def _arrays(path: Path) -> list[Named]:
    """The arrays of a .npz, or of all .npy in a folder, but for single values."""
    if path.suffix.lower() == ".npz":
        arrays = [Named(path, name, name, shape) for name, shape in shapes_in(path).items()]
    else:
        files = sorted(file for file in path.parent.iterdir() if file.suffix.lower() == ".npy")
        arrays = [Named(file, file.stem, "", shapes_in(file)[""]) for file in files]
    return [array for array in arrays if array.shape]


def _items_of(labels: Named, arrays: Sequence[Named], path: Path) -> Named:
    """The array of three axes or more with as many items; of several the one of the same part, x_train for y_train."""
    could = [array for array in arrays if len(array.shape) > 2 and array.shape[0] == labels.shape[0]]
    same = [array for array in could if _part(array.name) == _part(labels.name)]
    if len(same or could) != 1:
        raise EarshotError(
            f"{path}: {labels.name} has {labels.shape[0]} labels, and {len(same or could)} arrays of shape "
            f"(items, bands, frames) have as many items; one is wanted. There are {_listed(arrays)}"
        )
    return (same or could)[0]


def _labels(array: Named) -> list[str]:
    """The labels, those of a column for each class as its number."""
    if len(array.shape) == 1 or array.shape[1:] == (1,):
        return _texts(array)
    values = values_in(array.path, array.inner)
    ones = np.asarray(values == 1)
    if not (ones | np.asarray(values == 0)).all() or (ones.sum(axis=1) != 1).any():
        raise EarshotError(
            f"{array.path}: {array.name} has shape {array.shape}, and not one 1 in each row: an item has one label. "
            "Save a label for each item"
        )
    return [str(number) for number in ones.argmax(axis=1).tolist()]


def _texts(array: Named) -> list[str]:
    values: NDArray[Any] = np.asarray(values_in(array.path, array.inner)).reshape(-1)
    if values.dtype.kind == "f" and (values == np.round(values)).all():
        values = values.astype(np.int64)
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8", "replace")
    return [str(value) for value in values.tolist()]


def _part(name: str) -> str | None:
    return next((NAMES[word] for word in re.split(r"[^a-z]+", name.lower()) if word in NAMES), None)


def _bare(name: str) -> str:
    """The name without the part: group of group_train."""
    words = [word for word in re.split(r"[_ .-]+", name.lower()) if word not in NAMES]
    return "_".join(words) or name.lower()


def _listed(arrays: Sequence[Named]) -> str:
    return ", ".join(f"{array.name} {array.shape}" for array in arrays)


def is_array(path: Path) -> bool:
    """Whether a table of labels is a file of arrays."""
    return path.suffix.lower() in BIG_ENDINGS
