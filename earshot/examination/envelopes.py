"""The envelope of a sound: how loud 24 bands are over time, coarse enough that a re-encoded copy keeps it."""

from functools import lru_cache

import numpy as np
import scipy
from numpy.typing import NDArray

from earshot.config.features import Features
from earshot.signal.mel import mel_filters
from earshot.signal.stft import stft_blocks

BANDS = 24
HOP_S = 0.016
FRAMES = 128  # that most sounds of a data set have in the end: longer ones are averaged over time
MOST_FRAMES = 4 * FRAMES  # what comes later is not compared
FLOOR_DB = 40.0  # below the loudest: what is quieter is lost in the noise of a copy
SOUNDING_DB = 30.0  # below the loudest frame: what is quieter at both ends may be padding
SEGMENTS = 16  # of a descriptor: stretches of equal length of what sounds

Envelope = NDArray[np.float32]  # (frames, bands), decibels above the floor


def frames_averaged(longest_s: float) -> int:
    """How many frames are averaged into one, so that a sound of this length has no more than FRAMES."""
    return max(1, int(np.ceil(longest_s / HOP_S / FRAMES)))


def envelope_of(signal: NDArray[np.float32], *, sample_rate: int, averaged: int) -> Envelope:
    """The envelope of a sound. (samples,) -> (frames, bands)

    averaged : as `frames_averaged` gives it
    """
    settings = _settings(sample_rate)
    signal = signal[: MOST_FRAMES * averaged * settings.hop_length]
    blocks = stft_blocks(signal, n_fft=settings.n_fft, hop_length=settings.hop_length, precision="float64")
    power = np.concatenate([np.square(block.real) + np.square(block.imag) for _, block in blocks])
    bands = power @ _filters(settings)  # (frames, bands)
    starts = np.arange(0, len(bands), averaged)
    bands = np.add.reduceat(bands, starts, axis=0) / np.diff([*starts, len(bands)])[:, None]
    loudest = bands.max()
    if not loudest:
        return np.zeros(bands.shape, np.float32)
    decibels = 10 * np.log10(np.maximum(bands / loudest, 10 ** (-FLOOR_DB / 10)))
    envelope: Envelope = (decibels + FLOOR_DB).astype(np.float32)
    return envelope


def sounding(envelope: Envelope) -> tuple[int, int]:
    """The first frame that is at most SOUNDING_DB below the loudest, and the one after the last."""
    loudness = envelope.max(axis=1)
    places = np.flatnonzero(loudness >= loudness.max() - SOUNDING_DB)
    return int(places[0]), int(places[-1]) + 1


def descriptor_of(envelope: Envelope) -> NDArray[np.float32]:
    """What sounds, as SEGMENTS stretches of equal length. (frames, bands) -> (SEGMENTS * bands,)"""
    first, last = sounding(envelope)
    sums = np.concatenate(
        [np.zeros((1, envelope.shape[1])), np.cumsum(envelope[first:last], axis=0, dtype=np.float64)]
    )
    edges = np.linspace(0, last - first, SEGMENTS + 1)
    whole = edges.astype(int)
    inside = sums[whole] + (edges - whole)[:, None] * (
        sums[np.minimum(whole + 1, last - first)] - sums[whole]
    )
    means: NDArray[np.float64] = np.diff(inside, axis=0) / np.diff(edges)[:, None]
    descriptor: NDArray[np.float32] = means.astype(np.float32).ravel()
    return descriptor


@lru_cache(maxsize=4)
def _settings(sample_rate: int) -> Features:
    hop_length = max(1, round(HOP_S * sample_rate))
    return Features(sample_rate=sample_rate, n_fft=2 * hop_length, hop_length=hop_length, n_mels=BANDS)


@lru_cache(maxsize=4)
def _filters(settings: Features) -> "scipy.sparse.csr_array":
    """The bands as columns. Products of sparse arrays add up in one order, whatever the processor."""
    return scipy.sparse.csr_array(mel_filters(settings).T.astype(np.float64))
