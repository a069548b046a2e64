"""What a data set is made of, before any file is opened: one row an item, from class folders or a CSV."""

import re
from pathlib import Path

import pandas as pd

from earshot.errors import EarshotError, list_problems
from earshot.ordering import natural_key

RESERVED = frozenset({"id", "label", "predicted"})


def from_folders(root, *, endings):
    """Items of class folders: `root/<label>/…/<name>.<ending>`, at any depth below the class.

    root : path of the data set
    endings : set of str, lower case with the dot; case does not matter in the files
    Returns DataFrame `id, path, label`, in the natural order of the ids: `id` is the path under `root`
    without its ending, with `/` between its parts. Hidden files and folders are left out.
    """
    root = Path(root)
    if not root.is_dir():
        raise EarshotError(f"dataset.path: {root} is not a folder; it should hold one folder a class")
    rows, strays = [], []
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if any(part.startswith(".") for part in inside.parts) or not path.is_file():
            continue
        if path.suffix.lower() not in endings:
            strays.append(inside.as_posix())
        elif len(inside.parts) == 1:
            raise EarshotError(f"{path} lies in no class folder; move it to {root}/<class>/{path.name}")
        else:
            rows.append((inside.with_suffix("").as_posix(), path.as_posix(), inside.parts[0]))
    if not rows:
        met = f"; it holds {len(strays)} other file(s), {strays[0]} for one" if strays else ""
        raise EarshotError(
            f"dataset.path: {root} holds no file ending in {', '.join(sorted(endings))} in a class folder{met}"
        )
    if strays:
        print(f"{len(strays)} file(s) of other kinds left out, {strays[0]} for one")
    items = pd.DataFrame(rows, columns=["id", "path", "label"])
    return items.sort_values("id", key=lambda ids: ids.map(natural_key), kind="stable", ignore_index=True)


def check(items):
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
            f"one class only ({items['label'].iloc[0]!r}), and nothing to tell it from; add folders of other classes"
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
