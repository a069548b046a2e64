"""Figures of arrays with their axes, as PNG files whose bytes repeat."""

import io
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes as Panel
from matplotlib.figure import Figure  # not pyplot, which keeps state and looks for a screen
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from earshot.plots.fonts import write_every_character
from earshot.signal.axes import PIXELS, Axes

DPI = 100
TICKS = 4  # steps between labelled ticks, at most
STEPS = [1, 2, 5, 10]
ROUND_HZ: list[float] = [step * 10**power for power in (1, 2, 3, 4) for step in (1, 2, 5)]
ODD_SPACING = 0.14  # of an axis: ticks on a curved scale stay at least so far apart


def figure(width: float, height: float) -> Figure:
    """An empty figure, inches."""
    return Figure(figsize=(width, height), dpi=DPI)


def png(figure: Figure) -> bytes:
    """A figure's PNG bytes: no date, no version in them.

    They hang on the fonts that are installed only where a name needs one.
    """
    buffer = io.BytesIO()
    write_every_character(figure)
    figure.savefig(buffer, format="png", metadata={"Software": None}, pil_kwargs={"compress_level": 2})
    return buffer.getvalue()


def show_array(
    panel: Panel,
    array: NDArray[Any],
    *,
    axes: Axes,
    colormap: str = "magma",
    limits: tuple[float, float] | None = None,
    rows: bool = True,
    columns: bool = True,
) -> None:
    """Draw an array the right way up.

    array : shape (rows, columns), or (rows, columns, 3) in colour
    limits : the lowest and the highest value, or None for the array's own
    rows, columns : whether this panel carries the labels of its axes
    """
    low, high = limits or (None, None)
    panel.imshow(
        array,
        origin="upper" if axes.top_first else "lower",
        aspect="equal" if axes == PIXELS else "auto",
        interpolation="nearest",
        cmap=colormap,
        vmin=low,
        vmax=high,
    )
    panel.tick_params(labelsize=7, length=2, pad=2)
    if rows:
        panel.set_yticks(*row_ticks(axes, len(array)))
        panel.set_ylabel(axes.row_name, fontsize=8)
    else:
        panel.set_yticks([])
    if columns:
        panel.set_xticks(*column_ticks(axes, array.shape[1]))
        panel.set_xlabel(axes.column_name, fontsize=8)
    else:
        panel.set_xticks([])


def strip(
    panel: Panel, tiles: Sequence[NDArray[Any] | None], *, axes: Axes, gap: float, columns: bool = True
) -> None:
    """Draw colour arrays of one shape side by side in one panel: each panel costs ten times what an array does.

    tiles : shape (rows, columns, 3), 0 to 1; None leaves a place empty
    axes : those of every tile
    gap : between tiles, as a share of a tile's width
    columns : whether the tiles carry the labels of their columns
    """
    height, width = next(tile.shape[:2] for tile in tiles if tile is not None)
    down = (height - 0.5, -0.5) if axes.top_first else (-0.5, height - 0.5)
    origin: Literal["upper", "lower"] = "upper" if axes.top_first else "lower"
    step = width * (1 + gap)
    for number, tile in enumerate(tiles):
        if tile is not None:
            across = (number * step - 0.5, number * step + width - 0.5)
            panel.imshow(tile, origin=origin, extent=(*across, *down), aspect="auto", interpolation="nearest")
    panel.set_xlim(-0.5, (len(tiles) - 1) * step + width - 0.5)
    panel.set_ylim(*down)
    panel.spines[:].set_visible(False)
    panel.tick_params(labelsize=7, length=2, pad=2)
    panel.set_yticks(*row_ticks(axes, height))
    panel.set_ylabel(axes.row_name, fontsize=8)
    places, labels = column_ticks(axes, width) if columns else ([], [])
    shifts = [number * step for number, tile in enumerate(tiles) if tile is not None]
    panel.set_xticks([place + shift for shift in shifts for place in places], labels * len(shifts))
    if columns:
        panel.set_xlabel(axes.column_name, fontsize=8)


def set_title(panel: Panel, text: str) -> None:
    """Set a panel's title, in which a dollar sign starts no formula."""
    panel.set_title(text, fontsize=8, pad=3, parse_math=False)


def row_ticks(axes: Axes, count: int) -> tuple[list[float], list[str]]:
    """Positions in rows and labels of a few round frequencies, or of row numbers."""
    if axes.rows_hz is None:
        return _counted(count)
    hz = np.sort(axes.rows_hz)
    steps = np.diff(hz)
    if len(hz) < 2 or np.allclose(steps, steps[0]):
        round_hz = list(MaxNLocator(TICKS, steps=STEPS).tick_values(hz[0], hz[-1]))
    else:
        round_hz = ROUND_HZ
    round_hz = [value for value in round_hz if hz[0] <= value <= hz[-1]]
    ticks: list[tuple[float, float]] = []  # (place, hertz)
    for place, value in zip(np.interp(round_hz, hz, np.arange(count)), round_hz, strict=True):
        if not ticks or place - ticks[-1][0] >= ODD_SPACING * count:
            ticks.append((place, value))
    descending = axes.rows_hz[0] > axes.rows_hz[-1]
    places = [count - 1 - place if descending else place for place, _ in ticks]
    return places, [f"{value:g}" for _, value in ticks]


def column_ticks(axes: Axes, count: int) -> tuple[list[float], list[str]]:
    """Positions in columns and labels of a few round times, or of column numbers."""
    if axes.column_s is None:
        return _counted(count)
    first, last = axes.first_s, axes.first_s + (count - 1) * axes.column_s
    times = [
        value for value in MaxNLocator(TICKS, steps=STEPS).tick_values(first, last) if first <= value <= last
    ]
    return [(value - first) / axes.column_s for value in times], [f"{value:g}" for value in times]


def _counted(count: int) -> tuple[list[float], list[str]]:
    values = MaxNLocator(TICKS, steps=STEPS, integer=True).tick_values(0, count - 1)
    numbers = [int(value) for value in values if int(value) < count]
    return [*numbers], [str(number) for number in numbers]
