"""What the page shows and plays of one item: the picture, its sound, the spectrogram, what comes back."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.config.inputs import ModelInput, PicturesInput, SoundsInput, SpectrogramsInput
from earshot.config.sonify import Sonify
from earshot.config.views import Source
from earshot.core import paths
from earshot.core.io import read_table, records
from earshot.explanation.sheets import axes_of
from earshot.features.extract import arrays_of
from earshot.plots.figures import column_ticks, row_ticks
from earshot.reading.members import source_of
from earshot.reading.sounds import read_sound, write_wav
from earshot.report import media
from earshot.report.wording import plural
from earshot.signal.axes import Axes
from earshot.signal.clips import fit_length
from earshot.signal.spectrogram import spectrograms
from earshot.sonification.sonify import geometry, magnitude_of_signals

InputOfItems: TypeAlias = PicturesInput | SoundsInput | SpectrogramsInput  # what has pictures
MOST_S = 5.0  # seconds of a recording that are played; the rest would not fit on the page for many items


class Items:
    """The data set's items, read one at a time.

    table : data/balanced.csv
    model_input : what the models read; of sonified pictures, as those of the view `sound` do
    features : folder of the arrays that are shown of sounds and spectrograms, `data/features/<view>`; None where the
        models see none that could be shown, and spectrograms are made for the page
    in_colour : whether a view of the study is the picture in colour
    """

    def __init__(
        self,
        table: pd.DataFrame,
        *,
        model_input: InputOfItems,
        features: Path | None,
        in_colour: bool = False,
    ) -> None:
        self.in_colour = in_colour
        self.rows = {row["id"]: row for row in records(table.astype(object).where(table.notna(), None))}
        self.input = model_input
        self.kind = model_input.kind
        self.top_first = self.kind == "pictures"  # whether row 0 of what the models see is its top
        self.features = features
        if self.kind != "pictures" and features:
            clips = read_table(features / "rows.csv").drop_duplicates("id")  # of each item the first
            self.clips = dict(zip(clips["id"], zip(clips["shard"], clips["row"], strict=True), strict=True))

    def pictures(self, name: str) -> dict[str, str]:
        """The pictures of an item as data URIs: `spectrogram` of any; of a sonified one `picture` and `back`, and
        `colour` where a view is in colour.
        """
        row = self.rows[name]
        if isinstance(self.input, PicturesInput):
            wav = self._sonified(row)
            signal, _ = read_sound(wav, name=name)
            pngs = {
                "picture": media.grey(_array(row["path"], name, as_seen(self.input, "picture"))),
                "back": media.grey(_array(wav, name, self.input)),
                "spectrogram": media.coloured(decibels(signal, settings=self.input.sonify), top_first=False),
            }
            if self.in_colour:
                pngs["colour"] = media.coloured(_array(row["path"], name, as_seen(self.input, "colour")))
        elif self.features is None:
            pngs = {"spectrogram": media.coloured(self._spectrogram(row), top_first=False)}
        else:
            shard, place = self.clips[name]
            array = np.load(paths.shard_file(self.features, shard, "npy"), mmap_mode="r")[place]
            pngs = {"spectrogram": media.coloured(array, top_first=False)}
        return {key: media.picture_uri(png) for key, png in pngs.items()}

    def sound(self, name: str) -> str:
        """The sound of an item as a data URI: the first clip of a recording, and no more of it than MOST_S."""
        row = self.rows[name]
        if isinstance(self.input, PicturesInput):
            return media.sound_uri(self._sonified(row))
        return media.sound_uri(write_wav(*self._played(row)))

    def shape(self) -> tuple[int, int]:
        """Of the arrays that are made for the page: of pictures as they come back, of recordings as spectrograms."""
        if isinstance(self.input, PicturesInput):
            return self.input.sonify.rows, self.input.sonify.columns
        assert isinstance(self.input, SoundsInput)
        silence = np.zeros((1, round(self._longest_s() * self.input.sample_rate)), np.float32)
        bands, frames = spectrograms(silence, settings=self.input.features)[0].shape
        return bands, frames

    def _spectrogram(self, row: dict[str, Any]) -> NDArray[np.float32]:
        """Of what is played of a recording, filled up to the length that all have. (bands, frames)"""
        assert isinstance(self.input, SoundsInput)
        signal, rate = self._played(row)
        filled = fit_length(signal, length=round(self._longest_s() * rate))
        spectrogram: NDArray[np.float32] = spectrograms(filled[np.newaxis], settings=self.input.features)[0]
        return spectrogram

    def _longest_s(self) -> float:
        """Seconds that a spectrogram made for the page shows, the same of all items."""
        return min(MOST_S, max(self._clip_s(row) for row in self.rows.values()))

    def _played(self, row: dict[str, Any]) -> tuple[NDArray[np.float32], int]:
        """What is played of a recording, and its sample rate."""
        assert not isinstance(self.input, PicturesInput)
        played_s = min(self._clip_s(row), MOST_S)
        start_s, end_s = row.get("start_s"), row.get("end_s")
        if played_s < row["duration_s"]:
            end_s = (start_s or 0.0) + played_s
        return read_sound(
            source_of(row["path"]),
            name=row["id"],
            sample_rate=self.input.features.sample_rate,
            start_s=start_s,
            end_s=end_s,
            channel=self.input.features.channel,
        )

    def shortened(self, names: Iterable[str]) -> list[str]:
        """The sentence that some of the sounds are cut, where they are."""
        long = sum(self.kind == "sounds" and self._clip_s(self.rows[name]) > MOST_S for name in names)
        return [f"Of {plural(long, 'longer sound')} the first {MOST_S:g} s are played."] if long else []

    def _clip_s(self, row: dict[str, Any]) -> float:
        """How long a recording's first clip sounds; the rest of it is silence."""
        if isinstance(self.input, PicturesInput):
            return geometry(self.input.sonify).duration_s
        features, duration_s = self.input.features, float(row["duration_s"])
        if self.features is None:  # all of it is heard
            return min(features.clip_s or duration_s, duration_s)
        frames_s = (features.frames or 0) * features.hop_length / features.sample_rate
        return min(features.clip_s or frames_s, duration_s)

    def _sonified(self, row: dict[str, Any]) -> Any:
        return source_of(paths.shard_file(paths.AUDIO, row["shard"], "tar") / f"{row['id']}.wav")


def axes_of_pictures(
    model_input: ModelInput, shape: Sequence[int], *, in_colour: bool = False
) -> dict[str, dict[str, Any]]:
    """The axes of each picture that `Items.pictures` gives, for the page.

    model_input, in_colour : as `Items` takes them
    shape : (…, rows, columns) of what the models see
    """
    axes, shape = axes_of(model_input), shape[-2:]
    if not isinstance(model_input, PicturesInput):
        return {"spectrogram": axes_on_page(axes, shape)}
    sizes = geometry(model_input.sonify)
    hz = np.arange(sizes.bins) * model_input.sonify.sample_rate / sizes.n_fft
    spectrogram = axes._replace(top_first=False, rows_hz=hz)
    of_picture = axes_on_page(axes_of(as_seen(model_input, "picture")), shape)
    return {
        **({"colour": of_picture} if in_colour else {}),
        "picture": of_picture,
        "back": axes_on_page(axes, shape),
        "spectrogram": axes_on_page(spectrogram, (sizes.bins, sizes.frames)),
    }


def as_seen(model_input: PicturesInput, view: Source) -> PicturesInput:
    """What models of a view read of the same pictures."""
    return model_input.model_copy(update={"view": view})


def _array(source: Any, name: str, model_input: PicturesInput) -> NDArray[np.float32]:
    """A sonified picture as a view has it, shape (rows, columns), or in colour (3, rows, columns)."""
    arrays, _ = arrays_of(source, name=name, model_input=model_input)  # (1, rows, columns)
    array: NDArray[np.float32] = arrays[0]
    return array


def decibels(signal: NDArray[np.float32], *, settings: Sonify) -> NDArray[np.floating[Any]]:
    """A sonified picture's sound as its spectrogram in decibels, `range_db` deep. (bins, frames)

    Computed as float64: the last bit of float32 logarithms hangs on the processor, and a colour may hang on it.
    """
    magnitude = magnitude_of_signals(signal[None], settings=settings)[0].astype(np.float64)
    loudest = magnitude.max() or 1.0
    decibels: NDArray[np.floating[Any]] = 20 * np.log10(
        np.maximum(magnitude / loudest, 10 ** (-settings.range_db / 20))
    )
    return decibels


def axes_on_page(axes: Axes, shape: Sequence[int]) -> dict[str, Any]:
    """Names, and ticks as (place from the top or the left in per cent, label)."""
    rows, columns = shape[-2:]
    down = [100 * (place + 0.5) / rows for place in row_ticks(axes, rows)[0]]
    across = [100 * (place + 0.5) / columns for place in column_ticks(axes, columns)[0]]
    return {
        "rowName": axes.row_name,
        "columnName": axes.column_name,
        "rows": _ticks(down if axes.top_first else [100 - place for place in down], row_ticks(axes, rows)[1]),
        "columns": _ticks(across, column_ticks(axes, columns)[1]),
        "shape": [rows, columns],
    }


def _ticks(places: Iterable[float], labels: Iterable[str]) -> list[list[Any]]:
    return [[round(float(place), 2), label] for place, label in zip(places, labels, strict=True)]
