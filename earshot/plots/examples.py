"""One example of every class, drawn as its file holds it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec
from numpy.typing import NDArray

from earshot.config.base import Kind
from earshot.config.features import Features
from earshot.core.chunks import chunks
from earshot.core.classes import class_order
from earshot.plots.figures import figure, png, set_title, show_array
from earshot.reading.arrays import read_array
from earshot.reading.members import source_of
from earshot.reading.pictures import brightness_of, is_deep, open_picture
from earshot.reading.sounds import read_sound
from earshot.signal import axes
from earshot.signal.spectrogram import spectrogram
from earshot.store.executor import map_shards

COLUMNS, ROWS = 4, 3  # examples across and down a sheet
WAVE_POINTS = 500  # of a drawn waveform, each the lowest and the highest sample of a stretch

Item: TypeAlias = Mapping[Any, Any]  # a row of data/index.csv, by column


def draw(index: pd.DataFrame, *, kind: Kind, features: Features) -> list[bytes]:
    """Sheets of examples as PNG bytes: the first item of each class, in class order, twelve classes a sheet.

    index : data/index.csv
    """
    first = index.drop_duplicates("label").set_index("label", drop=False)
    items = first.loc[class_order(index["label"])].to_dict("records")
    sheets = [(sheet, kind, features) for sheet in chunks(items, COLUMNS * ROWS)]
    sizes = [len(sheet) for sheet, _, _ in sheets]
    return map_shards(_draw_sheet, sheets, sizes=sizes, description="examples", unit="class", here=True)


def _draw_sheet(task: tuple[Sequence[Item], Kind, Features]) -> bytes:
    items, kind, features = task
    across = min(COLUMNS, len(items))
    down = -(-len(items) // across)
    page = figure(2.6 * across, (3.4 if kind == "sounds" else 2.4) * down)
    margins = {
        "left": 0.2 / across,
        "right": 1 - 0.03 / across,
        "top": 1 - 0.09 / down,
        "bottom": 0.16 / down,
    }
    cells = page.add_gridspec(down, across, wspace=0.42, hspace=0.42, **margins)
    for number, item in enumerate(items):
        DRAWERS[kind](page, cells[number // across, number % across], item, features)
    return png(page)


def _draw_picture(page: Figure, cell: SubplotSpec, item: Item, features: Features) -> None:
    picture = open_picture(item["path"])
    if is_deep(picture):  # as bright as it is, whatever a model takes for white
        pixels = 255 * brightness_of(picture, name=item["path"], white="data")
    else:
        pixels = np.asarray(picture.convert("RGB" if picture.getbands() != ("L",) else "L"))
    panel = page.add_subplot(cell)
    show_array(panel, pixels, axes=axes.PIXELS, colormap="gray", limits=(0, 255))
    set_title(panel, item["label"])


def _draw_array(page: Figure, cell: SubplotSpec, item: Item, features: Features) -> None:
    array = read_array(item["path"], name=item["path"], colormap=features.colormap)
    panel = page.add_subplot(cell)
    show_array(panel, array, axes=axes.UNITLESS)
    set_title(panel, item["label"])


def _draw_sound(page: Figure, cell: SubplotSpec, item: Item, features: Features) -> None:
    signal, rate = read_sound(
        source_of(item["path"]),
        name=item["path"],
        sample_rate=features.sample_rate,
        start_s=_second(item, "start_s"),
        end_s=_second(item, "end_s"),
        channel=features.channel,
    )
    whole = features.model_copy(update={"frames": None})
    grid = cell.subgridspec(2, 1, height_ratios=(1, 2.4), hspace=0.06)
    upper, lower = page.add_subplot(grid[0]), page.add_subplot(grid[1])
    lows, highs = envelope(signal)
    times = np.linspace(0, len(signal) / rate, len(lows))
    upper.fill_between(times, lows, highs, linewidth=0.5)
    upper.set_xlim(0, times[-1])
    upper.set_xticks([])
    upper.tick_params(labelsize=7, length=2, pad=2)
    set_title(upper, item["label"])
    show_array(lower, spectrogram(signal, settings=whole), axes=axes.of_features(features))


def envelope(signal: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The lowest and the highest sample of each of up to WAVE_POINTS stretches. (samples,) -> 2 × (stretches,)"""
    starts = np.unique(np.linspace(0, len(signal), min(WAVE_POINTS, len(signal)), endpoint=False).astype(int))
    return np.minimum.reduceat(signal, starts), np.maximum.reduceat(signal, starts)


def _second(item: Item, column: str) -> float | None:
    """A bound of a segment, None where the index has none."""
    value = item.get(column)
    return None if value is None or value == "" or value != value else float(value)


DRAWERS: Mapping[Kind, Callable[[Figure, SubplotSpec, Item, Features], None]] = {
    "pictures": _draw_picture,
    "sounds": _draw_sound,
    "spectrograms": _draw_array,
}
