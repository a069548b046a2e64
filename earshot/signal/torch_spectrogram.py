"""Spectrograms of many sounds of one length at once, on a torch device: as `spectrogram`, within rounding."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from earshot.config.features import Features
from earshot.signal.mel import mel_matrix
from earshot.signal.spectrogram import LOWEST_POWER, cepstra, full_scale_power, silence_db
from earshot.signal.torch_stft import stft, window_tensor


def spectrograms(
    signals: NDArray[np.floating], *, items: Sequence[int], settings: Features, device: str
) -> list[NDArray[np.float32]]:
    """What `spectrogram.spectrograms` gives for the clips of each item, computed on a torch device.

    signals : array, shape (clips, samples), at settings.sample_rate
    items : the number of each clip's item

    Returns an array for each clip, shape (bands, frames).
    """
    power = _power(signals, settings=settings, device=device)  # (clips, bins, frames)
    if settings.kind != "stft":
        matrix = torch.tensor(mel_matrix(settings), dtype=power.dtype, device=device)
        power = matrix @ power  # (clips, mels, frames)
    reference = _reference(power, torch.tensor(items, device=device), settings)
    power = _fit_frames(power, settings)
    decibels = 10 * (power.clamp(min=LOWEST_POWER).log10() - reference.clamp(min=LOWEST_POWER).log10())
    if settings.kind == "mfcc":
        return [cepstra(array, settings=settings) for array in decibels.float().cpu().numpy()]
    if settings.top_db is not None:
        decibels = decibels.clamp(min=-settings.top_db)
    is_silent = power.amax(dim=(1, 2), keepdim=True) <= LOWEST_POWER
    return list(decibels.where(~is_silent, silence_db(settings)).float().cpu().numpy())


def _reference(power: torch.Tensor, items: torch.Tensor, settings: Features) -> torch.Tensor:
    """The power that is 0 dB in each clip. (clips, bands, frames) -> (clips, 1, 1)"""
    seen = power if settings.reference == "item" else power[:, :, : settings.frames]
    loudest = seen.amax(dim=(1, 2), keepdim=True)
    if settings.kind == "mfcc":
        return torch.ones_like(loudest)
    if settings.reference == "full_scale":
        return torch.full_like(loudest, full_scale_power(settings))
    if settings.reference == "item":
        of_items = power.new_zeros(int(items.max()) + 1).scatter_reduce(0, items, loudest.flatten(), "amax")
        return of_items[items, None, None]
    return loudest


def _fit_frames(power: torch.Tensor, settings: Features) -> torch.Tensor:
    """As `clips.fit_frames`, with silence where there is nothing. (clips, bands, frames)"""
    present, frames = power.shape[2], settings.frames
    if frames is None or frames <= present:
        return power[:, :, :frames]
    if settings.pad == "repeat":
        return power[:, :, torch.arange(frames, device=power.device) % present]
    return torch.nn.functional.pad(power, (0, frames - present))


def _power(signals: NDArray[np.floating], *, settings: Features, device: str) -> torch.Tensor:
    """Squared magnitudes of centred frames, float64 as `spectrogram` has them. (items, bins, frames)"""
    padding = settings.n_fft // 2
    padded = torch.nn.functional.pad(
        torch.tensor(signals, dtype=torch.float64, device=device), (padding, padding)
    )
    weights = window_tensor("hann", settings.n_fft, dtype=torch.float64, device=device)
    spectra = stft(padded, weights=weights, hop_length=settings.hop_length).transpose(1, 2)
    return spectra.real**2 + spectra.imag**2
