"""Fast Griffin-Lim over many spectrograms at once, on a GPU: the same as `griffinlim`, within rounding."""

import numpy as np
import torch

from earshot.signal.griffinlim import TINY, checked_weights, coverage


def griffin_lim(
    magnitude, *, n_fft, hop_length, window="hann", iterations=32, momentum=0.9, phase, center=True, device
):
    """What `griffinlim.griffin_lim` gives, computed on a torch device.

    magnitude, phase : array, shape (items, bins, frames)
    device : torch.device or its name

    Returns float32 numpy, shape (items, samples).
    """
    weights = torch.tensor(checked_weights(window, n_fft, hop_length), device=device)
    factor, kept = coverage(window, n_fft, hop_length, magnitude.shape[-1], center)
    factor = torch.tensor(factor, device=device)
    target = _frames_first(magnitude, device)  # (items, frames, bins)
    spectrum = torch.polar(target, _frames_first(phase, device))
    frames = target.shape[1]
    signal = torch.zeros(len(target), len(factor), device=device)
    pull = 0.0  # the first step has no signal before it
    for _ in range(iterations):
        before, signal = signal, _overlap_add(spectrum, weights, factor, hop_length)
        pieces = (signal - pull * before).unfold(1, n_fft, hop_length)[:, :frames]  # (items, frames, n_fft)
        spectrum = torch.fft.rfft(pieces * weights)
        spectrum *= target / (TINY + spectrum.abs())
        pull = momentum / (1 + momentum)
    signal = _overlap_add(spectrum, weights, factor, hop_length)
    return signal[:, kept].cpu().numpy()


def stft_magnitude(signals, *, n_fft, hop_length, window="hann", device):
    """The magnitude of `griffinlim.stft` with frames that start at t × hop_length.

    signals : float32, shape (items, samples)

    Returns float32 numpy, shape (items, bins, frames).
    """
    weights = torch.tensor(checked_weights(window, n_fft, hop_length), device=device)
    pieces = torch.tensor(signals, dtype=torch.float32, device=device).unfold(1, n_fft, hop_length)
    return torch.fft.rfft(pieces * weights).abs().transpose(1, 2).cpu().numpy()


def _frames_first(array, device):
    """(items, bins, frames) -> (items, frames, bins), float32 on the device"""
    frames_first = np.swapaxes(np.asarray(array, dtype=np.float32), 1, 2)
    return torch.tensor(np.ascontiguousarray(frames_first), device=device)


def _overlap_add(spectrum, weights, factor, hop_length):
    """The signals of spectra. (items, frames, bins) -> (items, samples), as long as the factor"""
    n_fft = len(weights)
    pieces = torch.fft.irfft(spectrum, n_fft) * weights
    samples = n_fft + hop_length * (pieces.shape[1] - 1)
    whole = torch.nn.functional.fold(
        pieces.transpose(1, 2), (1, samples), kernel_size=(1, n_fft), stride=(1, hop_length)
    )[:, 0, 0]  # (items, samples)
    return torch.nn.functional.pad(whole, (0, len(factor) - samples)) * factor
