"""What a data set is made of, before any file is opened: one row an item, from its files or a CSV."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from earshot.config.base import Kind
from earshot.config.dataset import Column, Dataset, Multilabel, Order, Part
from earshot.core.classes import COLUMNS
from earshot.core.errors import EarshotError, list_problems
from earshot.core.ordering import natural_key
from earshot.core.text import printable
from earshot.dataset.corrections import corrected
from earshot.dataset.files import Item, from_files
from earshot.dataset.labels import from_tables
from earshot.dataset.patterns import compiled, search_each


def items_of(dataset: Dataset) -> pd.DataFrame:
    """The items of a data set, as its block of params.yaml says, with the corrected labels; see `list_items`."""
    items = list_items(
        dataset.path,
        kind=dataset.kind,
        labels=dataset.labels,
        classes=dataset.classes,
        links=dataset.links,
        columns=dataset.columns,
        order=dataset.order,
        multilabel=dataset.multilabel,
        keeps_parts=dataset.split is not None,
    )
    if dataset.corrections is None:
        return items
    return corrected(items, dataset.path, dataset.corrections, classes=dataset.classes, links=dataset.links)


def list_items(
    root: str | Path,
    *,
    kind: Kind,
    labels: str | Mapping[Part, str] | None = None,
    classes: Sequence[str] | None = None,
    links: Sequence[str] = (),
    columns: Mapping[Column, str | None] | None = None,
    order: Order | None = None,
    multilabel: Multilabel = "refuse",
    keeps_parts: bool = False,
) -> pd.DataFrame:
    """The items of a data set, in the natural order of their ids; segments of a file from the first to the last.

    root : path of the data set
    labels : a table relative to the root, or one for each part; None takes class folders and tar shards
    classes : those that the user names, if any
    links : folders outside of the root that links may lead to
    columns, order, multilabel : how tables are read, as `from_tables` takes them
    keeps_parts : as `from_files` takes it
    Returns DataFrame `id, path, label`, and `group`, `fold`, `split`, `start_s`, `end_s` where a table has them, and
    its other columns as `given.<name>`.
    """
    if labels is None:
        rows = from_files(root, kind=kind, classes=classes, links=links, keeps_parts=keeps_parts)
    else:
        rows = from_tables(
            root,
            labels,
            kind=kind,
            links=links,
            classes=classes,
            columns=columns,
            order=order,
            multilabel=multilabel,
        )
    rows.sort(key=_sort_key)
    items = pd.DataFrame({key: value for key, value in row.items() if key != "given"} for row in rows)
    given = pd.DataFrame([row.get("given", {}) for row in rows])
    items = pd.concat([items, given.fillna("")], axis=1)
    _check_given(items)
    _check(items)
    return items


def _check_given(items: pd.DataFrame) -> None:
    """Refuse what some tables say of their items and others do not."""
    if items.empty:
        raise EarshotError("dataset.labels: no row gives an item; label some")
    problems = [
        f"{column}: only some tables have it, none says it of {items['id'][items[column].isna()].iloc[0]}; add it to "
        f"the others, or dataset.columns: {{{column}: null}} leaves it out"
        for column in ("group", "fold", "split")
        if column in items and items[column].isna().any()
    ]
    if problems:
        raise list_problems("The tables of labels do not fit together:", problems)


def _sort_key(row: Item) -> tuple[Any, ...]:
    """The natural order of the ids, but the segments of a file from the first to the last."""
    return natural_key(row["id"].partition("@")[0]), row.get("start_s") or 0, natural_key(row["id"])


def _check(items: pd.DataFrame) -> None:
    """Refuse ids that clash, labels that the tables cannot hold, and a study of one class."""
    problems = [
        f"{' and '.join(rows['path'])} share the id {name!r}"
        for name, rows in items[items["id"].duplicated(keep=False)].groupby("id", sort=False)
    ]
    problems += [
        f"the class name {label!r} is the name of a column of the tables"
        for label in sorted(set(items["label"]) & COLUMNS)
    ]
    problems += [
        f"{printable(path)}: the name is not UTF-8, and no table can hold it"
        for path in items["path"]
        if not _is_text(path)
    ]
    if problems:
        raise list_problems("Names that cannot be used; rename or remove them:", problems)
    if items["label"].nunique() < 2:
        raise EarshotError(
            f"one class only ({items['label'].iloc[0]!r}), and nothing to tell it from; add items of other classes"
        )


def _is_text(name: str) -> bool:
    """Whether the bytes of a file's name are UTF-8: Python stands in for others with halves of characters."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


def class_name_hints(labels: Iterable[str], *, classes: Sequence[str] | None) -> list[str]:
    """What is odd about the names of classes that folders gave, a sentence each.

    classes : those that the user names, which are meant
    """
    names = sorted(set(labels) - set(classes or ()))
    hints = [
        f"{name!r} is taken as a class; if it is none, name those that are in dataset.classes"
        for name in names
        if name.startswith("_")
    ]
    alike: dict[str, list[str]] = {}
    for name in names:
        alike.setdefault(unicodedata.normalize("NFKC", name).casefold().strip(), []).append(name)
    return hints + [
        f"{' and '.join(ascii(name) for name in same)} are different classes, though their names look alike; give "
        "them one name if they are one"
        for same in alike.values()
        if len(same) > 1
    ]


def number_shards(items: pd.DataFrame, *, shard_size: int) -> pd.DataFrame:
    """The items with `shard`: up to `shard_size` items each, in the order of the table."""
    return items.assign(shard=[position // shard_size for position in range(len(items))])


def capture_or_column(items: pd.DataFrame, column: str, *, pattern: str | None, key: str) -> list[str] | None:
    """The group, the fold or the part that the data set gives each item: captured from its path, else the column.

    pattern : None takes the column
    key : the param that holds the pattern, for messages
    Returns None where the data set gives none.
    """
    if pattern is not None:
        return capture(items, pattern, key=key)
    return list(items[column]) if column in items else None


def capture(items: pd.DataFrame, pattern: str, *, key: str) -> list[str]:
    """What a regular expression with one capture group captures from each item's path.

    items : DataFrame with `path`
    key : the param that holds the expression, for messages
    """
    expression = compiled(pattern, key=key)
    if expression.groups != 1:
        raise EarshotError(
            f"{key}: {pattern!r} has {expression.groups} capture groups, one is wanted, as in '_([a-z]+)_'"
        )
    matches = search_each(expression, list(items["path"]), key=key)
    captured = [match[1] if match else "" for match in matches]
    if missed := [path for path, text in zip(items["path"], captured, strict=True) if not text]:
        raise list_problems(
            f"{key}: {pattern!r} finds nothing in {len(missed)} of {len(items)} paths:", missed, most=5
        )
    return captured
