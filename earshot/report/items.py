"""What the page shows and plays of one item: the picture, its sound, the spectrogram, what comes back."""

import numpy as np

from earshot.config.features import Features
from earshot.config.sonify import Sonify
from earshot.core import paths
from earshot.core.io import read_table
from earshot.explanation.sheets import axes_of
from earshot.features.extract import arrays_of
from earshot.plots.figures import column_ticks, row_ticks
from earshot.reading.members import source_of
from earshot.reading.sounds import read_sound, write_wav
from earshot.report import media
from earshot.report.wording import plural
from earshot.signal.axes import Axes
from earshot.sonification.sonify import geometry, magnitude_of_signals

MOST_S = 5.0  # seconds of a recording that are played; the rest would not fit on the page for many items


class Items:
    """The data set's items, read one at a time.

    table : DataFrame of data/balanced.csv
    settings : dict, the content of a model's `features`
    """

    def __init__(self, table, *, settings):
        table = table.astype(object).where(table.notna(), None)
        self.rows = table.set_index("id", drop=False).to_dict("index")
        self.settings = settings
        self.kind = settings["kind"]
        self.top_first = self.kind == "pictures"  # whether row 0 of what the models see is its top
        if self.kind != "pictures":
            self.features = paths.features(settings["view"])
            clips = read_table(self.features / "rows.csv").drop_duplicates("id")  # of each item the first
            self.clips = dict(zip(clips["id"], zip(clips["shard"], clips["row"], strict=True), strict=True))

    def pictures(self, name):
        """The pictures of an item as data URIs: `picture` and `back` of a sonified picture, `spectrogram` of any."""
        row = self.rows[name]
        if self.kind == "pictures":
            wav = self._sonified(row)
            sonified = Sonify(**self.settings["sonify"])
            signal, _ = read_sound(wav, name=name)
            shown = {
                "picture": media.grey(self._array(row["path"], name, view="picture")),
                "back": media.grey(self._array(wav, name, view="sound")),
                "spectrogram": media.coloured(decibels(signal, settings=sonified), top_first=False),
            }
        else:
            shard, place = self.clips[name]
            array = np.load(paths.shard_file(self.features, shard, "npy"), mmap_mode="r")[place]
            shown = {"spectrogram": media.coloured(array, top_first=False)}
        return {key: media.picture_uri(png) for key, png in shown.items()}

    def sound(self, name):
        """The sound of an item as a data URI: the first clip of a recording, and no more of it than MOST_S."""
        row = self.rows[name]
        if self.kind == "pictures":
            return media.sound_uri(self._sonified(row))
        features = Features(**self.settings["features"])
        played_s = min(self._clip_s(row), MOST_S)
        start_s, end_s = row.get("start_s"), row.get("end_s")
        if played_s < row["duration_s"]:
            end_s = (start_s or 0.0) + played_s
        signal, rate = read_sound(
            source_of(row["path"]),
            name=name,
            sample_rate=features.sample_rate,
            start_s=start_s,
            end_s=end_s,
        )
        return media.sound_uri(write_wav(signal, rate))

    def shortened(self, names):
        """The sentence that some of the sounds are cut, where they are."""
        long = sum(self.kind == "sounds" and self._clip_s(self.rows[name]) > MOST_S for name in names)
        return [f"Of {plural(long, 'longer sound')} the first {MOST_S:g} s are played."] if long else []

    def axes(self, shape):
        """The axes of each picture that `pictures` gives, for the page.

        shape : (rows, columns) of what the models see
        """
        axes = {view: axes_of({**self.settings, "view": view}) for view in ("sound", "picture")}
        if self.kind != "pictures":
            return {"spectrogram": axes_on_page(axes["sound"], shape)}
        sonified = Sonify(**self.settings["sonify"])
        sizes = geometry(sonified)
        hz = np.arange(sizes.bins) * sonified.sample_rate / sizes.n_fft
        spectrogram = axes["sound"]._replace(top_first=False, rows_hz=hz)
        return {
            "picture": axes_on_page(axes["picture"], shape),
            "back": axes_on_page(axes["sound"], shape),
            "spectrogram": axes_on_page(spectrogram, (sizes.bins, sizes.frames)),
        }

    def _clip_s(self, row):
        """How long a recording's first clip sounds; the rest of it is silence."""
        features = Features(**self.settings["features"])
        frames_s = (features.frames or 0) * features.hop_length / features.sample_rate
        return min(features.clip_s or frames_s, row["duration_s"])

    def _sonified(self, row):
        return source_of(paths.shard_file(paths.AUDIO, row["shard"], "tar") / f"{row['id']}.wav")

    def _array(self, source, name, *, view):
        """A sonified picture as a view has it."""
        return arrays_of(source, name=name, settings={**self.settings, "view": view})[0][0]


def decibels(signal, *, settings):
    """A sonified picture's sound as its spectrogram in decibels, `range_db` deep. (bins, frames)

    settings : config.Sonify
    """
    magnitude = magnitude_of_signals(signal[None], settings=settings)[0]
    loudest = magnitude.max() or 1.0
    return 20 * np.log10(np.maximum(magnitude / loudest, 10 ** (-settings.range_db / 20)))


def axes_on_page(axes: Axes, shape):
    """Names, and ticks as (place from the top or the left in per cent, label)."""
    rows, columns = shape
    down = [100 * (place + 0.5) / rows for place in row_ticks(axes, rows)[0]]
    across = [100 * (place + 0.5) / columns for place in column_ticks(axes, columns)[0]]
    return {
        "rowName": axes.row_name,
        "columnName": axes.column_name,
        "rows": _ticks(down if axes.top_first else [100 - place for place in down], row_ticks(axes, rows)[1]),
        "columns": _ticks(across, column_ticks(axes, columns)[1]),
        "shape": [rows, columns],
    }


def _ticks(places, labels):
    return [[round(float(place), 2), label] for place, label in zip(places, labels, strict=True)]
