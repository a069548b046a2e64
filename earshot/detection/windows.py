"""The windows of a recording, cut from a stream of its samples, and what a model says of each."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from earshot.config.features import Features
from earshot.config.inputs import EmbeddingInput, SoundsInput, kind_of
from earshot.core.errors import EarshotError
from earshot.features.extract import check_shape, transformed
from earshot.models.card import ModelCard
from earshot.models.temperature import at_temperature
from earshot.reading.sound_blocks import sound_blocks
from earshot.signal.clips import Pad, fit_length
from earshot.signal.spectrogram import from_power, mel_power, samples_below, spectrograms, stft_power
from earshot.store.cores import each_on_threads

if TYPE_CHECKING:
    from earshot.models.normalization import Normalized

Item = TypeVar("Item")

BATCH = 64  # windows that a model answers at once


@dataclass(frozen=True)
class Grid:
    """Where the windows of every recording lie: each `hop` samples one of `length`, at `sample_rate` Hz."""

    length: int
    hop: int
    sample_rate: int

    @property
    def length_s(self) -> float:
        return self.length / self.sample_rate

    @property
    def hop_s(self) -> float:
        return self.hop / self.sample_rate


class Scores(NamedTuple):
    """What a model says of windows that follow each other.

    starts, ends : int64, shape (windows,), in samples; the last window of a recording ends where that does
    probabilities : float32, shape (windows, classes)
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    probabilities: NDArray[np.float32]


class UntilDamage(Generic[Item]):
    """What is taken from a recording, one after the other, up to its end or to where it is damaged.

    problem : what is wrong there, once all that comes before is taken; None where nothing is
    """

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = items
        self.problem: EarshotError | None = None

    def __iter__(self) -> Iterator[Item]:
        try:
            yield from self._items
        except EarshotError as error:
            self.problem = error


class _Windows(NamedTuple):
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    signals: NDArray[np.float32]  # (windows, samples)


def features_of(card: ModelCard) -> Features:
    """How the sounds of a model are read. Raises EarshotError for one of pictures or ready spectrograms."""
    heard = card.input
    if isinstance(heard, SoundsInput):
        return heard.features
    if isinstance(heard, EmbeddingInput) and heard.sonify is None:
        return heard.features.model_copy(update={"sample_rate": heard.sample_rate})
    raise EarshotError(
        f"this model takes {kind_of(heard)}; only a model of recordings says what is heard in them when"
    )


def grid_of(card: ModelCard, *, hop_s: float | None = None) -> Grid:
    """The windows that a model of sounds hears: clips of features.clip_s, or as much as its arrays hold.

    Of whole recordings whose windows are pooled, it hears those of the pretrained model one by one.

    hop_s : seconds from one window's start to the next one's; None takes the training clips', or else a window's length

    Raises EarshotError for a model of pictures or of ready spectrograms, and for a hop that cannot be.
    """
    features = features_of(card)
    rate = features.sample_rate
    if features.clip_s is None and isinstance(card.input, EmbeddingInput):
        settings, frames = card.input.embedding, card.input_shape[1]
        length = round(settings.window_s * rate) + (frames - 1) * round(settings.hop_s * rate)
        hop = length if frames > 1 else round(settings.hop_s * rate)
    elif features.clip_s is None:
        length = samples_below(card.input_shape[1], features)
        hop = length
    else:
        length = round(features.clip_s * rate)
        hop = round((features.clip_hop_s or features.clip_s) * rate)
    if hop_s is not None:
        hop = round(hop_s * rate) if math.isfinite(hop_s) else 0
        if not 1 <= hop <= length:
            raise EarshotError(
                f"--hop {hop_s:g}: expected {1 / rate:g} to {length / rate:g} s, as much as the model hears; a longer "
                "one leaves sound between two windows that nobody hears"
            )
    return Grid(length, hop, rate)


def scores_of(
    models: Sequence["Normalized"],
    card: ModelCard,
    source: str | Path,
    *,
    grid: Grid,
    temperature: float = 1.0,
) -> Iterator[Scores]:
    """What a model says of each window of a recording, its runs averaged, a batch of windows at a time.

    models : the runs
    temperature : what the averages are calibrated by

    Of one window it says what `arrays_of` and the same runs say of a file that is no more than the window.
    Raises EarshotError for what is no sound, and where the sound is damaged once the windows before are given.
    """
    from earshot.training.batches import clips_of
    from earshot.training.predict import predict

    features = features_of(card)
    loudest = _loudest(source, grid, features) if features.reference == "item" else None

    def seen(windows: _Windows) -> tuple[_Windows, NDArray[np.float32]]:
        if isinstance(card.input, EmbeddingInput):
            heard = [0] * len(windows.signals)
            return windows, transformed(
                windows.signals, items=heard, model_input=card.input, name=str(source)
            )
        return windows, _arrays(windows.signals, features, loudest)

    read = UntilDamage(_read(source, grid, features))
    for windows, arrays in each_on_threads(seen, read):
        check_shape(arrays, card.input_shape, name=str(source))
        clips = clips_of(arrays, np.zeros(len(arrays)))
        means = np.stack([predict(model, clips) for model in models]).astype(float).mean(axis=0)
        if not np.isfinite(means).all():
            raise EarshotError(f"{source}: the model's numbers overflow, and it gives no probabilities")
        calibrated = at_temperature(means, temperature).astype(np.float32)
        yield Scores(windows.starts, windows.ends, calibrated)
    if read.problem is not None:
        raise read.problem


def cut_stream(
    blocks: Iterable[NDArray[np.float32]], *, length: int, hop: int, pad: Pad = "silence"
) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """Windows of a sound that comes in blocks: those that `signal.clips.cut` takes from all of it, to its very end.

    Clips to train on leave a rest of less than half a clip away. Here a last window has it, however short it is.

    blocks : shape (samples,) each
    length, hop : in samples, hop at most length
    pad : what fills the last window, where it reaches beyond the end

    Yields the first window's first sample, the end of the last one's sound, and up to BATCH windows, shape
    (windows, length).
    """
    start, rest = 0, np.empty(0, np.float32)  # the next window's first sample, and what is read from there on
    for block in blocks:
        rest = np.concatenate([rest, block])
        while len(rest) >= length:
            count = min(BATCH, (len(rest) - length) // hop + 1)
            windows = np.lib.stride_tricks.sliding_window_view(rest, length)[::hop][:count]
            yield start, start + (count - 1) * hop + length, windows
            start, rest = start + count * hop, rest[count * hop :]
    uncovered = len(rest) - (length - hop if start else 0)
    if not start or uncovered > 0:
        yield start, start + len(rest), fit_length(rest, length=length, pad=pad)[np.newaxis]


def _read(source: str | Path, grid: Grid, features: Features) -> Iterator[_Windows]:
    blocks = sound_blocks(source, name=str(source), sample_rate=grid.sample_rate, channel=features.channel)
    for start, end, signals in cut_stream(blocks, length=grid.length, hop=grid.hop, pad=features.pad):
        starts = start + grid.hop * np.arange(len(signals))
        yield _Windows(starts, np.minimum(starts + grid.length, end), signals)


def _arrays(signals: NDArray[np.float32], features: Features, loudest: float | None) -> NDArray[np.float32]:
    """What the model sees of each window by itself. (windows, samples) -> (windows, bands, frames)

    loudest : the highest power of the recording, where that is the reference
    """
    if loudest is None:
        return spectrograms(signals, settings=features)
    powers = (_power(signal, features) for signal in signals)
    return np.stack([from_power(power, loudest_of_item=loudest, settings=features) for power in powers])


def _loudest(source: str | Path, grid: Grid, features: Features) -> float:
    """The highest power of all windows, up to where it is damaged, for which the recording is read once more."""

    def highest(windows: _Windows) -> float:
        return max(float(_power(signal, features).max()) for signal in windows.signals)

    return max(each_on_threads(highest, UntilDamage(_read(source, grid, features))), default=0.0)


def _power(signal: NDArray[np.float32], features: Features) -> NDArray[np.float32]:
    if features.kind == "stft":
        return stft_power(signal, n_fft=features.n_fft, hop_length=features.hop_length)
    return mel_power(signal, settings=features)
