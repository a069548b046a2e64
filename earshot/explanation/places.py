"""Where a map has its weight, in words."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earshot.signal.axes import Axes

MOST = math.sqrt(0.5)  # of the weight, along each axis: a rectangle of both holds at least half
DIFFUSE = 0.5  # of the array, above which a map that needs as much for half of its weight names no place


def places_of(heat: NDArray[Any], axes: Axes) -> str:
    """The rectangle that holds most of a map: "most weight at 0.20 to 0.31 s, 1 to 1.5 kHz". "" of an empty map.

    heat : shape (rows, columns), 0 to 1

    First the shortest stretch of columns, then the shortest of rows within it; of one row there is nothing to say.
    """
    if not heat.any():
        return ""
    columns = shortest_stretch(heat.sum(axis=0), MOST)
    rows = shortest_stretch(heat[:, slice(*columns)].sum(axis=1), MOST)
    share = (columns[1] - columns[0]) * (rows[1] - rows[0]) / heat.size
    place = _columns(columns, axes) if len(heat) == 1 else f"{_columns(columns, axes)}, {_rows(rows, axes)}"
    return f"weight spread over {place}" if share > DIFFUSE else f"most weight at {place}"


def shortest_stretch(weights: NDArray[Any], share: float) -> tuple[int, int]:
    """The first of the shortest stretches [start, end) that hold this share of all weights.

    weights : shape (places,), not negative
    """
    sums = np.concatenate([[0.0], np.cumsum(weights, dtype=np.float64)])
    ends = np.searchsorted(sums, sums + share * sums[-1] * (1 - 1e-9))  # of the stretch from each start
    starts = np.flatnonzero(ends < len(sums))
    best = starts[(ends[starts] - starts).argmin()]
    return int(best), int(ends[best])


def _columns(stretch: tuple[int, int], axes: Axes) -> str:
    start, end = stretch
    if axes.column_s is None:
        return _counted(axes.column_name, stretch)
    first, last = (axes.first_s + (place - 0.5) * axes.column_s for place in (start, end))
    return f"{max(first, 0):.2f} to {last:.2f} s"


def _rows(stretch: tuple[int, int], axes: Axes) -> str:
    if axes.rows_hz is None:
        return _counted(axes.row_name, stretch)
    places = np.arange(len(axes.rows_hz))
    low, high = sorted(np.interp([place - 0.5 for place in stretch], places, axes.rows_hz))
    unit, scale = ("kHz", 1000) if high >= 1000 else ("Hz", 1)
    return f"{float(f'{low / scale:.2g}'):g} to {float(f'{high / scale:.2g}'):g} {unit}"


def _counted(name: str, stretch: tuple[int, int]) -> str:
    """Places that are counted from 1: "rows 3 to 8"."""
    start, end = stretch
    word = name.partition(" (")[0]
    return f"{word}s {start + 1} to {end}" if end - start > 1 else f"{word} {end}"
