"""Where a map has its weight: known rectangles, and the shortest stretch against all of them."""

import numpy as np
import pytest

from earshot.explanation.places import places_of, shortest_stretch
from earshot.signal.axes import PIXELS, UNITLESS, Axes

HZ = Axes("frequency (Hz)", "time (s)", top_first=True, rows_hz=np.arange(10)[::-1] * 250.0, column_s=0.02)


def a_rectangle(rows, columns, *, shape=(10, 20)):
    heat = np.full(shape, 0.001, np.float32)
    heat[slice(*rows), slice(*columns)] = 1
    return heat


@pytest.mark.parametrize(
    ("axes", "words"),
    [
        (HZ, "most weight at 0.09 to 0.15 s, 0.88 to 1.6 kHz"),
        (HZ._replace(first_s=2.0), "most weight at 2.09 to 2.15 s, 0.88 to 1.6 kHz"),
        (PIXELS, "most weight at columns 6 to 8, rows 4 to 6"),
        (UNITLESS, "most weight at frames 6 to 8, bands 4 to 6"),
        (HZ._replace(rows_hz=HZ.rows_hz / 10), "most weight at 0.09 to 0.15 s, 88 to 160 Hz"),
    ],
)
def test_a_rectangle_is_named_in_the_units_of_the_axes(axes, words):
    assert places_of(a_rectangle((3, 6), (5, 8)), axes) == words


def test_one_place_is_named_alone():
    assert places_of(a_rectangle((3, 4), (5, 6)), PIXELS) == "most weight at column 6, row 4"


def test_weight_everywhere_is_said_to_be_spread():
    assert places_of(np.ones((10, 20)), UNITLESS).startswith("weight spread over frames 1 to 15")


def test_an_empty_map_names_nothing():
    assert places_of(np.zeros((10, 20)), HZ) == ""


def test_the_named_rectangle_holds_at_least_half_of_the_weight():
    heat = np.random.default_rng(0).random((10, 20)) ** 3
    columns = shortest_stretch(heat.sum(axis=0), np.sqrt(0.5))
    rows = shortest_stretch(heat[:, slice(*columns)].sum(axis=1), np.sqrt(0.5))
    assert heat[slice(*rows), slice(*columns)].sum() >= 0.5 * heat.sum()


def test_the_shortest_stretch_is_the_shortest_of_all():
    weights = np.random.default_rng(1).random(30)
    enough = [
        (end - start, start)
        for start in range(30)
        for end in range(start + 1, 31)
        if weights[start:end].sum() >= 0.7 * weights.sum()
    ]
    length, start = min(enough)
    assert shortest_stretch(weights, 0.7) == (start, start + length)
