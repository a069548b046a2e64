"""The filters of mel spectrograms and cepstra, built once for each setting."""

from functools import lru_cache

import numpy as np
import scipy  # its sparse is imported where it is first used
from numpy.typing import ArrayLike, NDArray

from earshot.config.features import Features


def mel_from_hz(hz: ArrayLike) -> NDArray[np.float64]:
    """Slaney's mel scale (Auditory Toolbox, 1998): linear up to 1 kHz, logarithmic above."""
    hz = np.asarray(hz, dtype=np.float64)
    return np.where(hz < 1000, hz * 3 / 200, 15 + 27 * np.log(np.maximum(hz, 1000) / 1000) / np.log(6.4))


def hz_from_mel(mel: ArrayLike) -> NDArray[np.float64]:
    """The inverse of mel_from_hz."""
    mel = np.asarray(mel, dtype=np.float64)
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


def band_edges_hz(settings: Features) -> NDArray[np.float64]:
    """The edges of the mel bands, evenly spaced in mel, shape (n_mels + 2,): band i spans edges i to i + 2."""
    top = settings.sample_rate / 2 if settings.fmax is None else settings.fmax
    return hz_from_mel(np.linspace(mel_from_hz(settings.fmin), mel_from_hz(top), settings.n_mels + 2))


def mel_matrix(settings: Features) -> NDArray[np.float32]:
    """Triangular filters, each of area 1: librosa.filters.mel, whose import alone takes 0.9 s.

    Returns shape (n_mels, 1 + n_fft // 2).
    """
    bins = np.arange(1 + settings.n_fft // 2) * settings.sample_rate / settings.n_fft  # Hz
    edges = band_edges_hz(settings)
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    triangles = np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre))
    return (np.maximum(0, triangles) * 2 / (high - low)).astype(np.float32)


def silent_bands(settings: Features) -> int:
    """How many mel bands hold no bin at all and stay silent: n_fft is too short for so many."""
    if settings.kind == "stft":
        return 0
    return int((mel_matrix(settings).max(axis=1) == 0).sum())


@lru_cache(maxsize=16)
def mel_filters(settings: Features) -> "scipy.sparse.csr_array":
    """mel_matrix as a sparse array. Its products add up in one order, whatever the processor, as BLAS does not."""
    return scipy.sparse.csr_array(mel_matrix(settings))


@lru_cache(maxsize=16)
def dct_filters(n_in: int, n_out: int) -> NDArray[np.float32]:
    """The orthonormal cosine transform, type II, its first n_out rows: scipy.fft.dct(norm="ortho").

    Returns shape (n_out, n_in).
    """
    rows, columns = np.arange(n_out)[:, None], np.arange(n_in)
    matrix: NDArray[np.float64] = np.cos(np.pi * rows * (2 * columns + 1) / (2 * n_in)) * np.sqrt(2 / n_in)
    matrix[0] /= np.sqrt(2)
    return matrix.astype(np.float32)
