"""Spectrograms of a sound: log-mel, short-time Fourier transform in decibels, MFCC.

Each equals what librosa gives with its defaults (Hann window, centred frames, zeros beyond the ends). They are
written out here for speed: the filters are built once, not once a sound, frames are transformed a cache-sized
block at a time, and librosa's own imports cost longer than a stage may take to start.
"""

import threading
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from earshot.signal.clips import fit_frames
from earshot.signal.mel import dct_filters, mel_filters

BLOCK_FRAMES = 64  # transformed at once; their arrays stay in the cache
LOWEST_POWER = 1e-10  # librosa's amin: what counts as silence in decibels


def spectrogram(signal, *, settings):
    """The spectrogram that the settings ask for, cropped or padded to settings.frames where that is set.

    signal : float array, shape (samples,), at settings.sample_rate
    settings : config.Features

    Returns float32, shape (bands, frames). MFCCs are padded before their cosine transform, where silence is known.
    """
    shape = {"n_fft": settings.n_fft, "hop_length": settings.hop_length}
    if settings.kind == "stft":
        return fitted(stft_db(signal, **shape, top_db=settings.top_db), settings)
    shape |= {"sample_rate": settings.sample_rate, "n_mels": settings.n_mels}
    shape |= {"fmin": settings.fmin, "fmax": settings.fmax}
    if settings.kind == "log_mel":
        return fitted(log_mel(signal, **shape, top_db=settings.top_db), settings)
    bands = to_decibels(mel_power(signal, **shape), reference=1.0, top_db=settings.top_db)
    return dct_filters(settings.n_mels, settings.n_mfcc) @ fitted(bands, settings)


def fitted(array, settings):
    """The array with as many frames as the settings ask for. (bands, frames) -> (bands, settings.frames)"""
    return array if settings.frames is None else fit_frames(array, frames=settings.frames, pad=settings.pad)


def log_mel(signal, *, sample_rate, n_fft=1024, hop_length=256, n_mels=64, fmin=0.0, fmax=None, top_db=80.0):
    """Mel bands in decibels below the loudest one.

    signal : float array, shape (samples,), at sample_rate (Hz)
    fmin, fmax : Hz, the lowest band's lower edge and the highest one's upper edge; None is half the sample rate
    top_db : what lies further below the loudest value is raised to there; None leaves it

    Returns float32, shape (n_mels, 1 + samples // hop_length for an even n_fft). A silent signal gives zeros.

    Equals librosa.power_to_db(librosa.feature.melspectrogram(...), ref=np.max, top_db=top_db) within 1e-4 dB.
    """
    power = mel_power(
        signal,
        sample_rate=sample_rate,
        n_fft=n_fft,
        hop_length=hop_length,
        n_mels=n_mels,
        fmin=fmin,
        fmax=fmax,
    )
    return to_decibels(power, reference=power.max(), top_db=top_db)


def stft_db(signal, *, n_fft=1024, hop_length=256, top_db=80.0):
    """The magnitudes of a short-time Fourier transform, in decibels below the loudest one.

    signal : float array, shape (samples,)

    Returns float32, shape (1 + n_fft // 2, frames); equals librosa.amplitude_to_db(abs(librosa.stft(...)), ref=np.max).
    """
    power = np.empty(
        (frame_count(len(signal), n_fft=n_fft, hop_length=hop_length), n_fft // 2 + 1), np.float32
    )
    for start, squares in _squares(signal, n_fft=n_fft, hop_length=hop_length):
        np.add(squares[:, 0::2], squares[:, 1::2], out=power[start : start + len(squares)])
    return to_decibels(np.ascontiguousarray(power.T), reference=power.max(), top_db=top_db)


def mfcc(
    signal, *, sample_rate, n_mfcc=20, n_fft=1024, hop_length=256, n_mels=64, fmin=0.0, fmax=None, top_db=80.0
):
    """Mel-frequency cepstral coefficients: the cosine transform of the mel bands in decibels.

    signal : float array, shape (samples,), at sample_rate (Hz)

    Returns float32, shape (n_mfcc, frames); equals librosa.feature.mfcc, whose top_db is always 80.
    """
    power = mel_power(
        signal,
        sample_rate=sample_rate,
        n_fft=n_fft,
        hop_length=hop_length,
        n_mels=n_mels,
        fmin=fmin,
        fmax=fmax,
    )
    return dct_filters(n_mels, n_mfcc) @ to_decibels(power, reference=1.0, top_db=top_db)


def mel_power(signal, *, sample_rate, n_fft, hop_length, n_mels, fmin=0.0, fmax=None):
    """The power in mel bands, as librosa.feature.melspectrogram. (samples,) -> (n_mels, frames), float32"""
    filters = mel_filters(sample_rate=sample_rate, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax)
    power = np.empty((frame_count(len(signal), n_fft=n_fft, hop_length=hop_length), n_mels), np.float32)
    for start, squares in _squares(signal, n_fft=n_fft, hop_length=hop_length):
        out = power[start : start + len(squares)]
        for bands, bins, weights in filters:
            np.matmul(squares[:, bins], weights, out=out[:, bands])
    return np.ascontiguousarray(power.T)


def to_decibels(power, *, reference, top_db):
    """10 log10(power / reference), neither below LOWEST_POWER, as librosa.power_to_db; works in place."""
    decibels = np.maximum(power, LOWEST_POWER, out=power)
    np.log10(decibels, out=decibels)
    decibels *= 10
    decibels -= 10 * np.log10(np.float32(max(LOWEST_POWER, reference)))
    return decibels if top_db is None else np.maximum(decibels, decibels.max() - top_db, out=decibels)


def frame_count(samples, *, n_fft, hop_length):
    """How many frames a sound has: one every hop_length, centred, the ends padded by half a window."""
    return 1 + (samples + 2 * (n_fft // 2) - n_fft) // hop_length


def _squares(signal, *, n_fft, hop_length):
    """Squared real and imaginary parts of the transform of every frame, a block of frames at a time.

    Yields the block's first frame and float32 (frames, 2 × bins), real and imaginary parts alternating: adding
    the two is left to the filters, whose weights come in pairs. The same buffer is yielded each time:
    use it before the next.

    The transform is in float64. In float32 its rounding reaches 1e-3 dB in bins 60 dB below the loudest.
    """
    frames = frame_count(len(signal), n_fft=n_fft, hop_length=hop_length)
    space = _workspace(threading.get_ident(), n_fft, hop_length)
    for start in range(0, frames, BLOCK_FRAMES):
        count = min(BLOCK_FRAMES, frames - start)
        windowed, transform, squares = space.windowed[:count], space.transform[:count], space.squares[:count]
        _copy_span(signal, start * hop_length - n_fft // 2, space.span)
        np.multiply(space.framed[:count], space.window, out=windowed)
        np.fft.rfft(windowed, out=transform)
        np.copyto(squares, transform.view(np.float64), casting="same_kind")
        np.multiply(squares, squares, out=squares)
        yield start, squares


class _Workspace(NamedTuple):
    """Arrays for one block of frames, kept from sound to sound: fresh memory costs a tenth of the whole."""

    span: np.ndarray  # (samples,), what lies under the block's frames
    framed: np.ndarray  # (frames, n_fft), a view of span
    window: np.ndarray  # (n_fft,)
    windowed: np.ndarray  # (frames, n_fft)
    transform: np.ndarray  # (frames, bins), complex
    squares: np.ndarray  # (frames, 2 × bins), float32


@lru_cache(maxsize=8)
def _workspace(thread, n_fft, hop_length):
    """One for each thread and shape, so that threads do not write into each other's."""
    span = np.zeros((BLOCK_FRAMES - 1) * hop_length + n_fft)
    bins = n_fft // 2 + 1
    return _Workspace(
        span=span,
        framed=np.lib.stride_tricks.sliding_window_view(span, n_fft)[::hop_length],
        window=hann(n_fft),
        windowed=np.empty((BLOCK_FRAMES, n_fft)),
        transform=np.empty((BLOCK_FRAMES, bins), np.complex128),
        squares=np.empty((BLOCK_FRAMES, 2 * bins), np.float32),
    )


def _copy_span(signal, first, span):
    """signal[first : first + len(span)] into span, zeros where the signal has none."""
    low, high = max(first, 0), min(first + len(span), len(signal))
    if high - low < len(span):
        span[:] = 0
    if low < high:
        span[low - first : high - first] = signal[low:high]


def hann(length):
    """The periodic Hann window, float64: scipy.signal.get_window("hann", length)."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
