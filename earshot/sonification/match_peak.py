"""The loudest point of a sound, brought to where the brightest point of its picture belongs.

Whoever reads the sound has only its loudest point to tell what full brightness was. Griffin-Lim misses a lone
bright point by some decibels, and all of the picture would be read lighter or darker by as much. So the few
points that stand above full brightness are lowered onto it, and where none reaches it, the brightest is raised.
"""

import math

import numpy as np
from numpy.typing import NDArray

from earshot.signal.stft import magnitude_of, stft
from earshot.signal.windows import Window, window_weights

TOLERANCE = 1e-3


def match_peak(
    signal: NDArray[np.float32],
    *,
    target: NDArray[np.float32],
    band: slice,
    n_fft: int,
    hop_length: int,
    window: Window = "hann",
    rounds: int = 16,
) -> NDArray[np.float32]:
    """The signal with its loudest point at full brightness, changed by at most `rounds` short tones.

    signal : array, shape (samples,), frame t starts at sample t × hop_length
    target : array, shape (bins, frames), the magnitude asked for, with full brightness at 1
    band : the bins that are read

    Full brightness, in the signal's own scale, is the gain that fits the target to the signal's spectrogram best, in
    least squares.
    """
    weights = window_weights(window, n_fft).astype(np.float32)
    overlap = -(-n_fft // hop_length)
    signal = signal.copy()
    spectrum = stft(signal, n_fft=n_fft, hop_length=hop_length, window=window, center=False)[band]
    magnitude, target = magnitude_of(spectrum), target[band]  # (bins of the band, frames)
    energy = np.sum(target * target)
    full = np.sum(magnitude * target) / energy if energy > 0 else 0
    for _ in range(rounds):
        point = magnitude.argmax()
        if magnitude.flat[point] < (1 - TOLERANCE) * full:
            point = target.argmax()
        elif magnitude.flat[point] <= (1 + TOLERANCE) * full:
            break
        row, frame = (int(index) for index in np.unravel_index(point, magnitude.shape))
        radians = 2 * np.pi * (band.start + row) * np.arange(n_fft) / n_fft
        cosine, sine = np.cos(radians), np.sin(radians)
        # a tone in phase with the point (at any phase where it is silent), whose transform there is the difference
        real, imag = (float(part) for part in (spectrum[row, frame].real, spectrum[row, frame].imag))
        length = math.sqrt(real**2 + imag**2)
        real, imag = (real / length, imag / length) if length > 0 else (1.0, 0.0)
        tone = weights * (real * cosine - imag * sine)
        start = frame * hop_length
        share = math.sqrt(np.sum(tone * weights * cosine) ** 2 + np.sum(tone * weights * sine) ** 2)
        signal[start : start + n_fft] += (full - magnitude[row, frame]) / share * tone
        first, last = max(0, frame - overlap + 1), min(magnitude.shape[1], frame + overlap)
        near = signal[first * hop_length : (last - 1) * hop_length + n_fft]
        spectrum[:, first:last] = stft(near, n_fft=n_fft, hop_length=hop_length, window=window, center=False)[
            band
        ]
        magnitude[:, first:last] = magnitude_of(spectrum[:, first:last])
    return signal
