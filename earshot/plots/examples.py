"""One example of every class, drawn: what the files hold before anything is made of them."""

import numpy as np

from earshot.core.chunks import chunks
from earshot.core.classes import class_order
from earshot.plots.figures import figure, png, show, title
from earshot.reading.arrays import read_array
from earshot.reading.members import source_of
from earshot.reading.pictures import open_picture
from earshot.reading.sounds import read_sound
from earshot.signal import axes
from earshot.signal.spectrogram import spectrogram
from earshot.store.executor import map_shards

COLUMNS, ROWS = 4, 3  # examples across and down a sheet
WAVE_POINTS = 500  # of a drawn waveform, each the lowest and the highest sample of a stretch


def draw(index, *, kind, features):
    """Sheets of examples, the first item of each class, in class order.

    index : DataFrame of data/index.csv
    kind : str, `dataset.kind`
    features : config.Features

    Returns a list of PNG bytes, one a sheet of twelve classes.
    """
    first = index.drop_duplicates("label").set_index("label", drop=False)
    items = first.loc[class_order(index["label"])].to_dict("records")
    sheets = [(sheet, kind, features) for sheet in chunks(items, COLUMNS * ROWS)]
    sizes = [len(sheet) for sheet, _, _ in sheets]
    return map_shards(_draw_sheet, sheets, sizes=sizes, description="examples", unit="class", here=True)


def _draw_sheet(task):
    items, kind, features = task
    across = min(COLUMNS, len(items))
    down = -(-len(items) // across)
    drawn = figure(2.6 * across, (3.4 if kind == "sounds" else 2.4) * down)
    cells = drawn.add_gridspec(
        *(down, across), left=0.2 / across, right=1 - 0.03 / across, top=1 - 0.09 / down, bottom=0.16 / down,
        wspace=0.42, hspace=0.42,
    )  # fmt: skip
    for number, item in enumerate(items):
        DRAWERS[kind](drawn, cells[number // across, number % across], item, features)
    return png(drawn)


def _draw_picture(drawn, cell, item, features):
    picture = open_picture(item["path"])
    colour = picture.convert("RGB" if picture.getbands() != ("L",) else "L")
    panel = drawn.add_subplot(cell)
    show(panel, np.asarray(colour), axes=axes.PIXELS, colormap="gray", limits=(0, 255))
    title(panel, item["label"])


def _draw_array(drawn, cell, item, features):
    array = read_array(item["path"], name=item["path"], colormap=features.colormap)
    panel = drawn.add_subplot(cell)
    show(panel, array, axes=axes.UNITLESS)
    title(panel, item["label"])


def _draw_sound(drawn, cell, item, features):
    signal, rate = read_sound(
        source_of(item["path"]),
        name=item["path"],
        sample_rate=features.sample_rate,
        start_s=_second(item, "start_s"),
        end_s=_second(item, "end_s"),
    )
    whole = features.model_copy(update={"frames": None})
    upper, lower = (
        drawn.add_subplot(part) for part in cell.subgridspec(2, 1, height_ratios=(1, 2.4), hspace=0.06)
    )
    lows, highs = envelope(signal)
    times = np.linspace(0, len(signal) / rate, len(lows))
    upper.fill_between(times, lows, highs, linewidth=0.5)
    upper.set_xlim(0, times[-1])
    upper.set_xticks([])
    upper.tick_params(labelsize=7, length=2, pad=2)
    title(upper, item["label"])
    show(lower, spectrogram(signal, settings=whole), axes=axes.of_features(features))


def envelope(signal):
    """The lowest and the highest sample of each of up to WAVE_POINTS stretches. (samples,) -> 2 × (stretches,)"""
    starts = np.unique(np.linspace(0, len(signal), min(WAVE_POINTS, len(signal)), endpoint=False).astype(int))
    return np.minimum.reduceat(signal, starts), np.maximum.reduceat(signal, starts)


def _second(item, column):
    """A bound of a part, None where the index has none."""
    value = item.get(column)
    return None if value is None or value == "" or value != value else float(value)


DRAWERS = {"pictures": _draw_picture, "sounds": _draw_sound, "spectrograms": _draw_array}
