"""Pictures of values drawn in colour by matplotlib, turned back into the values."""

import difflib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from earshot.core.errors import EarshotError

WIDEST_REPEAT = 4 / 255  # a map whose equal colours lie further apart cannot be turned back
CHUNK_COLOURS = 2**14


def values_of(pixels: NDArray[np.uint8], *, colormap: str) -> NDArray[np.float32]:
    """The values that matplotlib drew in these colours: those of the colour map's nearest colour.

    pixels : shape (rows, columns, 3), RGB
    colormap : a name that matplotlib knows

    Returns shape (rows, columns), 0 to 1. Where a map gives neighbouring values one colour, the middle of
    them: 1/255 off at most in viridis and magma, 2/255 in jet.
    """
    colours, values = _table(colormap)
    packed = pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)  # (rows, columns)
    distinct, where = np.unique(packed, return_inverse=True)
    drawn = np.stack([distinct >> 16, distinct >> 8 & 255, distinct & 255], axis=1).astype(np.float32)
    nearest = np.concatenate(
        [
            _nearest(drawn[start : start + CHUNK_COLOURS], colours)
            for start in range(0, len(drawn), CHUNK_COLOURS)
        ]
    )
    result: NDArray[np.float32] = values[nearest][where].reshape(pixels.shape[:2])
    return result


def _nearest(drawn: NDArray[np.float32], colours: NDArray[np.float32]) -> NDArray[np.intp]:
    """Row of `colours` nearest to each row of `drawn`. Whole numbers up to 3 × 255², which float32 holds exactly."""
    nearest: NDArray[np.intp] = ((colours**2).sum(axis=1) - 2 * drawn @ colours.T).argmin(axis=1)
    return nearest


@lru_cache(maxsize=8)
def _table(name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The colours of a map, shape (colours, 3), each once, and the value that each stands for, shape (colours,)."""
    from matplotlib import colormaps  # 0.3 s to import: only pictures in colour pay

    if name not in colormaps:
        close = difflib.get_close_matches(name, list(colormaps), n=5, cutoff=0.5)
        hint = (
            f"Nearest names: {', '.join(close)}."
            if close
            else "Examples: viridis, magma, inferno, jet, gray."
        )
        raise EarshotError(f"features.colormap: {name!r} is not a colour map of matplotlib. {hint}")
    drawn = colormaps[name](np.arange(colormaps[name].N), bytes=True)[:, :3]
    colours, index = np.unique(drawn, axis=0, return_inverse=True)
    places = np.arange(len(drawn)) / (len(drawn) - 1)
    spans = [places[index == number] for number in range(len(colours))]
    if max(np.ptp(span) for span in spans) > WIDEST_REPEAT:
        raise EarshotError(
            f"features.colormap: {name!r} uses one colour for several distant values, so that pictures drawn with it "
            "cannot be turned back. Leave colormap empty to use luminance."
        )
    return colours.astype(np.float32), np.array([span.mean() for span in spans], dtype=np.float32)
