"""The short-time Fourier transform of many sounds of one length at once, on a torch device."""

import numpy as np
import torch
from numpy.typing import NDArray

from earshot.signal.stft import check_transform
from earshot.signal.windows import Window, window_weights


def stft(signals: torch.Tensor, *, weights: torch.Tensor, hop_length: int) -> torch.Tensor:
    """The transform of frames that start at t × hop_length, in the precision of the signals.

    signals : real, shape (items, samples)
    weights : the window's samples, shape (n_fft,)

    Returns complex, shape (items, frames, bins).
    """
    spectra: torch.Tensor = torch.fft.rfft(signals.unfold(1, len(weights), hop_length) * weights)
    return spectra


def stft_magnitude(
    signals: NDArray[np.float32], *, n_fft: int, hop_length: int, window: Window = "hann", device: str
) -> NDArray[np.float32]:
    """The magnitude of `stft.stft` with center=False, within rounding, computed on a torch device.

    signals : array, shape (items, samples)

    Returns shape (items, bins, frames).
    """
    check_transform(n_fft, hop_length)
    weights = window_tensor(window, n_fft, dtype=torch.float32, device=device)
    spectra = stft(
        torch.tensor(signals, dtype=torch.float32, device=device), weights=weights, hop_length=hop_length
    )
    return spectra.abs().transpose(1, 2).cpu().numpy()


def window_tensor(window: Window, n_fft: int, *, dtype: torch.dtype, device: str) -> torch.Tensor:
    """`windows.window_weights` as a tensor, shape (n_fft,)."""
    return torch.tensor(window_weights(window, n_fft), dtype=dtype, device=device)
