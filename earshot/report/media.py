"""Pictures and sounds as data URIs, small and the same bytes from run to run."""

import base64
import io
from typing import Any

import numpy as np
from matplotlib import colormaps
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from earshot.explanation.sheets import STRENGTH

LEVELS = 64  # colours of a picture: what more of them add is not seen and doubles the bytes
MOST = (256, 512)  # rows and columns of a picture; larger ones are averaged down to it


def grey(array: ArrayLike, *, top_first: bool = True) -> bytes:
    """A PNG of an array from 0, black, to 1, white.

    array : shape (rows, columns)
    top_first : whether row 0 is at the top
    """
    return _png(_reduced(array, top_first), [(level, level, level) for level in _levels()])


def coloured(array: NDArray[np.floating[Any]], *, top_first: bool = True) -> bytes:
    """A PNG of an array in the colours of `magma`, from its lowest value to its highest; of one in colour in its own.

    array : shape (rows, columns), or red, green and blue from 0 to 1, (3, rows, columns)
    """
    if array.ndim == 3:
        return _in_its_colours(array, top_first)
    low, high = array.min(), array.max()
    return _png(_reduced((array - low) / (high - low or 1), top_first), _colours("magma"))


def heat(array: ArrayLike, *, top_first: bool = True) -> bytes:
    """A PNG of a map, 0 to 1, in the colours of `plasma`: the lower, the more transparent."""
    alpha = np.round(np.linspace(0, 255 * STRENGTH, LEVELS)).astype(np.uint8)
    return _png(_reduced(array, top_first), _colours("plasma"), transparency=alpha.tobytes())


def picture_uri(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def sound_uri(wav: bytes) -> str:
    return f"data:audio/wav;base64,{base64.b64encode(wav).decode()}"


class Budget:
    """How many more bytes the page may take. What does not fit spends it: nothing smaller goes before it."""

    def __init__(self, left: int) -> None:
        self.left = left

    @property
    def spent(self) -> bool:
        return self.left <= 0

    def take(self, *texts: str) -> bool:
        """Whether the texts fit together; those that do are counted."""
        size = sum(map(len, texts))
        fits = size <= self.left
        self.left = self.left - size if fits else 0
        return fits


def _levels() -> list[int]:
    levels: list[int] = np.round(np.linspace(0, 255, LEVELS)).astype(int).tolist()
    return levels


def _colours(name: str) -> list[tuple[int, int, int]]:
    colours = np.round(colormaps[name](np.linspace(0, 1, LEVELS))[:, :3] * 255).astype(int)
    return [(red, green, blue) for red, green, blue in colours.tolist()]


def _in_its_colours(array: NDArray[np.floating[Any]], top_first: bool) -> bytes:
    planes = [np.round(255 * _reduced(plane, top_first)).astype(np.uint8) for plane in array]
    image = Image.fromarray(np.stack(planes, axis=-1))
    return _saved(image.quantize(LEVELS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE))


def _reduced(array: ArrayLike, top_first: bool) -> NDArray[np.float32]:
    """The array, its first row on top, of no more rows and columns than `MOST`."""
    reduced = np.clip(np.asarray(array, dtype=np.float32), 0, 1)
    rows, columns = (min(size, most) for size, most in zip(reduced.shape, MOST, strict=True))
    if (rows, columns) != reduced.shape:
        reduced = np.asarray(Image.fromarray(reduced).resize((columns, rows), Image.Resampling.BOX))
    return reduced if top_first else reduced[::-1]


def _png(array: NDArray[np.float32], colours: list[tuple[int, int, int]], **options: Any) -> bytes:
    image = Image.fromarray(np.round(array * (LEVELS - 1)).astype(np.uint8))
    image.putpalette([channel for colour in colours for channel in colour])  # which makes it a palette's
    return _saved(image, **options)


def _saved(image: Image.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", compress_level=9, **options)
    return buffer.getvalue()
