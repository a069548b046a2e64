"""How much of a picture its sound keeps."""

import numpy as np
import pandas as pd
from skimage.metrics import structural_similarity

from earshot.sonification.sonify import magnitude_of_pictures, magnitude_of_signals, read_out, scale_picture

MEASURES = ["ssim", "pearson", "psnr", "spectral_convergence"]
SMALLEST_SHARE = (
    1e-10  # differences are counted down to here, so that equality has a finite value in decibels
)


def spectral_convergence(estimate, target):
    """How far a spectrogram is from the one asked for, in decibels (lower is closer).

    estimate, target : array, shape (..., bins, frames), linear magnitude on the same scale

    Returns float64, shape (...), −200 where they are equal, NaN where the target is silent.
    Sturmel and Daudet (2011), "Signal reconstruction from STFT magnitude":
    20 log10(||estimate - target|| / ||target||).
    """
    estimate, target = _pair(estimate, target)
    distance = np.sqrt(np.sum((estimate - target) ** 2, axis=(-2, -1)))
    norm = np.sqrt(np.sum(target**2, axis=(-2, -1)))
    share = distance / np.where(norm > 0, norm, np.nan)
    return 20 * np.log10(np.maximum(share, SMALLEST_SHARE))


def fitted(estimate, target):
    """The estimate on the target's scale: times the gain that is best in least squares. A sound's level is free.

    estimate, target : array, shape (..., bins, frames)
    """
    estimate, target = _pair(estimate, target)
    energy = np.sum(estimate**2, axis=(-2, -1), keepdims=True)
    gain = np.sum(estimate * target, axis=(-2, -1), keepdims=True) / np.where(energy > 0, energy, 1)
    return gain * estimate


def pearson(estimate, target):
    """Pearson's correlation between pictures.

    estimate, target : array, shape (..., rows, columns)

    Returns float64, shape (...), −1 to 1; 0 where only the estimate is constant, NaN where the target is.
    """
    estimate, target = _pair(estimate, target)
    estimate = estimate - estimate.mean(axis=(-2, -1), keepdims=True)
    target = target - target.mean(axis=(-2, -1), keepdims=True)
    product = np.sum(estimate * target, axis=(-2, -1))
    norms = np.sqrt(np.sum(estimate**2, axis=(-2, -1)) * np.sum(target**2, axis=(-2, -1)))
    r = product / np.where(norms > 0, norms, 1)
    return np.where(_constant(target), np.nan, np.clip(r, -1, 1))


def psnr(estimate, target):
    """Peak signal-to-noise ratio between pictures of range 0 to 1, in decibels (higher is closer).

    estimate, target : array, shape (..., rows, columns)

    Returns float64, shape (...), 200 where they are equal.
    """
    estimate, target = _pair(estimate, target)
    error = np.sqrt(np.mean((estimate - target) ** 2, axis=(-2, -1)))
    return -20 * np.log10(np.maximum(error, SMALLEST_SHARE))


def ssim(estimate, target):
    """Structural similarity of pictures of range 0 to 1, 1 where they are equal.

    estimate, target : array, shape (..., rows, columns)

    Returns float64, shape (...). The window is 7 × 7, or the largest odd square that fits.
    Wang et al. (2004), "Image quality assessment: from error visibility to structural similarity".
    """
    estimate, target = _pair(estimate, target)
    side = min(7, *target.shape[-2:])
    side -= 1 - side % 2
    flat = (-1, *target.shape[-2:])
    values = [
        structural_similarity(one, other, win_size=side, data_range=1, use_sample_covariance=side > 1)
        for one, other in zip(estimate.reshape(flat), target.reshape(flat), strict=True)
    ]
    return np.array(values).reshape(target.shape[:-2])


def fidelity(signals, pictures, *, settings):
    """What each picture's sound keeps of it.

    signals : array, shape (items, samples), the sounds as they are stored
    pictures : float32, shape (items, rows, columns), 0 to 1, what they were made from
    settings : config.Sonify

    Returns a table of one row an item: ssim, pearson and psnr between the picture and what its sound gives back,
    and spectral_convergence between the magnitude asked for and that of the sound, their level made equal.
    A constant picture has no correlation and a silent one no spectral convergence: NaN.
    """
    seen, heard = scale_picture(pictures, settings=settings), read_out(signals, settings=settings)
    asked = magnitude_of_pictures(pictures, settings=settings)
    found = fitted(magnitude_of_signals(signals, settings=settings), asked)
    return pd.DataFrame(
        {
            "ssim": ssim(heard, seen),
            "pearson": pearson(heard, seen),
            "psnr": psnr(heard, seen),
            "spectral_convergence": spectral_convergence(found, asked),
        }
    )


def summarize(table):
    """Median and quartiles over items as one flat dict without NaN.

    table : DataFrame, as `fidelity` gives it

    Returns `items`, and for each measure `<measure>_items`, how many items have a value, and
    `<measure>_median`, `<measure>_q1`, `<measure>_q3` over those, rounded to 4 decimals; None where there are none.
    """
    result = {"items": len(table)}
    for measure in table.columns:
        values = table[measure].dropna()
        result[f"{measure}_items"] = len(values)
        for name, share in (("median", 0.5), ("q1", 0.25), ("q3", 0.75)):
            result[f"{measure}_{name}"] = round(float(values.quantile(share)), 4) if len(values) else None
    return result


def _pair(estimate, target):
    estimate, target = np.asarray(estimate, dtype=np.float64), np.asarray(target, dtype=np.float64)
    if estimate.shape != target.shape:
        raise ValueError(f"estimate has shape {estimate.shape}, target {target.shape}")
    return estimate, target


def _constant(pictures):
    return pictures.max(axis=(-2, -1)) == pictures.min(axis=(-2, -1))
