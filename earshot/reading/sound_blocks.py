"""A sound of any length, a block at a time: what `read_sound` gives at once, in bounded memory."""

import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from earshot.config.base import Channel
from earshot.core.errors import EarshotError
from earshot.reading.decoder_notes import named_notes
from earshot.reading.decoding import UNKNOWN_FRAMES, Sound, mono_blocks, open_sound
from earshot.reading.ffmpeg import is_for_ffmpeg

BLOCK_VALUES = 2**18  # decoded at once, over all channels


def sound_blocks(
    source: str | Path | bytes, *, name: str, sample_rate: int, channel: Channel = "mix"
) -> Iterator[NDArray[np.float32]]:
    """A whole sound in mono at a sample rate, in blocks, shape (samples,) each.

    The arguments are those of `read_sound`, and so are the samples, to the bit: soxr resamples a stream as it does an
    array. Only MP3's decoder rounds otherwise where a block begins. MP3 and Ogg files lie in memory as they are, what
    ffmpeg decodes lies in a file meanwhile.
    """
    with named_notes(name):
        file = open_sound(source, name)
    with file:
        blocks = _mono(file, name, channel)
        yield from blocks if file.samplerate == sample_rate else _resampled(blocks, file, sample_rate)


def header_duration_s(source: str | Path, *, name: str) -> float:
    """How many seconds a sound lasts as its header says; 0 where it does not say, or cannot be read.

    What ffmpeg decodes is not decoded for that. MP3 and Ogg files are read whole, once.
    """
    if is_for_ffmpeg(source):
        return 0.0
    try:
        about = Path(source).stat()
    except OSError:
        return 0.0
    return _duration_s(str(source), name, (about.st_ino, about.st_size, about.st_mtime_ns))


@cache
def _duration_s(source: str, name: str, version: tuple[int, ...]) -> float:
    """`header_duration_s` of one version of a file."""
    try:
        with named_notes(name), open_sound(source, name) as file:
            return 0.0 if file.frames > UNKNOWN_FRAMES else file.frames / file.samplerate
    except EarshotError:
        return 0.0


def _mono(file: Sound, name: str, channel: Channel) -> Iterator[NDArray[np.float32]]:
    blocks = mono_blocks(file, name, None, None, channel, most=math.inf, block_values=BLOCK_VALUES)
    while True:
        # for one block at a time: standard error is the process's, and whoever takes the blocks writes to it too
        with named_notes(name):
            block = next(blocks, None)
        if block is None:
            return
        yield block[0]


def _resampled(
    blocks: Iterator[NDArray[np.float32]], file: Sound, sample_rate: int
) -> Iterator[NDArray[np.float32]]:
    """As many samples as `read_sound` gives: the ceiling of length × ratio."""
    stream = soxr.ResampleStream(file.samplerate, sample_rate, 1, dtype="float32", quality="HQ")
    taken = given = 0
    for block in blocks:
        taken += len(block)
        resampled = stream.resample_chunk(block)
        given += len(resampled)
        yield resampled
    rest = stream.resample_chunk(np.empty(0, np.float32), last=True)
    missing = math.ceil(taken * sample_rate / file.samplerate) - given
    yield np.pad(rest[:missing], (0, max(0, missing - len(rest))))
