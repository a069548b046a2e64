"""Labels that the user has found wrong, from a CSV that `examine` began and the user filled in."""

import csv
import io
import logging
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from earshot.core.errors import EarshotError, list_problems
from earshot.dataset.label_files import inside

EXAMPLES = 5  # that the console is told of

log = logging.getLogger(__name__)


def corrected(
    items: pd.DataFrame,
    root: str | Path,
    corrections: str,
    *,
    classes: Sequence[str] | None = None,
    links: Sequence[str] = (),
) -> pd.DataFrame:
    """The items with the labels that a CSV corrects, and the console told of them.

    items : DataFrame with `id, label`
    root : path of the data set
    corrections : the CSV, relative to the root, with the columns `id` and `correct`; where `correct` is empty, the
        label stays. Other columns are for the user
    classes : those that the user names, if any: beside the labels that are there, what an item may be corrected to
    links : folders outside of the root that links may lead to
    Raises one EarshotError that lists every row that cannot be applied.
    """
    try:
        path = inside(root, corrections, links)
    except EarshotError as error:
        raise EarshotError(f"dataset.corrections: {error}") from None
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise EarshotError(f"{path}: cannot be read as CSV in UTF-8 ({error}). Save it as that.") from None
    if not rows or not {"id", "correct"} <= set(rows[0]):
        raise EarshotError(
            f"{path}: expected a header with the columns id and correct, and a row for each item; "
            "data/examined/wrong_labels.csv is one to begin with"
        )
    label_of = dict(zip(items["id"], items["label"], strict=True))
    known = {*items["label"], *(classes or ())}
    wanted: dict[str, str] = {}
    problems = []
    for number, row in enumerate(rows, start=2):
        name, label = (row["id"] or "").strip(), (row["correct"] or "").strip()
        if not label:
            continue
        if name not in label_of:
            problems.append(f"line {number}: no item has the id {name!r}")
        elif label not in known:
            problems.append(
                f"line {number}: no item has the label {label!r}; name it in dataset.classes if it is new"
            )
        elif wanted.setdefault(name, label) != label:
            problems.append(
                f"line {number}: {name} is corrected to {wanted[name]!r} further up, and to {label!r} here"
            )
    if problems:
        raise list_problems(f"{path} cannot be applied; mend it:", problems)
    changes = [
        f"{name} {label_of[name]} → {label}" for name, label in wanted.items() if label != label_of[name]
    ]
    more = f" and {len(changes) - EXAMPLES} more" if len(changes) > EXAMPLES else ""
    log.warning(
        "%s corrects %d label(s): %s%s", path, len(changes), ", ".join(changes[:EXAMPLES]) or "none", more
    )
    return items.assign(label=items["id"].map(label_of | wanted))
