"""The chart of accuracy: an axis that fits, and floors that lie beside it where they would flatten the rest."""

import math

import pandas as pd
import pytest

from earshot.report.dots import axis_of, dots


def table(*rows, chance=0.1):
    """Rows `view, run, accuracy, low, high` of one model, and chance."""
    columns = ["view", "run", "accuracy", "accuracy_low", "accuracy_high"]
    found = pd.DataFrame([*rows, ("chance", "all", chance, chance, chance)], columns=columns)
    found["series"] = ["chance" if view == "chance" else f"cnn on {view}" for view in found["view"]]
    return found.assign(model="cnn", classes=10)


SOUND = ("sound", "all", 0.95, 0.91, 0.97)
RUN = ("sound", 1, 0.93, math.nan, math.nan)
FLOOR = ("shuffled", "all", 0.12, 0.08, 0.15)


@pytest.mark.parametrize(
    ("rows", "chance", "low", "high"),
    [
        ([SOUND, RUN], 0.1, 0.91, 0.97),  # chance would make the axis fifteen times as long
        ([("sound", "all", 0.7, 0.55, 0.8)], 0.5, 0.5, 0.8),
        ([("sound", "all", 1.0, 0.99, 1.0)], 0.5, 0.99, 1.0),
        ([FLOOR], 0.1, 0.08, 0.15),  # a study of nothing else
        ([("sound", "all", 0.3, 0.29, 0.31)], 0.5, 0.29, 0.5),  # worse than guessing
    ],
)
def test_the_axis_fits_the_values(rows, chance, low, high):
    axis = axis_of(table(*rows, chance=chance))
    step = axis.ticks[1] - axis.ticks[0]
    assert low - step < axis.low <= low + 1e-9
    assert high - 1e-9 <= axis.high < high + step
    assert 2 <= len(axis.ticks) <= 7
    assert (axis.place(axis.low), axis.place(axis.high)) == (0, 1)


def test_a_row_has_its_mean_its_interval_and_its_runs():
    chart = dots(table(SOUND, RUN, FLOOR))
    (group,) = chart["groups"]
    (row,) = group["rows"]
    assert (row["view"], row["accuracy"], row["limits"]) == ("sound", 0.95, [0.91, 0.97])
    assert row["span"][0] < row["runs"][0] < row["at"] < row["span"][1]
    guessing, shuffled = group["floors"]
    assert (guessing["name"], guessing["low"], guessing["at"], guessing["off"]) == ("guessing", 0.1, [], True)
    assert (shuffled["name"], shuffled["high"]) == ("shuffled labels", 0.12)
    assert chart["off"]


def test_a_floor_that_fits_is_on_the_axis():
    (group,) = dots(table(("sound", "all", 0.7, 0.55, 0.8), chance=0.5))["groups"]
    assert group["floors"][0]["at"] == [0]
    assert not group["floors"][0]["off"]
