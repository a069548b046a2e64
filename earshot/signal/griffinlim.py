"""A sound with a given magnitude spectrogram: fast Griffin-Lim.

Items are worked one after another: one item fits into a core's cache, and its result cannot depend on its
neighbours.
"""

import numpy as np
import scipy  # its fft is imported where it is first used, for 0.1 s
from numpy.typing import ArrayLike, NDArray

from earshot.core.errors import EarshotError
from earshot.signal.stft import check_bins, check_transform, merge_leading_axes, overlap_normalization
from earshot.signal.windows import Window, window_weights

TINY = np.float32(1e-20)  # added to a magnitude before it divides


def griffin_lim(
    magnitude: ArrayLike,
    *,
    n_fft: int,
    hop_length: int,
    window: Window = "hann",
    iterations: int = 32,
    momentum: float = 0.9,
    start: ArrayLike,
    center: bool = True,
) -> NDArray[np.float32]:
    """A signal whose spectrogram has the given magnitude, as nearly as the iterations find one.

    magnitude : array, shape (..., bins, frames), linear, 0 or more
    n_fft, hop_length, window, center : as in `stft`
    iterations : 0 gives the inverse transform of the magnitude with the phase it starts from
    momentum : 0 (Griffin-Lim) to under 1
    start : array, shape of magnitude, the phases to start from, as complex numbers of magnitude 1

    Returns shape (..., samples). Raises EarshotError on a bad argument.

    Perraudin, Balazs and Søndergaard (2013), "A fast Griffin-Lim algorithm", with the step of
    `librosa.griffinlim`: the phase comes from c(k) − momentum / (1 + momentum) × c(k − 1), c(k) the transform
    of the k-th signal. The transform is linear, so the difference is taken between the two signals, which are
    half as many numbers.
    """
    from earshot.signal.compiled_loops import replace_magnitude, resynthesize  # 0.25 s to import

    magnitude = np.asarray(magnitude, dtype=np.float32)
    start = np.asarray(start, dtype=np.complex64)
    _check(magnitude, start, n_fft=n_fft, hop_length=hop_length, iterations=iterations, momentum=momentum)
    weights = window_weights(window, n_fft).astype(np.float32)
    factor, inner = overlap_normalization(window, n_fft, hop_length, magnitude.shape[-1], center)
    targets, starts = merge_leading_axes(magnitude, 2), merge_leading_axes(start, 2)
    signals = np.empty((len(targets), inner.stop - inner.start), np.float32)
    for target, phasors, result in zip(targets, starts, signals, strict=True):
        target = np.ascontiguousarray(target.T)  # (frames, bins)
        spectrum = np.empty(target.shape, np.complex64)
        np.multiply(target, phasors.real.T, out=spectrum.real)
        np.multiply(target, phasors.imag.T, out=spectrum.imag)
        signal = np.zeros(len(factor), np.float32)
        pull = np.float32(0)  # the first step has no signal before it
        for _ in range(iterations):
            pieces = scipy.fft.irfft(spectrum, n_fft, overwrite_x=True)  # (frames, n_fft)
            resynthesize(pieces, weights, factor, signal, pull, hop_length)
            spectrum = scipy.fft.rfft(pieces, overwrite_x=True)
            replace_magnitude(spectrum, target, TINY)
            pull = np.float32(momentum / (1 + momentum))
        pieces = scipy.fft.irfft(spectrum, n_fft, overwrite_x=True)
        resynthesize(pieces, weights, factor, signal, np.float32(0), hop_length)
        result[:] = signal[inner]
    return signals.reshape(*magnitude.shape[:-2], signals.shape[-1])


def _check(
    magnitude: NDArray[np.float32],
    start: NDArray[np.complex64],
    *,
    n_fft: int,
    hop_length: int,
    iterations: int,
    momentum: float,
) -> None:
    check_transform(n_fft, hop_length)
    check_bins("magnitude", magnitude, n_fft)
    if start.shape != magnitude.shape:
        raise EarshotError(f"start: shape {start.shape}, the magnitude has {magnitude.shape}")
    if not (np.isfinite(magnitude).all() and (magnitude >= 0).all()):
        raise EarshotError(
            "magnitude: holds negative values, infinities or NaN; every value must be 0 or more"
        )
    if iterations < 0:
        raise EarshotError(f"iterations = {iterations}: must be 0 or more")
    if not 0 <= momentum < 1:
        raise EarshotError(f"momentum = {momentum}: must be at least 0 and under 1")
