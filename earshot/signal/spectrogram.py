"""Spectrograms of a sound: log-mel, short-time Fourier transform in decibels, MFCC.

Each equals what librosa gives with its defaults (Hann window, centred frames, zeros beyond the ends). They are
written out here for speed: the filters are built once, not once a sound, frames are transformed a cache-sized
block at a time, and librosa's own imports cost longer than a stage may take to start.
"""

import math
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
    if settings.kind != "mfcc":
        return bands
    # einsum adds up in one order on every processor, as a product by BLAS does not
    cepstra: NDArray[np.float32] = np.einsum(
        "ij,jk->ik", dct_filters(settings.n_mels, settings.n_mfcc), bands
    )
    return cepstra


def stft_power(signal: NDArray[np.floating], *, n_fft: int, hop_length: int) -> NDArray[np.float32]:
    """The squared magnitudes of a short-time Fourier transform. (samples,) -> (n_fft // 2 + 1, frames)"""
    power = np.empty(
        (n_fft // 2 + 1, frame_count(len(signal), n_fft=n_fft, hop_length=hop_length)), np.float32
    )
    for start, block in _power_blocks(signal, n_fft=n_fft, hop_length=hop_length):
        power[:, start : start + block.shape[1]] = block
    return power


def mel_power(signal: NDArray[np.floating], *, settings: Features) -> NDArray[np.float32]:
    """The power in mel bands, as librosa.feature.melspectrogram. (samples,) -> (n_mels, frames)"""
    n_fft, hop_length = settings.n_fft, settings.hop_length
    filters = mel_filters(settings)
    power = np.empty(
        (settings.n_mels, frame_count(len(signal), n_fft=n_fft, hop_length=hop_length)), np.float32
    )
    for start, block in _power_blocks(signal, n_fft=n_fft, hop_length=hop_length):
        power[:, start : start + block.shape[1]] = filters @ block
    return power


def to_decibels(power: NDArray[np.float32], *, reference: float, top_db: float | None) -> NDArray[np.float32]:
    """10 log10(power / reference), neither below LOWEST_POWER, as librosa.power_to_db.

    The logarithm is float64 and rounded once: in float32 its last bit hangs on the processor.
    """
    exact = np.log(np.maximum(power, np.float32(LOWEST_POWER)), dtype=np.float64)
    exact -= math.log(max(np.float32(LOWEST_POWER), np.float32(reference)))
    decibels = (exact * (10 / math.log(10))).astype(np.float32)
    return decibels if top_db is None else np.maximum(decibels, decibels.max() - top_db, out=decibels)


def _power_blocks(
    signal: NDArray[np.floating], *, n_fft: int, hop_length: int
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """The squared magnitudes of the transform of every frame, a block of frames at a time.

    Yields the block's first frame and an array (bins, frames). The next block overwrites it.
    """
    squares_buffer, power_buffer = _buffers(threading.get_ident(), n_fft)
    for start, block in stft_blocks(signal, n_fft=n_fft, hop_length=hop_length, precision="float64"):
        frames, bins = block.shape
        squares = squares_buffer[:frames]  # of real and imaginary parts, alternating
        np.copyto(squares, block.view(np.float64), casting="same_kind")
        np.multiply(squares, squares, out=squares)
        power = power_buffer[: bins * frames].reshape(bins, frames)
        yield start, np.add(squares[:, 0::2].T, squares[:, 1::2].T, out=power)


@lru_cache(maxsize=8)
def _buffers(thread: int, n_fft: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Memory for the squares, (frames, 2 × bins), and the power of one block, used for every sound of a thread."""
    bins = n_fft // 2 + 1
    return np.empty((BLOCK_FRAMES, 2 * bins), np.float32), np.empty(BLOCK_FRAMES * bins, np.float32)
