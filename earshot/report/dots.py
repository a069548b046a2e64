"""The chart of accuracy: a row of dots for each model and view, grouped by the number of classes.

It is HTML, which fits any width and is read aloud as the list that it is. Places are shares of the axis, from 0 to 1.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pandas as pd

from earshot.core.io import records
from earshot.evaluation.compare import CHANCE

STEPS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)  # between two ticks
MOST_TICKS = 7
FLOORS = (CHANCE, "shuffled")


class Axis(NamedTuple):
    """From `low` to `high`, with a tick at every `ticks`."""

    low: float
    high: float
    ticks: list[float]

    def place(self, value: float) -> float:
        return round((value - self.low) / (self.high - self.low), 4)


def dots(table: pd.DataFrame) -> dict[str, Any]:
    """`low, high, ticks, groups` of the chart, ready to be placed.

    table : as `earshot.evaluation.compare.accuracy_by_classes` gives it

    The axis fits the models; chance and shuffled labels are on it where that costs no more than half of its length,
    and else, where they lie to its left, at its left end, as `off` says.
    """
    axis = axis_of(table)
    sizes = sorted(table["classes"].unique().tolist())
    groups = [_group(axis, size, table[table["classes"] == size]) for size in sizes]
    return {
        "low": axis.low,
        "high": axis.high,
        "ticks": [(tick, axis.place(tick)) for tick in axis.ticks],
        "groups": groups,
        "off": any(row["off"] for group in groups for row in group["floors"]),
    }


def axis_of(table: pd.DataFrame) -> Axis:
    """The axis that fits the values and limits of a table as `dots` takes it, from one tick to another."""
    own, floor = (_values(table[table["view"].isin(FLOORS) == is_floor]) for is_floor in (False, True))
    values = own or floor
    low, high = min(values), max(values)
    whole = [*values, *floor]
    high = max(whole)  # nothing marks a floor to the right of the axis, so that it reaches that far
    if 2 * (high - low) >= high - min(whole):
        low = min(whole)
    return _axis(low, high)


def _axis(low: float, high: float) -> Axis:
    for step in STEPS:
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if last - first < MOST_TICKS:
            break
    last = max(last, first + 1)
    ticks = [round(number * step, 6) for number in range(first, last + 1)]
    return Axis(ticks[0], ticks[-1], ticks)


def _values(table: pd.DataFrame) -> list[float]:
    columns = table[["accuracy", "accuracy_low", "accuracy_high"]].to_numpy(dtype=float).ravel()
    return [float(value) for value in columns if not math.isnan(value)]


def _group(axis: Axis, classes: int, table: pd.DataFrame) -> dict[str, Any]:
    models = table[~table["view"].isin(FLOORS)]
    names = list(dict.fromkeys(models["series"]))
    rows = [_row(axis, records(models[models["series"] == name])) for name in names]
    floors = [
        _floor(
            axis, name, table.loc[(table["view"] == view) & (table["run"].astype(str) == "all"), "accuracy"]
        )
        for view, name in ((CHANCE, "guessing"), ("shuffled", "shuffled labels"))
        if (table["view"] == view).any()
    ]
    return {"classes": classes, "rows": rows, "floors": floors}


def _row(axis: Axis, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    (mean,) = (row for row in rows if row["run"] == "all")
    limits = [mean["accuracy_low"], mean["accuracy_high"]]
    return {
        **{key: mean[key] for key in ("view", "model", "accuracy")},
        "limits": None if math.isnan(limits[0]) else limits,
        "at": axis.place(mean["accuracy"]),
        "span": None if math.isnan(limits[0]) else [axis.place(limit) for limit in limits],
        "runs": [axis.place(row["accuracy"]) for row in rows if row["run"] != "all"],
    }


def _floor(axis: Axis, name: str, values: Iterable[float]) -> dict[str, Any]:
    """A row of ticks: those that lie left of the axis are left out, and `off` says so."""
    accuracies = sorted(values)
    return {
        "name": name,
        "low": accuracies[0],
        "high": accuracies[-1],
        "at": sorted({axis.place(value) for value in accuracies if axis.low <= value <= axis.high}),
        "off": accuracies[0] < axis.low,
    }
