"""How much of a picture its sound keeps."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.config.sonify import Sonify
from earshot.sonification.sonify import magnitude_of_pictures, magnitude_of_signals, read_out, scale_picture

Array = NDArray[np.floating]

MEASURES = ["ssim", "pearson", "psnr", "spectral_convergence"]
DECIMALS = 6  # that are kept: the last bits of a logarithm hang on the processor
SMALLEST_SHARE = 1e-10  # a smaller difference counts as this: equality has a finite value in decibels


def spectral_convergence(estimate: Array, target: Array) -> Array:
    """How far a spectrogram is from the one asked for, in decibels (lower is closer).

    estimate, target : array, shape (..., bins, frames), linear magnitude on the same scale

    Returns shape (...), −200 where they are equal, NaN where the target is silent.
    Sturmel and Daudet (2011), "Signal reconstruction from STFT magnitude":
    20 log10(||estimate - target|| / ||target||).
    """
    estimate, target = _pair(estimate, target)
    distance, norm = np.sqrt(_total((estimate - target) ** 2)), np.sqrt(_total(target**2))
    share = distance / np.where(norm > 0, norm, np.nan)
    return 20 * np.log10(np.maximum(share, SMALLEST_SHARE))


def match_gain(estimate: Array, target: Array) -> Array:
    """The estimate on the target's scale: times the gain that is best in least squares. A sound's level is free.

    estimate, target : array, shape (..., bins, frames)
    """
    estimate, target = _pair(estimate, target)
    energy = _total(estimate**2, keepdims=True)
    gain = _total(estimate * target, keepdims=True) / np.where(energy > 0, energy, 1)
    return gain * estimate


def pearson(estimate: Array, target: Array) -> Array:
    """Pearson's correlation between pictures.

    estimate, target : array, shape (..., rows, columns)

    Returns shape (...), −1 to 1; 0 where only the estimate is constant, NaN where the target is.
    """
    estimate, target = _pair(estimate, target)
    is_constant = target.max(axis=(-2, -1)) == target.min(axis=(-2, -1))
    estimate = estimate - estimate.mean(axis=(-2, -1), keepdims=True)
    target = target - target.mean(axis=(-2, -1), keepdims=True)
    norms = np.sqrt(_total(estimate**2) * _total(target**2))
    r = _total(estimate * target) / np.where(norms > 0, norms, 1)
    return np.where(is_constant, np.nan, np.clip(r, -1, 1))


def psnr(estimate: Array, target: Array) -> Array:
    """Peak signal-to-noise ratio between pictures of range 0 to 1, in decibels (higher is closer).

    estimate, target : array, shape (..., rows, columns)

    Returns shape (...), 200 where they are equal.
    """
    estimate, target = _pair(estimate, target)
    error: Array = np.sqrt(np.mean((estimate - target) ** 2, axis=(-2, -1)))
    return -20 * np.log10(np.maximum(error, SMALLEST_SHARE))


def ssim(estimate: Array, target: Array) -> Array:
    """Structural similarity of pictures of range 0 to 1, 1 where they are equal.

    estimate, target : array, shape (..., rows, columns)

    Returns shape (...). The window is 7 × 7, or the largest odd square that fits.
    Wang et al. (2004), "Image quality assessment: from error visibility to structural similarity".
    """
    from skimage.metrics import structural_similarity  # 0.3 s to import, which most stages need not

    estimate, target = _pair(estimate, target)
    side = min(7, *target.shape[-2:])
    side -= 1 - side % 2
    flat = (-1, *target.shape[-2:])
    values = [
        structural_similarity(one, other, win_size=side, data_range=1, use_sample_covariance=side > 1)
        for one, other in zip(estimate.reshape(flat), target.reshape(flat), strict=True)
    ]
    return np.array(values).reshape(target.shape[:-2])


def fidelity(signals: Array, pictures: NDArray[np.float32], *, settings: Sonify) -> pd.DataFrame:
    """What each picture's sound keeps of it.

    signals : array, shape (items, samples), the sounds as they are stored
    pictures : array, shape (items, rows, columns), 0 to 1, what they were made from

    Returns a table of one row an item: ssim, pearson and psnr between the picture and what its sound gives back,
    and spectral_convergence between the magnitude asked for and that of the sound, their level made equal; to
    DECIMALS decimals.
    A constant picture has no correlation and a silent one no spectral convergence: NaN.
    """
    seen, heard = scale_picture(pictures, settings=settings), read_out(signals, settings=settings)
    target = magnitude_of_pictures(pictures, settings=settings)
    estimate = match_gain(magnitude_of_signals(signals, settings=settings), target)
    table = pd.DataFrame(
        {
            "ssim": ssim(heard, seen),
            "pearson": pearson(heard, seen),
            "psnr": psnr(heard, seen),
            "spectral_convergence": spectral_convergence(estimate, target),
        }
    )
    return table.round(DECIMALS)


def summarize(table: pd.DataFrame) -> dict[str, int | float | None]:
    """Median and quartiles over items as one flat dict without NaN.

    table : as `fidelity` gives it

    Returns `items`, and for each measure `<measure>_items`, how many items have a value, and
    `<measure>_median`, `<measure>_q1`, `<measure>_q3` over those, rounded to 4 decimals; None where there are none.
    """
    result: dict[str, int | float | None] = {"items": len(table)}
    for measure in table.columns:
        values = table[measure].dropna()
        result[f"{measure}_items"] = len(values)
        for name, share in (("median", 0.5), ("q1", 0.25), ("q3", 0.75)):
            result[f"{measure}_{name}"] = round(float(values.quantile(share)), 4) if len(values) else None
    return result


def _pair(estimate: Array, target: Array) -> tuple[Array, Array]:
    """Both as float64. Raises ValueError where their shapes differ."""
    estimate, target = np.asarray(estimate, dtype=np.float64), np.asarray(target, dtype=np.float64)
    if estimate.shape != target.shape:
        raise ValueError(f"estimate has shape {estimate.shape}, target {target.shape}")
    return estimate, target


def _total(array: Array, *, keepdims: bool = False) -> Array:
    """The sum over the last two axes. (..., rows, columns) -> (...)"""
    total: Array = np.sum(array, axis=(-2, -1), keepdims=keepdims)
    return total
