"""Spectrograms of many sounds of one length at once, on a GPU: the same as `spectrograms`, within rounding."""

import torch

from earshot.signal.mel import dct_filters, mel_matrix
from earshot.signal.spectrogram import LOWEST_POWER, fitted


def spectrograms(signals, *, settings, device):
    """What `spectrograms.spectrogram` gives for each sound, computed on a torch device.

    signals : float array, shape (items, samples), at settings.sample_rate
    settings : config.Features
    device : torch.device or its name

    Returns a list of float32 numpy arrays, shape (bands, frames).
    """
    power = _power(signals, settings=settings, device=device)  # (items, bins, frames)
    if settings.kind != "stft":
        shape = {"n_fft": settings.n_fft, "n_mels": settings.n_mels}
        matrix = mel_matrix(sample_rate=settings.sample_rate, fmin=settings.fmin, fmax=settings.fmax, **shape)
        power = torch.tensor(matrix, dtype=power.dtype, device=device) @ power  # (items, mels, frames)
    peak = power.amax(dim=(1, 2), keepdim=True)
    reference = torch.ones_like(peak) if settings.kind == "mfcc" else peak
    decibels = 10 * (power.clamp(min=LOWEST_POWER).log10() - reference.clamp(min=LOWEST_POWER).log10())
    if settings.top_db is not None:
        floor = decibels.amax(dim=(1, 2), keepdim=True) - settings.top_db
        decibels = torch.maximum(decibels, floor)
    arrays = [fitted(array, settings) for array in decibels.float().cpu().numpy()]
    if settings.kind == "mfcc":
        arrays = [dct_filters(settings.n_mels, settings.n_mfcc) @ array for array in arrays]
    return arrays


def _power(signals, *, settings, device):
    """Squared magnitudes of centred frames, float64 as `spectrograms` has them. (items, bins, frames)"""
    spectra = torch.stft(
        torch.tensor(signals, dtype=torch.float64, device=device),
        settings.n_fft,
        settings.hop_length,
        window=torch.hann_window(settings.n_fft, dtype=torch.float64, device=device),
        center=True,
        pad_mode="constant",
        return_complex=True,
    )
    return spectra.real**2 + spectra.imag**2
