"""The filters of mel spectrograms and cepstra, built once for each setting."""

from functools import lru_cache

import numpy as np

BANDS_A_BLOCK = 8  # neighbouring bands share few bins with distant ones: blocks skip most of the zeros


def mel_from_hz(hz):
    """Slaney's mel scale (Auditory Toolbox, 1998): linear up to 1 kHz, logarithmic above."""
    hz = np.asarray(hz, dtype=np.float64)
    return np.where(hz < 1000, hz * 3 / 200, 15 + 27 * np.log(np.maximum(hz, 1000) / 1000) / np.log(6.4))


def hz_from_mel(mel):
    """The inverse of mel_from_hz."""
    mel = np.asarray(mel, dtype=np.float64)
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


def mel_matrix(*, sample_rate, n_fft, n_mels, fmin=0.0, fmax=None):
    """Triangles evenly spaced in mel, each of area 1: librosa.filters.mel, whose import alone takes 0.9 s.

    Returns float32, shape (n_mels, 1 + n_fft // 2).
    """
    fmax = sample_rate / 2 if fmax is None else fmax
    bins = np.arange(1 + n_fft // 2) * sample_rate / n_fft  # Hz
    edges = hz_from_mel(np.linspace(mel_from_hz(fmin), mel_from_hz(fmax), n_mels + 2))
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    triangles = np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre))
    return (np.maximum(0, triangles) * 2 / (high - low)).astype(np.float32)


def silent_bands(settings):
    """How many mel bands hold no bin at all and stay silent: n_fft is too short for so many.

    settings : config.Features
    """
    if settings.kind == "stft":
        return 0
    shape = {"sample_rate": settings.sample_rate, "n_fft": settings.n_fft, "n_mels": settings.n_mels}
    matrix = mel_matrix(**shape, fmin=settings.fmin, fmax=settings.fmax)
    return int((matrix.max(axis=1) == 0).sum())


@lru_cache(maxsize=16)
def mel_filters(*, sample_rate, n_fft, n_mels, fmin, fmax):
    """mel_matrix in blocks of bands, for arrays of alternating squared real and imaginary parts.

    Returns a list of (bands, columns, weights): slices of what comes out and goes in, and (columns, bands) float32,
    each bin's weight twice.
    """
    matrix = mel_matrix(sample_rate=sample_rate, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax)
    blocks = []
    for first in range(0, n_mels, BANDS_A_BLOCK):
        block = matrix[first : first + BANDS_A_BLOCK]
        used = np.flatnonzero(block.any(axis=0))
        low, high = (used[0], used[-1] + 1) if len(used) else (0, 1)
        weights = np.repeat(block[:, low:high].T, 2, axis=0)  # (columns, bands)
        blocks.append(
            (slice(first, first + len(block)), slice(2 * low, 2 * high), np.ascontiguousarray(weights))
        )
    return blocks


@lru_cache(maxsize=16)
def dct_filters(n_in, n_out):
    """The orthonormal cosine transform, type II, its first n_out rows: scipy.fft.dct(norm="ortho"), float32."""
    rows, columns = np.arange(n_out)[:, None], np.arange(n_in)
    matrix = np.cos(np.pi * rows * (2 * columns + 1) / (2 * n_in)) * np.sqrt(2 / n_in)  # (n_out, n_in)
    matrix[0] /= np.sqrt(2)
    return matrix.astype(np.float32)
