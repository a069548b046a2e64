"""A sound with a given magnitude spectrogram: short-time Fourier transform, its inverse, fast Griffin-Lim.

Inside, a spectrogram lies as (frames, bins), so that every FFT reads contiguous memory, and items are worked
one after another: one item fits into a core's cache, and its result cannot depend on its neighbours.
"""

import functools

import numpy as np
import scipy  # its fft is imported where it is first used, for 0.1 s

from earshot.core.errors import EarshotError

TINY = np.float32(1e-20)


def stft(signals, *, n_fft, hop_length, window="hann", center=True):
    """Short-time Fourier transform.

    signals : array, shape (..., samples)
    n_fft, hop_length : int, in samples
    window : "hann" | "rectangular"
    center : bool, frame t is centred on sample t × hop_length, with silence beyond both ends; otherwise it
        starts there

    Returns complex64, shape (..., bins, frames), equal to `librosa.stft(pad_mode="constant")`.
    Raises EarshotError on a bad argument, or on signals shorter than one frame.
    """
    signals = np.asarray(signals, dtype=np.float32)
    weights = checked_weights(window, n_fft, hop_length)
    padding = n_fft // 2 if center else 0
    samples = signals.shape[-1] + 2 * padding
    if samples < n_fft:
        raise EarshotError(f"signals: {signals.shape[-1]} samples, fewer than n_fft = {n_fft}")
    frames = 1 + (samples - n_fft) // hop_length
    flat = _items(signals, 1)
    spectra = np.empty((len(flat), frames, n_fft // 2 + 1), np.complex64)
    padded = np.zeros(samples, np.float32)
    for signal, spectrum in zip(flat, spectra, strict=True):
        padded[padding : padding + len(signal)] = signal
        pieces = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop_length]  # (frames, n_fft)
        spectrum[:] = scipy.fft.rfft(pieces * weights, overwrite_x=True)
    return spectra.reshape(*signals.shape[:-1], *spectra.shape[1:]).swapaxes(-1, -2)


def istft(spectra, *, n_fft, hop_length, window="hann", center=True):
    """The signal whose short-time Fourier transform is nearest to the one given, in least squares.

    spectra : complex array, shape (..., bins, frames)
    n_fft, hop_length, window, center : as in `stft`

    Returns float32, shape (..., samples), equal to `librosa.istft`.
    Griffin and Lim (1984), "Signal estimation from modified short-time Fourier transform", equation 6.
    """
    from earshot.signal.griffinlim_loops import resynthesize  # 0.25 s to import: only making sounds pays

    spectra = np.asarray(spectra, dtype=np.complex64)
    weights = checked_weights(window, n_fft, hop_length)
    _check_bins("spectra", spectra, n_fft)
    frames = spectra.shape[-1]
    factor, kept = coverage(window, n_fft, hop_length, frames, center)
    flat = _items(spectra, 2)
    signals = np.empty((len(flat), kept.stop - kept.start), np.float32)
    for spectrum, signal in zip(flat, signals, strict=True):
        whole = np.zeros(len(factor), np.float32)
        pieces = scipy.fft.irfft(np.ascontiguousarray(spectrum.T), n_fft)  # (frames, n_fft)
        resynthesize(pieces, weights, factor, whole, np.float32(0), hop_length)
        signal[:] = whole[kept]
    return signals.reshape(*spectra.shape[:-2], signals.shape[-1])


def griffin_lim(
    magnitude, *, n_fft, hop_length, window="hann", iterations=32, momentum=0.9, phase, center=True
):
    """A signal whose spectrogram has the given magnitude, as nearly as the iterations find one.

    magnitude : array, shape (..., bins, frames), linear, 0 or more
    n_fft, hop_length, window, center : as in `stft`
    iterations : int; 0 gives the inverse transform of the magnitude with the phase it starts from
    momentum : float, 0 (Griffin-Lim) to under 1
    phase : array, shape of magnitude, where to start, in radians

    Returns float32, shape (..., samples). Raises EarshotError on a bad argument.

    Perraudin, Balazs and Søndergaard (2013), "A fast Griffin-Lim algorithm", with the step of
    `librosa.griffinlim`: the phase comes from c(k) − momentum / (1 + momentum) × c(k − 1), c(k) the transform
    of the k-th signal. The transform is linear, so the difference is taken between the two signals, which are
    half as many numbers.
    """
    from earshot.signal.griffinlim_loops import impose, resynthesize

    magnitude = np.asarray(magnitude, dtype=np.float32)
    phase = np.asarray(phase, dtype=np.float32)
    weights = checked_weights(window, n_fft, hop_length)
    _check_bins("magnitude", magnitude, n_fft)
    if phase.shape != magnitude.shape:
        raise EarshotError(f"phase: shape {phase.shape}, the magnitude has {magnitude.shape}")
    if not (np.isfinite(magnitude).all() and (magnitude >= 0).all()):
        raise EarshotError(
            "magnitude: holds negative values, infinities or NaN; every value must be 0 or more"
        )
    if iterations < 0:
        raise EarshotError(f"iterations = {iterations}: must be 0 or more")
    if not 0 <= momentum < 1:
        raise EarshotError(f"momentum = {momentum}: must be at least 0 and under 1")
    factor, kept = coverage(window, n_fft, hop_length, magnitude.shape[-1], center)
    targets, starts = _items(magnitude, 2), _items(phase, 2)
    signals = np.empty((len(targets), kept.stop - kept.start), np.float32)
    for target, start, result in zip(targets, starts, signals, strict=True):
        target = np.ascontiguousarray(target.T)  # (frames, bins)
        spectrum = np.empty(target.shape, np.complex64)
        np.multiply(target, np.cos(start.T), out=spectrum.real)
        np.multiply(target, np.sin(start.T), out=spectrum.imag)
        signal = np.zeros(len(factor), np.float32)
        pull = np.float32(0)  # the first step has no signal before it
        for _ in range(iterations):
            pieces = scipy.fft.irfft(spectrum, n_fft, overwrite_x=True)  # (frames, n_fft)
            resynthesize(pieces, weights, factor, signal, pull, hop_length)
            spectrum = scipy.fft.rfft(pieces, overwrite_x=True)
            impose(spectrum, target)
            pull = np.float32(momentum / (1 + momentum))
        pieces = scipy.fft.irfft(spectrum, n_fft, overwrite_x=True)
        resynthesize(pieces, weights, factor, signal, np.float32(0), hop_length)
        result[:] = signal[kept]
    return signals.reshape(*magnitude.shape[:-2], signals.shape[-1])


@functools.lru_cache(maxsize=64)
def window_weights(window, n_fft):
    """The window's samples, float32, shape (n_fft,), read-only."""
    if window == "hann":  # periodic, so that shifted copies add up evenly
        weights = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    elif window == "rectangular":
        weights = np.ones(n_fft)
    else:
        raise EarshotError(f"window = {window!r}: must be 'hann' or 'rectangular'")
    weights = weights.astype(np.float32)
    weights.setflags(write=False)
    return weights


def checked_weights(window, n_fft, hop_length):
    if n_fft < 2 or n_fft % 2:
        raise EarshotError(f"n_fft = {n_fft}: must be an even number, 2 or more")
    if hop_length < 1:
        raise EarshotError(f"hop_length = {hop_length}: must be 1 or more")
    return window_weights(window, n_fft)


@functools.lru_cache(maxsize=64)
def coverage(window, n_fft, hop_length, frames, center):
    """What the overlapping windows are divided by, as a factor per sample, and the samples that are kept.

    Samples before the first frame's centre and after the last one's have the factor 0: when frames are
    centred, the next transform sees silence there.
    """
    overlap = -(-n_fft // hop_length)
    factor = np.zeros(hop_length * (frames + overlap - 1))
    squares = window_weights(window, n_fft).astype(np.float64) ** 2
    for frame in range(frames):
        factor[frame * hop_length :][:n_fft] += squares
    covered = factor > np.finfo(np.float32).tiny
    factor[covered] = 1 / factor[covered]
    factor[~covered] = 1
    padding = n_fft // 2 if center else 0
    kept = slice(padding, n_fft + hop_length * (frames - 1) - padding)
    if kept.stop <= kept.start:
        raise EarshotError(
            f"{frames} centred frames of n_fft = {n_fft} leave no sample: give 2 frames or more"
        )
    factor[: kept.start] = factor[kept.stop :] = 0
    return factor.astype(np.float32), kept


def _items(array, ndim):
    """The array with all leading axes, but for the last ndim, made one."""
    lead = array.shape[: array.ndim - ndim]
    return array.reshape(int(np.prod(lead)), *array.shape[len(lead) :])


def _check_bins(name, spectra, n_fft):
    if spectra.ndim < 2 or spectra.shape[-2] != n_fft // 2 + 1 or spectra.shape[-1] < 1:
        raise EarshotError(
            f"{name}: shape {spectra.shape}, expected (..., {n_fft // 2 + 1}, frames) for n_fft = {n_fft}"
        )
