"""What is measured of each item, by opening its file once: how it was made, how loud it is, and its descriptor."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import soxr
from numpy.typing import NDArray

from earshot.config.base import Channel, Kind, White
from earshot.core.chunks import chunks
from earshot.examination.envelopes import (
    HOP_S,
    SOUNDING_DB,
    Envelope,
    descriptor_of,
    envelope_of,
    frames_averaged,
    sounding,
)
from earshot.reading.arrays import read_array
from earshot.reading.decoding import open_sound
from earshot.reading.ffmpeg import is_for_ffmpeg
from earshot.reading.members import source_of
from earshot.reading.pictures import read_picture, resize
from earshot.reading.sounds import read_sound
from earshot.signal.stft import stft_blocks
from earshot.store.executor import map_shards

CHUNK = 64  # items that a worker opens before it reports
SIDE = 16  # of the descriptor of a picture or a spectrogram
FINE_SIDE = 32  # of the array that two of them are compared by
ONE_BRIGHTNESS = 0.12  # of white: what pixels of a margin differ by once it was compressed as JPEG
LEAST_SIDE = 4  # of what is trimmed
# Below the loudest band: what lies above the last such band was cut off when the file was made.
BANDWIDTH_DB = 70.0
LONG = 0.9  # of a data set's sounds are no longer than what envelopes are made for
SILENCE_DB = -90.0  # dBFS that stand for a sound of zeros


class Source(NamedTuple):
    """Where an item is read from: a file, and of a sound the part that is meant."""

    path: str
    start_s: float | None
    end_s: float | None


class Measured(NamedTuple):
    """One item's facts, its descriptor, and what near-duplicates are told by: an envelope, or two small pictures,
    the whole one and what is left without its margin.
    """

    facts: dict[str, Any]
    descriptor: NDArray[np.float32]
    shape: NDArray[np.float32]


class Measures(NamedTuple):
    """Those of all items, in the order of the table."""

    facts: pd.DataFrame
    descriptors: NDArray[np.float32]
    shapes: list[NDArray[np.float32]]


class Hearing(NamedTuple):
    """How the sounds of a data set are compared: at one sample rate, averaged over so many frames."""

    sample_rate: int
    averaged: int
    channel: Channel


def hearing_of(items: pd.DataFrame, *, sample_rate: int, channel: Channel) -> Hearing:
    """What suits a data set of sounds.

    items : DataFrame with `sample_rate, duration_s`
    sample_rate : Hz, what the models hear; no more than that of most files is looked at
    """
    commonest = int(items["sample_rate"].mode().iloc[0])
    longest_s = float(items["duration_s"].quantile(LONG))
    return Hearing(min(sample_rate, commonest), frames_averaged(longest_s), channel)


def measure(items: pd.DataFrame, *, kind: Kind, hearing: Hearing | None, white: White = "file") -> Measures:
    """Open every item on all cores.

    items : DataFrame with `id, path`, and `start_s, end_s` where items are segments of files
    hearing : of sounds
    white : of pictures, as `brightness_of` takes it
    """
    shards = list(chunks(sources_of(items), CHUNK))
    work = partial(_measure_chunk, kind=kind, hearing=hearing, white=white)
    parts = map_shards(
        work, shards, sizes=[len(shard) for shard in shards], description="describe", here=True
    )
    measured = [one for part in parts for one in part]
    facts = pd.DataFrame([one.facts for one in measured])
    return Measures(facts, np.stack([one.descriptor for one in measured]), [one.shape for one in measured])


def sources_of(items: pd.DataFrame) -> list[Source]:
    """items : DataFrame with `path`, and `start_s, end_s` where items are segments of files"""
    table = items.reindex(columns=Source._fields).astype(object)
    return [Source(*row) for row in table.where(table.notna(), None).itertuples(index=False)]


def _measure_chunk(
    sources: Sequence[Source], *, kind: Kind, hearing: Hearing | None, white: White
) -> list[Measured]:
    if hearing is not None:
        return [_measure_sound(source, hearing) for source in sources]
    if kind == "pictures":
        return [_measure_picture(source.path, white) for source in sources]
    return [_measure_spectrogram(source.path) for source in sources]


def _measure_sound(source: Source, hearing: Hearing) -> Measured:
    content = source_of(source.path)
    signal, rate = read_sound(
        content, name=source.path, start_s=source.start_s, end_s=source.end_s, channel=hearing.channel
    )
    heard = signal
    if rate != hearing.sample_rate:
        heard = soxr.resample(signal, rate, hearing.sample_rate, quality="HQ")
        heard = heard if len(heard) else np.zeros(1, np.float32)
    envelope = envelope_of(heard, sample_rate=hearing.sample_rate, averaged=hearing.averaged)
    facts = {
        "encoding": _encoding(content, source.path),
        **_facts_of_sound(signal, rate),
        **_facts_of_envelope(envelope, hearing),
    }
    return Measured(facts, descriptor_of(envelope), envelope)


def _encoding(content: str | Path | bytes, name: str) -> str:
    """Its format and that of its samples; the ending of a file that ffmpeg decodes, which hands on samples only."""
    if is_for_ffmpeg(name):
        return PurePath(name).suffix[1:].lower()
    with open_sound(content, name) as file:
        return f"{file.format} {file.parts[0].subtype}"


def _facts_of_sound(signal: NDArray[np.float32], rate: int) -> dict[str, float]:
    """`loudness_db`, `padding` (the share of the samples at both ends that are exactly zero), `bandwidth_hz`."""
    there = np.flatnonzero(signal)
    if not len(there):
        return {"loudness_db": SILENCE_DB, "padding": 1.0, "bandwidth_hz": 0.0}
    power = float(np.square(signal[there[0] : there[-1] + 1], dtype=np.float64).mean())
    padding = 1 - (there[-1] + 1 - there[0]) / len(signal)
    return {
        "loudness_db": round(max(SILENCE_DB, 10 * np.log10(power)), 2),
        "padding": round(float(padding), 4),
        "bandwidth_hz": _bandwidth_hz(signal, rate),
    }


def _bandwidth_hz(signal: NDArray[np.float32], rate: int, *, n_fft: int = 512) -> float:
    """The highest frequency that is no more than BANDWIDTH_DB below the loudest one, in steps of a 64th of the rate."""
    padded = np.pad(signal, (0, max(0, n_fft - len(signal))))
    power = _power(padded, n_fft)
    if len(padded) % n_fft:
        power += _power(padded[-n_fft:], n_fft)  # ends with the sound, as zeros behind it would make an edge
    bands = power[1:].reshape(-1, 8).sum(axis=1)  # 8 bins each
    last = int(np.flatnonzero(bands >= bands.max() * 10 ** (-BANDWIDTH_DB / 10))[-1])
    return (last + 1) * 8 * rate / n_fft


def _power(signal: NDArray[np.float32], n_fft: int) -> NDArray[np.float64]:
    """The power of each bin over the whole frames of a sound, side by side. (bins,)"""
    power = np.zeros(n_fft // 2 + 1)
    for _, spectra in stft_blocks(signal, n_fft=n_fft, hop_length=n_fft, center=False, precision="float64"):
        power += (np.square(spectra.real) + np.square(spectra.imag)).sum(axis=0)
    return power


def _facts_of_envelope(envelope: Envelope, hearing: Hearing) -> dict[str, float]:
    """`silence` (the share of frames far below the loudest), and `last_s`, when the last thing sounds."""
    loudness = envelope.max(axis=1)
    quiet = (loudness < loudness.max() - SOUNDING_DB) | (loudness == 0)
    _, last = sounding(envelope)
    return {"silence": round(float(quiet.mean()), 4), "last_s": round(last * hearing.averaged * HOP_S, 3)}


def _measure_picture(path: str, white: White) -> Measured:
    picture = read_picture(path, white=white)
    return _of_array(picture, {"encoding": path.rpartition(".")[2].lower(), "margin": _margin(picture)})


def _measure_spectrogram(path: str) -> Measured:
    array = read_array(path, name=path)
    low, high = float(array.min()), float(array.max())
    same = (array == array[:, -1:]).all(axis=0)  # frames that are the same as the last one
    padded = len(same) if same.all() else int(np.argmin(same[::-1]))
    facts = {"padding": round(padded / len(same), 4) if padded > 1 else 0.0}
    return _of_array((array - low) / np.float32((high - low) or 1), facts)


def _of_array(array: NDArray[np.float32], facts: dict[str, Any]) -> Measured:
    """array : shape (rows, columns), 0 to 1"""
    small = [resize(part, rows=FINE_SIDE, columns=FINE_SIDE) for part in (array, trimmed(array))]
    facts |= {"brightness": round(float(array.mean(dtype=np.float64)), 4)}
    facts |= {"contrast": round(float(array.std(dtype=np.float64)), 4)}
    return Measured(facts, resize(array, rows=SIDE, columns=SIDE).ravel(), np.stack(small))


def trimmed(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """A picture without the rows and columns at its edges that are of one brightness: without its own margin, and
    without paper around it.
    """
    while min(picture.shape) > LEAST_SIDE:
        same = [np.ptp(picture, axis=axis) <= ONE_BRIGHTNESS for axis in (1, 0)]  # rows, columns
        if same[0].all() or same[1].all():
            break
        rows, columns = (slice(int(np.argmin(m)), len(m) - int(np.argmin(m[::-1]))) for m in same)
        inside = picture[rows, columns]
        if inside.shape == picture.shape:
            break
        picture = inside
    return picture


def _margin(picture: NDArray[np.float32]) -> float:
    """The share of a picture that lies outside of the smallest frame around all that differs from its first corner."""
    differs = np.abs(picture - picture[0, 0]) > 0.02
    if not differs.any():
        return 1.0
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    inside = float((rows[-1] + 1 - rows[0]) * (columns[-1] + 1 - columns[0]))
    return round(1 - inside / picture.size, 4)
