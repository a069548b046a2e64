"""The margins of drawn figures: paper, titles, ticks and colour bars around the plot itself."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from earshot.reading.pictures import on_white

TOLERANCE = 24  # of 255: by how much paper may differ in a JPEG
LEAST_FILLED = 0.5  # of what the fullest row or column is filled, for one to belong to the plot
LEAST_SIDE = 0.4  # of the picture's: what is shorter is ink on paper, and no plot
CLOSED = 0.02  # of a side: gaps in the plot that are no wider are part of it


class Margins(NamedTuple):
    """The shares of a picture's width and height that lie outside of the plot."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def share(self) -> float:
        """The share of the picture's area."""
        return 1 - (1 - self.left - self.right) * (1 - self.top - self.bottom)


NONE = Margins(0.0, 0.0, 0.0, 0.0)


def margins_of(picture: Image.Image) -> Margins:
    """The margins of a figure, the plot being the largest block that is not of the colour of the corners.

    A picture whose corners differ is a plot to its edges, and one with a small block has none.
    """
    pixels = np.asarray(on_white(picture).convert("RGB"), dtype=np.int16)  # (rows, columns, 3)
    corners = pixels[[0, 0, -1, -1], [0, -1, 0, -1]]
    if np.ptp(corners, axis=0).max() > TOLERANCE:
        return NONE
    drawn = np.abs(pixels - corners[0]).max(axis=2) > TOLERANCE  # (rows, columns)
    top, below = _longest_run(drawn.mean(axis=1))
    left, beyond = _longest_run(drawn[top:below].mean(axis=0)) if below > top else (0, 0)
    rows, columns = drawn.shape
    if beyond - left < LEAST_SIDE * columns or below - top < LEAST_SIDE * rows:
        return NONE
    return Margins(left / columns, top / rows, (columns - beyond) / columns, (rows - below) / rows)


def cut(picture: Image.Image, margins: Margins) -> Image.Image:
    """The picture without its margins."""
    width, height = picture.size
    left, top = round(margins.left * width), round(margins.top * height)
    right, bottom = width - round(margins.right * width), height - round(margins.bottom * height)
    return picture.crop((left, top, max(right, left + 1), max(bottom, top + 1)))


def _longest_run(filled: NDArray[np.float64]) -> tuple[int, int]:
    """Start and end of the longest run of rows, or of columns, that are filled, short gaps closed."""
    places = np.flatnonzero(filled >= max(LEAST_FILLED * filled.max(), 1e-9))
    if not len(places):
        return 0, 0
    breaks = np.flatnonzero(np.diff(places) > 1 + CLOSED * len(filled))
    starts, ends = places[np.r_[0, breaks + 1]], places[np.r_[breaks, -1]] + 1
    longest = int(np.argmax(ends - starts))
    return int(starts[longest]), int(ends[longest])
