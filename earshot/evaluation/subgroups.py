"""Accuracy in parts of the test items: by group, duration, loudness, and what else a table of labels says of them.

It shows which voices fail.

Conventions: a subgroup is the items of one group, of one value in a column of labels, or between two quartiles of a
measure. Its interval covers 95 %, and is as wide as its few items make it. Shuffled labels have no subgroups.
"""

import itertools
from collections.abc import Iterator, Mapping
from pathlib import PurePath

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.evaluation.intervals import proportion_interval
from earshot.evaluation.predictions import Key, checked, right_by_run, runs_of
from earshot.evaluation.resampling import units
from earshot.evaluation.rounding import rounded
from earshot.evaluation.variance import components, spread

LEAST = 5  # items that a group needs to stand for itself
LEAST_SHARE = 0.5  # of the test items that such groups hold, or none are shown
BINS = 4
GIVEN = "given."  # before the name of a column of labels that the study does not need
MEASURES = {"duration_s": "s", "loudness_db": "dBFS", "brightness": ""}  # a column of the items, and its unit
COLUMNS = ["by", "value", "items", "accuracy", "accuracy_low", "accuracy_high"]


def subgroups(
    predictions: Mapping[Key, pd.DataFrame], items: pd.DataFrame, measured: pd.DataFrame
) -> pd.DataFrame:
    """`subset,view,model` and `COLUMNS`: each model's accuracy in each subgroup, groups from the lowest on.

    items, measured : DataFrames with `id`; the items have `path, group` and columns `given.…`, and either those of
        `MEASURES` that were taken
    """
    items = items.merge(measured, on="id").set_index("id")
    tables = []
    for (subset, view, model), answers in predictions.items():
        if view == "shuffled":
            continue
        table = checked(answers)
        own = items.loc[runs_of(table)[0]["id"]].reset_index()
        rows = pd.DataFrame(_rows(right_by_run(table), own), columns=COLUMNS)
        tables.append(rows.assign(subset=subset, view=view, model=model))
    columns = ["subset", "view", "model", *COLUMNS]
    return pd.concat(tables)[columns] if tables else pd.DataFrame(columns=columns)


def _rows(right: NDArray[np.bool_], items: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    """right : whether each run is right on each item, shape (runs, items)"""
    whole = units(items["group"].astype(str).tolist())
    for column in ("group", *(name for name in map(str, items) if name.startswith(GIVEN))):
        drawn = np.arange(len(items)) if column == "group" else whole
        rows = [(name, *_accuracy(right, places, drawn)) for name, places in _of_values(items, column)]
        yield from ((column, *row) for row in sorted(rows, key=lambda row: row[2]))
    for measure, unit in MEASURES.items():
        if measure in items:
            for name, places in _bins(items[measure].to_numpy(dtype=float), unit):
                yield (measure, name, *_accuracy(right, places, whole))


def _accuracy(
    right: NDArray[np.bool_], places: NDArray[np.int64], groups: NDArray[np.int64]
) -> tuple[int, float, float, float]:
    """The number of items at these places, their accuracy and its limits.

    groups : what is drawn anew: of a group each of its items, of other subgroups the groups
    """
    own = units(groups[places].tolist())
    parts = components(right[:, places], own)
    limits = proportion_interval(parts.value, spread(parts.v_g, parts), np.bincount(own))
    low, high = map(rounded, limits)
    return len(places), rounded(parts.value), low, high


def _of_values(items: pd.DataFrame, column: str) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Each value of a column with the places of its items, where they are `LEAST` or more, and all others together.

    Groups of segments of one recording each are called by its file's name, where no two have the same.
    """
    of_group = [(group, np.asarray(places)) for group, places in items.groupby(column).indices.items()]
    large = [(group, places) for group, places in of_group if len(places) >= LEAST]
    if len(of_group) < 2 or sum(len(places) for _, places in large) < LEAST_SHARE * len(items):
        return
    names = [str(group) or "not given" for group, _ in large]
    if column == "group":
        paths = [set(items["path"].iloc[places]) for _, places in large]
        files = [
            PurePath(*own).name if len(own) == 1 else name for own, name in zip(paths, names, strict=True)
        ]
        names = files if len(set(files)) == len(files) else names
    yield from zip(names, (places for _, places in large), strict=True)
    small = [places for _, places in of_group if len(places) < LEAST]
    if small:
        yield f"{len(small)} of fewer than {LEAST} items", np.sort(np.concatenate(small))


def _bins(values: NDArray[np.float64], unit: str) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """The name and the places of the items between two quartiles; none where the values hardly differ, or no more
    than by what names leave out.
    """
    edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)))
    if len(edges) < 3 or len(values) < BINS * LEAST:
        return
    bins = np.searchsorted(edges[1:-1], values, side="right")  # a bin holds its lower edge
    names = [f"{low:.3g} to {high:.3g} {unit}".rstrip() for low, high in itertools.pairwise(edges)]
    if len(set(names)) < len(names):
        return
    for number, name in enumerate(names):
        places = np.flatnonzero(bins == number)
        if len(places):
            yield name, places
