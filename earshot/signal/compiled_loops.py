"""The inner loops of Griffin-Lim and of the inverse transform that are no FFTs, compiled by numba.

Importing numba takes a quarter of a second: import this module where a sound is made, not at the top of a module.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True, error_model="numpy")
def resynthesize(
    pieces: NDArray[np.float32],
    weights: NDArray[np.float32],
    factors: NDArray[np.float32],
    signal: NDArray[np.float32],
    pull: np.float32,
    hop_length: int,
) -> None:
    """Overlap-add into the signal, and cut the next windowed pieces from it, in one pass over blocks of a hop.

    pieces : (frames, n_fft), in: inverse transforms; out: windowed pieces of signal − pull × previous signal
    weights : (n_fft,), the window's
    factors : (samples,), as `stft.overlap_normalization` gives them
    signal : (samples,), in: the previous signal; out: this one
    """
    frames, n_fft = pieces.shape
    overlap = -(-n_fft // hop_length)
    block = np.empty(hop_length, np.float32)
    for b in range(frames + overlap - 1):
        first = max(0, b - frames + 1)
        last = min(overlap - 1, b)
        block[:] = 0
        for hop in range(first, last + 1):  # frame b − hop has its hop number `hop` in this block
            start = hop * hop_length
            stop = min(start + hop_length, n_fft)
            piece = pieces[b - hop, start:stop]
            weight = weights[start:stop]
            for i in range(stop - start):
                block[i] += piece[i] * weight[i]
        before = signal[b * hop_length : (b + 1) * hop_length]
        factor = factors[b * hop_length : (b + 1) * hop_length]
        for i in range(hop_length):
            value = block[i] * factor[i]
            block[i] = value - pull * before[i]
            before[i] = value
        for hop in range(first, last + 1):
            start = hop * hop_length
            stop = min(start + hop_length, n_fft)
            piece = pieces[b - hop, start:stop]
            weight = weights[start:stop]
            for i in range(stop - start):
                piece[i] = block[i] * weight[i]


@njit(cache=True, nogil=True, error_model="numpy")
def replace_magnitude(spectrum: NDArray[np.complex64], target: NDArray[np.float32], tiny: np.float32) -> None:
    """Give the spectrum the target's magnitude in place and leave its phase.

    spectrum, target : (frames, bins)
    tiny : added to the magnitude, so that it can divide
    """
    values = spectrum.reshape(spectrum.size)
    goals = target.reshape(target.size)
    for i in range(values.size):
        real = values[i].real
        imag = values[i].imag
        factor = goals[i] / (tiny + np.sqrt(real * real + imag * imag))
        values[i] = complex(real * factor, imag * factor)
