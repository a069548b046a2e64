"""Spectrograms of many sounds of one length at once, on a torch device: as `spectrogram`, within rounding."""

import numpy as np
import torch
from numpy.typing import NDArray

from earshot.config.features import Features
from earshot.signal.mel import mel_matrix
from earshot.signal.spectrogram import LOWEST_POWER, from_decibels
from earshot.signal.torch_stft import stft, window_tensor


def spectrograms(
    signals: NDArray[np.floating], *, settings: Features, device: str
) -> list[NDArray[np.float32]]:
    """What `spectrogram.spectrogram` gives for each sound, computed on a torch device.

    signals : array, shape (items, samples), at settings.sample_rate

    Returns an array for each item, shape (bands, frames).
    """
    power = _power(signals, settings=settings, device=device)  # (items, bins, frames)
    if settings.kind != "stft":
        matrix = torch.tensor(mel_matrix(settings), dtype=power.dtype, device=device)
        power = matrix @ power  # (items, mels, frames)
    peak = power.amax(dim=(1, 2), keepdim=True)
    reference = torch.ones_like(peak) if settings.kind == "mfcc" else peak
    decibels = 10 * (power.clamp(min=LOWEST_POWER).log10() - reference.clamp(min=LOWEST_POWER).log10())
    if settings.top_db is not None:
        floor = decibels.amax(dim=(1, 2), keepdim=True) - settings.top_db
        decibels = torch.maximum(decibels, floor)
    return [from_decibels(array, settings=settings) for array in decibels.float().cpu().numpy()]


def _power(signals: NDArray[np.floating], *, settings: Features, device: str) -> torch.Tensor:
    """Squared magnitudes of centred frames, float64 as `spectrogram` has them. (items, bins, frames)"""
    padding = settings.n_fft // 2
    padded = torch.nn.functional.pad(
        torch.tensor(signals, dtype=torch.float64, device=device), (padding, padding)
    )
    weights = window_tensor("hann", settings.n_fft, dtype=torch.float64, device=device)
    spectra = stft(padded, weights=weights, hop_length=settings.hop_length).transpose(1, 2)
    return spectra.real**2 + spectra.imag**2
