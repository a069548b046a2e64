"""The two inner loops of Griffin-Lim that are no FFTs, compiled. Importing numba takes a quarter of a second."""

import numpy as np
from numba import njit

from earshot.signal.griffinlim import TINY


@njit(cache=True, nogil=True, error_model="numpy")
def resynthesize(pieces, weights, factors, signal, pull, hop_length):
    """Overlap-add into the signal, and cut the next windowed pieces from it, in one pass over blocks of a hop.

    pieces : (frames, n_fft), in: inverse transforms; out: windowed pieces of signal − pull × previous signal
    signal : (samples,), in: the previous signal; out: this one
    """
    frames, n_fft = pieces.shape
    overlap = -(-n_fft // hop_length)
    block = np.empty(hop_length, np.float32)
    for b in range(frames + overlap - 1):
        first = max(0, b - frames + 1)
        last = min(overlap - 1, b)
        block[:] = 0
        for part in range(first, last + 1):  # frame b − part has its part-th hop in this block
            start = part * hop_length
            stop = min(start + hop_length, n_fft)
            piece = pieces[b - part, start:stop]
            weight = weights[start:stop]
            for i in range(stop - start):
                block[i] += piece[i] * weight[i]
        before = signal[b * hop_length : (b + 1) * hop_length]
        factor = factors[b * hop_length : (b + 1) * hop_length]
        for i in range(hop_length):
            value = block[i] * factor[i]
            block[i] = value - pull * before[i]
            before[i] = value
        for part in range(first, last + 1):
            start = part * hop_length
            stop = min(start + hop_length, n_fft)
            piece = pieces[b - part, start:stop]
            weight = weights[start:stop]
            for i in range(stop - start):
                piece[i] = block[i] * weight[i]


@njit(cache=True, nogil=True, error_model="numpy")
def impose(spectrum, target):
    """Give the spectrum the target's magnitude in place and leave its phase, both (frames, bins)."""
    values = spectrum.reshape(spectrum.size)
    goals = target.reshape(target.size)
    for i in range(values.size):
        real = values[i].real
        imag = values[i].imag
        factor = goals[i] / (TINY + np.sqrt(real * real + imag * imag))
        values[i] = complex(real * factor, imag * factor)
