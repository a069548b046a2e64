"""The loudest point of a sound, brought to where the brightest point of its picture belongs.

Whoever reads the sound has only its loudest point to tell what full brightness was. Griffin-Lim misses a lone
bright point by some decibels, and all of the picture would be read lighter or darker by as much. So the few
points that stand above full brightness are lowered onto it, and where none reaches it, the brightest is raised.
"""

import numpy as np

from earshot.signal.stft import stft
from earshot.signal.windows import window_weights

TOLERANCE = 1e-3


def level(signal, *, target, band, n_fft, hop_length, window="hann", rounds=16):
    """The signal with its loudest point at full brightness, changed by at most `rounds` short tones.

    signal : float32, shape (samples,), frame t starts at sample t × hop_length
    target : float32, shape (bins, frames), the magnitude asked for, with full brightness at 1
    band : slice, the bins that are read

    Returns float32, shape (samples,). Full brightness, in the signal's own scale, is the gain that fits the
    target to the signal's spectrogram best, in least squares.
    """
    transform = {"n_fft": n_fft, "hop_length": hop_length, "window": window, "center": False}
    weights = window_weights(window, n_fft).astype(np.float32)
    overlap = -(-n_fft // hop_length)
    signal = signal.copy()
    spectrum = stft(signal, **transform)[band]  # (bins of the band, frames)
    found, target = np.abs(spectrum), target[band]
    energy = np.sum(target * target)
    full = np.sum(found * target) / energy if energy > 0 else 0
    for _ in range(rounds):
        point = found.argmax()
        if found.flat[point] < (1 - TOLERANCE) * full:
            point = target.argmax()
        elif found.flat[point] <= (1 + TOLERANCE) * full:
            break
        row, frame = np.unravel_index(point, found.shape)
        turns = (band.start + row) * np.arange(n_fft) / n_fft
        tone = weights * np.cos(2 * np.pi * turns + np.angle(spectrum[row, frame]))
        # a tone in phase with the point, whose own transform there is the difference
        start = frame * hop_length
        share = np.abs(np.sum(tone * weights * np.exp(-2j * np.pi * turns)))
        signal[start : start + n_fft] += (full - found[row, frame]) / share * tone
        first, last = max(0, frame - overlap + 1), min(found.shape[1], frame + overlap)
        near = signal[first * hop_length : (last - 1) * hop_length + n_fft]
        spectrum[:, first:last] = stft(near, **transform)[band]
        found[:, first:last] = np.abs(spectrum[:, first:last])
    return signal
