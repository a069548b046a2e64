"""Brightness to magnitude and back.

A sound file keeps no absolute level. So a picture counts relative to its own brightest point, which is 1, and a
sound relative to its loudest point. With `invert` dark is loud: a picture counts relative to its darkest point.
"""

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Brightness = Literal["decibels", "linear"]


def relative(pictures: ArrayLike, *, invert: bool = False) -> NDArray[np.float32]:
    """Pictures relative to their own brightest point (with invert: turned dark for bright, then the same).

    pictures : array, shape (..., rows, columns), 0 to 1

    Returns what sounds, of the same shape: its greatest value is 1, or 0 where nothing sounds.
    """
    pictures = np.asarray(pictures, dtype=np.float32)
    return _divide_by_peak(1 - pictures if invert else pictures)


def to_magnitude(
    values: NDArray[np.float32], *, brightness: Brightness, range_db: float
) -> NDArray[np.float32]:
    """Linear magnitude of brightness values.

    values : array, shape (..., bins, frames), 0 to 1
    brightness : "decibels", where 1 is 0 dB and 0 is −range_db; or "linear"

    Returns the same shape, at most 1. An item with no value above 0 is silent.
    """
    if brightness == "linear":
        return values
    # in float64, rounded once: in float32 the last bit of exp and log hangs on the processor
    magnitude = np.exp((values - 1.0) * (range_db * math.log(10) / 20), dtype=np.float64).astype(np.float32)
    return np.where(values.max(axis=(-2, -1), keepdims=True) > 0, magnitude, np.float32(0))


def from_magnitude(
    magnitude: NDArray[np.float32], *, brightness: Brightness, range_db: float
) -> NDArray[np.float32]:
    """Brightness values of a sound's magnitude relative to its loudest point, the inverse of `to_magnitude`.

    magnitude : array, shape (..., bins, frames), on any scale

    Returns the same shape, 0 to 1; silence gives 0.
    """
    values = _divide_by_peak(magnitude)
    if brightness == "linear":
        return values
    floor = np.float32(10 ** (-range_db / 20))
    below = np.log(np.maximum(values, floor), dtype=np.float64) * (20 / math.log(10) / range_db)
    return np.maximum(1 + below, 0).astype(np.float32)


def _divide_by_peak(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each item with its greatest value at 1, or as it is where it is 0. (..., rows, columns)"""
    peak: NDArray[np.float32] = values.max(axis=(-2, -1), keepdims=True)
    peak[peak <= 0] = 1
    return values / peak
