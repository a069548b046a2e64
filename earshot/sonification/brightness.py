"""Brightness to magnitude and back.

A sound file keeps no absolute level. So a picture counts relative to its own brightest point, which is 1, and a
sound relative to its loudest point. With `invert` dark is loud: a picture counts relative to its darkest point.
"""

import numpy as np


def relative(pictures, *, invert=False):
    """Pictures relative to their own brightest point (with invert: turned dark for bright, then the same).

    pictures : float32, shape (..., rows, columns), 0 to 1

    Returns float32 of the same shape, what sounds: its greatest value is 1, or 0 where nothing sounds.
    """
    pictures = np.asarray(pictures, dtype=np.float32)
    sounding = 1 - pictures if invert else pictures
    peak = sounding.max(axis=(-2, -1), keepdims=True)
    return sounding / np.where(peak > 0, peak, 1)


def to_magnitude(values, *, brightness, range_db):
    """Linear magnitude of brightness values.

    values : float32, shape (..., bins, frames), 0 to 1
    brightness : "decibels", where 1 is 0 dB and 0 is −range_db; or "linear"

    Returns float32 of the same shape, at most 1. An item with no value above 0 is silent.
    """
    if brightness == "linear":
        return np.asarray(values, dtype=np.float32)
    magnitude = np.exp((values - np.float32(1)) * np.float32(range_db * np.log(10) / 20))
    return np.where(values.max(axis=(-2, -1), keepdims=True) > 0, magnitude, np.float32(0))


def from_magnitude(magnitude, *, brightness, range_db):
    """Brightness values of a sound's magnitude relative to its loudest point, the inverse of `to_magnitude`.

    magnitude : float32, shape (..., bins, frames), on any scale

    Returns float32 of the same shape, 0 to 1; silence gives 0.
    """
    peak = magnitude.max(axis=(-2, -1), keepdims=True)
    values = magnitude / np.where(peak > 0, peak, 1)
    if brightness == "linear":
        return values
    floor = np.float32(10 ** (-range_db / 20))
    return np.maximum(1 + np.log10(np.maximum(values, floor)) * np.float32(20 / range_db), 0)
