"""Pictures and sounds as data URIs, small and the same bytes from run to run."""

import base64
import io

import numpy as np
from matplotlib import colormaps
from PIL import Image

from earshot.explanation.sheets import STRENGTH

LEVELS = 64  # colours of a picture: what more of them add is not seen and doubles the bytes
MOST = (256, 512)  # rows and columns of a picture; larger ones are averaged down to it


def grey(array, *, top_first=True):
    """A PNG of an array from 0, black, to 1, white.

    array : shape (rows, columns)
    top_first : bool, whether row 0 is at the top
    """
    return _png(_reduced(array, top_first), [(level, level, level) for level in _levels()])


def coloured(array, *, top_first=True):
    """A PNG of an array in the colours of `magma`, from its lowest value to its highest."""
    low, high = array.min(), array.max()
    return _png(_reduced((array - low) / (high - low or 1), top_first), _colours("magma"))


def heat(array, *, top_first=True):
    """A PNG of a map, 0 to 1, in the colours of `plasma`: the lower, the more transparent."""
    alpha = np.round(np.linspace(0, 255 * STRENGTH, LEVELS)).astype(np.uint8)
    return _png(_reduced(array, top_first), _colours("plasma"), transparency=alpha.tobytes())


def picture_uri(png):
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def sound_uri(wav):
    return f"data:audio/wav;base64,{base64.b64encode(wav).decode()}"


class Budget:
    """How many more bytes the page may take. What does not fit spends it: nothing smaller goes before it."""

    def __init__(self, left):
        self.left = left

    @property
    def spent(self):
        return self.left <= 0

    def take(self, *texts):
        """Whether the texts fit together; those that do are counted."""
        size = sum(map(len, texts))
        fits = size <= self.left
        self.left = self.left - size if fits else 0
        return fits


def _levels():
    return np.round(np.linspace(0, 255, LEVELS)).astype(int).tolist()


def _colours(name):
    return np.round(colormaps[name](np.linspace(0, 1, LEVELS))[:, :3] * 255).astype(int).tolist()


def _reduced(array, top_first):
    """The array, its first row on top, of no more rows and columns than `MOST`."""
    array = np.clip(np.asarray(array, dtype=np.float32), 0, 1)
    rows, columns = (min(found, most) for found, most in zip(array.shape, MOST, strict=True))
    if (rows, columns) != array.shape:
        array = np.asarray(Image.fromarray(array).resize((columns, rows), Image.Resampling.BOX))
    return array if top_first else array[::-1]


def _png(array, colours, **options):
    image = Image.fromarray(np.round(array * (LEVELS - 1)).astype(np.uint8))
    image.putpalette([channel for colour in colours for channel in colour])  # which makes it a palette's
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", compress_level=9, **options)
    return buffer.getvalue()
