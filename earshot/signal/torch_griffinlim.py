"""Fast Griffin-Lim over many spectrograms at once, on a torch device: the same as `griffinlim`, within rounding."""

import numpy as np
import torch
from numpy.typing import NDArray

from earshot.signal.griffinlim import TINY
from earshot.signal.stft import check_transform, overlap_normalization
from earshot.signal.torch_stft import stft, window_tensor
from earshot.signal.windows import Window


def griffin_lim(
    magnitude: NDArray[np.float32],
    *,
    n_fft: int,
    hop_length: int,
    window: Window = "hann",
    iterations: int = 32,
    momentum: float = 0.9,
    start: NDArray[np.complex64],
    center: bool = True,
    device: str,
) -> NDArray[np.float32]:
    """What `griffinlim.griffin_lim` gives, computed on a torch device.

    magnitude, start : array, shape (items, bins, frames)

    Returns shape (items, samples).
    """
    check_transform(n_fft, hop_length)
    frames = magnitude.shape[-1]
    normalization, inner = overlap_normalization(window, n_fft, hop_length, frames, center)
    weights = window_tensor(window, n_fft, dtype=torch.float32, device=device)
    factor = torch.tensor(normalization, device=device)
    target = _frames_first(np.asarray(magnitude, dtype=np.float32), device)  # (items, frames, bins)
    spectrum = target * _frames_first(start, device)
    framed = n_fft + hop_length * (frames - 1)  # samples that the frames cover
    signal = torch.zeros(len(target), len(factor), device=device)
    pull = 0.0  # the first step has no signal before it
    for _ in range(iterations):
        before, signal = signal, _overlap_add(spectrum, weights, factor, hop_length)
        spectrum = stft((signal - pull * before)[:, :framed], weights=weights, hop_length=hop_length)
        spectrum *= target / (spectrum.abs() + float(TINY))
        pull = momentum / (1 + momentum)
    signal = _overlap_add(spectrum, weights, factor, hop_length)
    return signal[:, inner].cpu().numpy()


def _frames_first(array: NDArray[np.float32] | NDArray[np.complex64], device: str) -> torch.Tensor:
    """(items, bins, frames) -> (items, frames, bins), on the device"""
    # turned on the device: on one core it takes longer than all the iterations on a GPU
    return torch.tensor(array, device=device).transpose(1, 2).contiguous()


def _overlap_add(
    spectrum: torch.Tensor, weights: torch.Tensor, factor: torch.Tensor, hop_length: int
) -> torch.Tensor:
    """The signals of spectra. (items, frames, bins) -> (items, samples), as long as the factor"""
    n_fft = len(weights)
    pieces = torch.fft.irfft(spectrum, n_fft) * weights
    samples = n_fft + hop_length * (pieces.shape[1] - 1)
    whole = torch.nn.functional.fold(
        pieces.transpose(1, 2), (1, samples), kernel_size=(1, n_fft), stride=(1, hop_length)
    )[:, 0, 0]  # (items, samples)
    return torch.nn.functional.pad(whole, (0, len(factor) - samples)) * factor
