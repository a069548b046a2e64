"""The part of a picture's sound that a map keeps."""

import numpy as np

from earshot.signal.stft import istft, stft
from earshot.sonification.sonify import frequency_scale_of, geometry


def keep(signal, weights, *, settings):
    """A sound with each place of its spectrogram turned down to what the map leaves of it.

    signal : float32, shape (samples,), a sound that `sonify` made with the settings
    weights : array, shape (rows, columns), 0 to 1, row 0 the highest frequency
    settings : config.Sonify

    Returns float32, shape (samples,), with its peak at 1; silent where nothing is kept. The complex transform is
    masked, so that the phases of what stays are those of the sound.
    """
    sizes = geometry(settings)
    transform = {"n_fft": sizes.n_fft, "hop_length": sizes.hop_length, "window": settings.window}
    scale = frequency_scale_of(settings)
    # Silence and repeated columns beyond both ends: every sample of the sound then has all of its frames.
    margin = -(-sizes.n_fft // sizes.hop_length)
    beyond = margin * sizes.hop_length
    mask = np.zeros((sizes.bins, settings.columns + 2 * margin), np.float32)
    inside = np.clip(scale.to_bins @ weights.astype(np.float32), 0, 1)  # (bins of the band, columns)
    mask[scale.band] = np.pad(inside, ((0, 0), (margin, margin)), mode="edge")
    spectrum = stft(np.pad(signal, beyond), **transform, center=False)
    kept = istft(spectrum * mask, **transform, center=False)[beyond : beyond + sizes.samples]
    peak = np.abs(kept).max()
    return kept / peak if peak > 0 else kept
