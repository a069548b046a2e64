"""Shortcuts: whether the classes can be told by how the files were made, as a model then can without listening.

A small tree learns the classes from one fact about each item, and is asked about items of groups that it has not seen.
Of a class, its *edge* is the share of the class's items that it names minus the share of others that it takes for them.
Facts of how a file was made should tell nothing; duration or loudness may belong to what is heard, and count where they
tell nearly everything.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.examination.checks import Check, percent

# How a file was made, and what else a model could go by.
MADE = ["sample_rate", "channels", "encoding", "padding", "width", "height", "mode"]
OTHERS = ["duration_s", "loudness_db", "silence", "bandwidth_hz", "brightness", "contrast", "margin"]
EDGE = {**dict.fromkeys(MADE, 0.5), **dict.fromkeys(OTHERS, 0.9)}  # from which on it is a finding
NAMES = {
    "sample_rate": "sample rate",
    "channels": "number of channels",
    "encoding": "encoding",
    "padding": "padding with silence",
    "duration_s": "duration",
    "loudness_db": "loudness",
    "silence": "share of silence",
    "bandwidth_hz": "bandwidth",
    "width": "width",
    "height": "height",
    "mode": "colour mode",
    "brightness": "mean brightness",
    "contrast": "contrast",
    "margin": "margin",
}
MENDS = {
    "sample_rate": "Read all recordings at the lowest of their rates, features.sample_rate: {low:g}",
    "bandwidth_hz": "Read all recordings at a rate that no class lies below, features.sample_rate: {twice:g}",
    "padding": "Cut the silence off the files, or set features.clip_s to a length that no file is padded to",
    "channels": "Set features.channel: left, so that all classes are read from one channel",
}
MEND = "Make the files of all classes in the same way, or leave the class out (dataset.classes)"
DEPTH = 4
MOST = 3  # classes that are named


class Shortcut(NamedTuple):
    """What one fact, or all of them, tell of the classes.

    fact : `all` for all together
    accuracy : of the tree, classes counted equally
    label, named, mistaken : the class that it tells best, the share of its items that are named, and of others taken
        for it
    """

    fact: str
    accuracy: float
    label: str
    named: float
    mistaken: float


def shortcuts(items: pd.DataFrame, folds: "pd.Series[str] | None") -> tuple[Check, pd.DataFrame]:
    """The check, and a row for each fact that differs between items.

    items : DataFrame with `label` and those of MADE and OTHERS that its kind has
    folds : as `folds_of` gives them
    """
    facts = [fact for fact in (*MADE, *OTHERS) if fact in items and items[fact].nunique() > 1]
    if folds is None or not facts:
        why = "too few items" if folds is None else "the files are alike in all that is measured"
        return Check(
            "shortcut", "no", f"The classes cannot be told by how the files were made: {why}."
        ), _table([])
    columns = {fact: _numbers(items[fact]) for fact in facts}
    by_fact = [_named_by(fact, columns[fact][:, None], items["label"], folds) for fact in facts]
    everything = _named_by("all", np.column_stack(list(columns.values())), items["label"], folds)
    table = _table([everything, *sorted(by_fact, key=lambda one: one.mistaken - one.named)])
    chance = 1 / items["label"].nunique()
    overall = (
        f"By {', '.join(NAMES[fact] for fact in facts)} a small tree names {percent(everything.accuracy)} of the items "
        f"rightly, where guessing gets {percent(chance)}"
    )
    strong = [one for one in by_fact if one.named - one.mistaken >= EDGE[one.fact]]
    if not strong:
        return Check(
            "shortcut", "no", f"No class is given away by how its files were made. {overall}."
        ), table
    strong.sort(key=lambda one: (one.fact in MADE, one.named - one.mistaken), reverse=True)
    strongest: dict[str, Shortcut] = {}
    for one in strong:
        strongest.setdefault(one.label, one)  # of each class
    worst = list(strongest.values())[:MOST]
    sentences = [
        f"Class {one.label} can be told by its {NAMES[one.fact]} alone ({_values(items, one)}): that names "
        f"{percent(one.named)} of its items, and {percent(one.mistaken)} of the others are taken for it."
        for one in worst
    ]
    text = (
        f"{' '.join(sentences)} {overall}. A model can be right without having learned what the classes are."
    )
    claim = "; ".join(f"class {one.label} can be told by its {NAMES[one.fact]} alone" for one in worst)
    mends = dict.fromkeys(_mend(items, one) for one in worst)
    return Check("shortcut", "yes", text, claim, ". ".join(mends)), table


def _named_by(
    fact: str, values: NDArray[np.float64], labels: "pd.Series[str]", folds: "pd.Series[str]"
) -> Shortcut:
    """values : (items, facts)"""
    from sklearn.tree import DecisionTreeClassifier  # takes a second to import

    own, names = labels.to_numpy(), folds.to_numpy()
    predicted = own.copy()
    for name in np.unique(names):
        held_out = names == name
        tree = DecisionTreeClassifier(
            max_depth=DEPTH if fact != "all" else 2 * DEPTH,
            min_samples_leaf=max(2, len(own) // 500),
            class_weight="balanced",
            random_state=0,
        )
        predicted[held_out] = tree.fit(values[~held_out], own[~held_out]).predict(values[held_out])
    classes = np.unique(own)
    named = np.array([(predicted[own == label] == label).mean() for label in classes])
    mistaken = np.array([(predicted[own != label] == label).mean() for label in classes])
    best = int(np.argmax(named - mistaken))
    rounded = (round(float(value), 4) for value in (named.mean(), named[best], mistaken[best]))
    accuracy, share, others = rounded
    return Shortcut(fact, accuracy, str(classes[best]), share, others)


def _numbers(column: pd.Series) -> NDArray[np.float64]:
    """Texts by the place of their names."""
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(np.float64)
    return column.astype("category").cat.codes.to_numpy().astype(np.float64)


def _values(items: pd.DataFrame, one: Shortcut) -> str:
    own = items["label"] == one.label
    inside, outside = (_typical(items[one.fact][rows]) for rows in (own, ~own))
    return f"{inside} against {outside}, typically"


def _typical(column: pd.Series) -> str:
    if pd.api.types.is_numeric_dtype(column):
        return f"{float(column.median()):,.6g}"
    return str(column.mode().iloc[0])


def _mend(items: pd.DataFrame, one: Shortcut) -> str:
    if one.fact not in ("sample_rate", "bandwidth_hz"):
        return MENDS.get(one.fact, MEND)
    low = float(items.groupby("label")[one.fact].median().min())
    return MENDS[one.fact].format(low=low, twice=2 * low)


def _table(rows: list[Shortcut]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(Shortcut._fields))
