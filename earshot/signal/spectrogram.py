"""Spectrograms of a sound: log-mel, short-time Fourier transform in decibels, MFCC.

Each equals what librosa gives with its defaults (Hann window, centred frames, zeros beyond the ends). They are
written out here for speed: the filters are built once, not once a sound, frames are transformed a cache-sized
block at a time, and librosa's own imports cost longer than a stage may take to start.
"""

import threading
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from earshot.config.features import Features
from earshot.signal.clips import fit_frames
from earshot.signal.mel import dct_filters, mel_filters
from earshot.signal.stft import BLOCK_FRAMES, frame_count, stft_blocks

LOWEST_POWER = 1e-10  # librosa's amin: what counts as silence in decibels


def spectrogram(signal: NDArray[np.floating], *, settings: Features) -> NDArray[np.float32]:
    """The spectrogram that the settings ask for, cropped or padded to settings.frames where that is set.

    signal : array, shape (samples,), at settings.sample_rate

    Returns shape (bands, frames), by settings.kind:
    log_mel : n_mels bands in decibels below the loudest value; silence gives zeros
    stft : n_fft // 2 + 1 magnitudes in decibels below the loudest value; silence gives zeros
    mfcc : n_mfcc cepstral coefficients of the mel bands in decibels. They are padded before their cosine transform,
        where silence is known

    What lies more than settings.top_db below the loudest value is raised to there.
    Equal within 1e-4 to librosa's power_to_db(melspectrogram(...), ref=np.max), amplitude_to_db(abs(stft(...)),
    ref=np.max) and mfcc(...), whose top_db is always 80.
    """
    if settings.kind == "stft":
        power = stft_power(signal, n_fft=settings.n_fft, hop_length=settings.hop_length)
    else:
        power = mel_power(signal, settings=settings)
    reference = 1.0 if settings.kind == "mfcc" else float(power.max())
    decibels = to_decibels(power, reference=reference, top_db=settings.top_db)
    return from_decibels(decibels, settings=settings)


def from_decibels(decibels: NDArray[np.float32], *, settings: Features) -> NDArray[np.float32]:
    """The settings' frames of bands in decibels, and for MFCC the cosine transform of them.

    decibels : array, shape (n_mels, or n_fft // 2 + 1, frames)
    """
    bands = fit_frames(decibels, frames=settings.frames, pad=settings.pad)
    return dct_filters(settings.n_mels, settings.n_mfcc) @ bands if settings.kind == "mfcc" else bands


def stft_power(signal: NDArray[np.floating], *, n_fft: int, hop_length: int) -> NDArray[np.float32]:
    """The squared magnitudes of a short-time Fourier transform. (samples,) -> (n_fft // 2 + 1, frames)"""
    power = np.empty(
        (frame_count(len(signal), n_fft=n_fft, hop_length=hop_length), n_fft // 2 + 1), np.float32
    )
    for start, squares in _squares(signal, n_fft=n_fft, hop_length=hop_length):
        np.add(squares[:, 0::2], squares[:, 1::2], out=power[start : start + len(squares)])
    return np.ascontiguousarray(power.T)


def mel_power(signal: NDArray[np.floating], *, settings: Features) -> NDArray[np.float32]:
    """The power in mel bands, as librosa.feature.melspectrogram. (samples,) -> (n_mels, frames)"""
    n_fft, hop_length = settings.n_fft, settings.hop_length
    filters = mel_filters(settings)
    power = np.empty(
        (frame_count(len(signal), n_fft=n_fft, hop_length=hop_length), settings.n_mels), np.float32
    )
    for start, squares in _squares(signal, n_fft=n_fft, hop_length=hop_length):
        out = power[start : start + len(squares)]
        for bands, columns, weights in filters:
            np.matmul(squares[:, columns], weights, out=out[:, bands])
    return np.ascontiguousarray(power.T)


def to_decibels(power: NDArray[np.float32], *, reference: float, top_db: float | None) -> NDArray[np.float32]:
    """10 log10(power / reference), neither below LOWEST_POWER, as librosa.power_to_db; works in place."""
    decibels = np.maximum(power, LOWEST_POWER, out=power)
    np.log10(decibels, out=decibels)
    decibels *= 10
    decibels -= 10 * np.log10(np.float32(max(LOWEST_POWER, reference)))
    return decibels if top_db is None else np.maximum(decibels, decibels.max() - top_db, out=decibels)


def _squares(
    signal: NDArray[np.floating], *, n_fft: int, hop_length: int
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Squared real and imaginary parts of the transform of every frame, a block of frames at a time.

    Yields the block's first frame and an array (frames, 2 × bins), real and imaginary parts alternating: adding
    the two is left to the filters, whose weights come in pairs. The next block overwrites it.
    """
    buffer = _buffer(threading.get_ident(), n_fft)
    for start, block in stft_blocks(signal, n_fft=n_fft, hop_length=hop_length, precision="float64"):
        squares = buffer[: len(block)]
        np.copyto(squares, block.view(np.float64), casting="same_kind")
        np.multiply(squares, squares, out=squares)
        yield start, squares


@lru_cache(maxsize=8)
def _buffer(thread: int, n_fft: int) -> NDArray[np.float32]:
    """Memory for the squares of one block, shape (frames, 2 × bins), used again for every sound of a thread."""
    return np.empty((BLOCK_FRAMES, 2 * (n_fft // 2 + 1)), np.float32)
