"""What a data set is made of, before any file is opened: one row an item, from its files or a CSV."""

import re

import pandas as pd

from earshot.core.errors import EarshotError, list_problems
from earshot.core.ordering import natural_key
from earshot.dataset.files import from_files
from earshot.dataset.labels import from_csv

RESERVED = frozenset({"id", "label", "predicted"})


def list_items(root, *, kind, labels=None):
    """The items of a data set, in the natural order of their ids and, within a file, from first part to last.

    root : path of the data set
    kind : "pictures", "sounds" or "spectrograms"
    labels : str or None, a CSV relative to the root; None takes class folders and tar shards
    Returns DataFrame `id, path, label`, and `group`, `fold`, `start_s`, `end_s` where the CSV has them.
    """
    rows = from_files(root, kind=kind) if labels is None else from_csv(root, labels, kind=kind)
    items = pd.DataFrame(sorted(rows, key=_place))
    _check(items)
    return items


def _place(row):
    """The natural order of the ids, but the parts of a file from its first to its last."""
    return natural_key(row["id"].partition("@")[0]), row.get("start_s") or 0, natural_key(row["id"])


def _check(items):
    """Refuse ids that clash, labels that the tables cannot hold, and a study of one class."""
    problems = [
        f"{' and '.join(rows['path'])} share the id {name!r}"
        for name, rows in items[items["id"].duplicated(keep=False)].groupby("id", sort=False)
    ]
    problems += [
        f"the class name {label!r} is kept for a table's column"
        for label in sorted(set(items["label"]) & RESERVED)
    ]
    if problems:
        raise list_problems("Items that cannot be told apart; rename or remove them:", problems)
    if items["label"].nunique() < 2:
        raise EarshotError(
            f"one class only ({items['label'].iloc[0]!r}), and nothing to tell it from; add items of other classes"
        )


def capture(items, pattern, *, key):
    """What a regular expression with one capture group finds in each item's id and ending.

    items : DataFrame with `path`; the expression is searched in the path
    pattern : str
    key : str, the param that holds it, for messages
    Returns a list of str, one an item.
    """
    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise EarshotError(f"{key}: {pattern!r} is no regular expression: {error}") from None
    if expression.groups != 1:
        raise EarshotError(
            f"{key}: {pattern!r} has {expression.groups} capture groups, one is wanted, as in '_([a-z]+)_'"
        )
    found = [expression.search(path) for path in items["path"]]
    if missed := [path for path, match in zip(items["path"], found, strict=True) if not (match and match[1])]:
        raise list_problems(
            f"{key}: {pattern!r} finds nothing in {len(missed)} of {len(items)} paths:", missed, most=5
        )
    return [match[1] for match in found]
