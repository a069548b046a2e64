"""The part of a picture's sound that a map of its places leaves."""

import numpy as np
from numpy.typing import NDArray

from earshot.config.sonify import Sonify
from earshot.signal.peak import normalize_peak
from earshot.signal.stft import istft, stft
from earshot.sonification.sonify import frequency_scale_of, geometry


def apply_mask(
    signal: NDArray[np.float32], weights: NDArray[np.floating], *, settings: Sonify
) -> NDArray[np.float32]:
    """Multiply each place of a sound's spectrogram by the weight that a map gives it.

    signal : array, shape (samples,), a sound that `sonify` made with the settings
    weights : array, shape (rows, columns), 0 to 1, row 0 the highest frequency

    Returns shape (samples,), with its peak at 1; silent where all weights are 0. The complex transform is masked, so
    that the phases of what stays are those of the sound.
    """
    sizes = geometry(settings)
    scale = frequency_scale_of(settings)
    # Silence and repeated columns beyond both ends: every sample of the sound then has all of its frames.
    margin = -(-sizes.n_fft // sizes.hop_length)
    beyond = margin * sizes.hop_length
    mask = np.zeros((sizes.bins, settings.columns + 2 * margin), np.float32)
    inside = np.clip(scale.to_bins @ weights.astype(np.float32), 0, 1)  # (bins of the band, columns)
    mask[scale.band] = np.pad(inside, ((0, 0), (margin, margin)), mode="edge")
    spectrum = stft(np.pad(signal, beyond), **sizes.transform, center=False)
    # by parts: the rounding of a complex product hangs on the processor
    np.multiply(spectrum.real, mask, out=spectrum.real)
    np.multiply(spectrum.imag, mask, out=spectrum.imag)
    masked = istft(spectrum, **sizes.transform, center=False)
    return normalize_peak(masked[beyond : beyond + sizes.samples])
