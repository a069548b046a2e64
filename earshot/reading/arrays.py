"""Reading ready-made spectrograms: .npy arrays and pictures that another tool drew."""

import io
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from earshot.config.base import MOST_VALUES
from earshot.core.errors import EarshotError, first_line
from earshot.reading.colormaps import values_of
from earshot.reading.margins import NONE, Margins, cut
from earshot.reading.members import source_of
from earshot.reading.pictures import PICTURE_ENDINGS, brightness_of, colours_of, open_picture, resize
from earshot.signal.clips import Pad, fit_frames

ARRAY_ENDINGS = (".npy", *sorted(PICTURE_ENDINGS))
LARGEST = 1e30  # squares and sums of it still fit float64, and itself float32


def read_array(
    source: str | Path | bytes,
    *,
    name: str,
    bands: int | None = None,
    frames: int | None = None,
    colormap: str | None = None,
    pad: Pad = "silence",
    margins: Margins = NONE,
    colour: bool = False,
) -> NDArray[np.float32]:
    """One spectrogram from a file.

    source : path of a .npy array, of a big array's item or of a picture, or the bytes of one
    name : what errors call it
    bands, frames : a picture is resized to them whole, an array's frames are cropped or padded at
        the end and its bands must be as many
    colormap : the matplotlib colour map that colour pictures were drawn with
    pad : as `fit_frames` takes it
    margins : cut off pictures
    colour : keeps red, green and blue of pictures

    Returns float32, shape (bands, frames), or in colour (3, bands, frames), the first band the lowest.

    Raises EarshotError for what is not a spectrogram, is damaged, or holds NaN or infinite values.
    """
    source = source_of(source)
    if not _is_npy(source):
        return read_drawn(
            source, name=name, bands=bands, frames=frames, colormap=colormap, margins=margins, colour=colour
        )
    if colour:
        raise EarshotError(
            f"{name}: an array, which has no colour, and features.colour: true is for drawn spectrograms. Set it to "
            "false, or leave arrays out."
        )
    array = read_npy(source, name=name)
    if bands is not None and len(array) != bands:
        raise EarshotError(
            f"{name}: an array of {len(array)} bands, expected {bands}. Correct features.bands, or the array."
        )
    return fit_frames(array, frames=frames, pad=pad)


def read_npy(source: str | Path | bytes, *, name: str) -> NDArray[np.float32]:
    """A two-dimensional array of numbers as float32, in its own shape. An axis of one before it is dropped."""
    size = _size(source, name)
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb") as file:
            shape, dtype = _header(file)
            _check_kind(shape, dtype, name)
            count = int(np.prod(shape, dtype=object))  # Python's integers do not overflow
            _check_size(count, shape, size - file.tell(), count * dtype.itemsize, name)
            file.seek(0)
            array = np.lib.format.read_array(file, allow_pickle=False)
    except EarshotError:
        raise
    except Exception as error:  # numpy evaluates the header as Python text, and raises whatever that meets
        raise EarshotError(
            f"{name}: not a .npy array ({first_line(error)}). Write it again with numpy.save, or leave it out."
        ) from error
    return _checked(array, name)


def read_drawn(
    source: str | Path | bytes,
    *,
    name: str,
    bands: int | None = None,
    frames: int | None = None,
    colormap: str | None = None,
    margins: Margins = NONE,
    colour: bool = False,
) -> NDArray[np.float32]:
    """A spectrogram's picture as values from 0 to 1, resized whole but for its margins, its lowest row the first band.

    Grey pictures give their brightness. Colour ones give the values that `colormap` drew, or without one their
    luminance, or with `colour` red, green and blue, (3, bands, frames).
    """
    _size(source, name)
    picture = cut(open_picture(source, name=name), margins)
    if colormap is not None and _has_colour(picture):
        values = values_of(np.asarray(picture.convert("RGB")), colormap=colormap)
    else:
        values = (colours_of if colour else brightness_of)(picture, name=name)
    rows, columns = bands or values.shape[-2], frames or values.shape[-1]
    return resize(values, rows=rows, columns=columns)[..., ::-1, :].copy()


def _has_colour(picture: Image.Image) -> bool:
    return Image.getmodebase(picture.mode) == "RGB"


def _is_npy(source: str | Path | bytes) -> bool:
    if isinstance(source, bytes):
        return source.startswith(np.lib.format.MAGIC_PREFIX)
    return Path(source).suffix.lower() == ".npy"


def _size(source: str | Path | bytes, name: str) -> int:
    if isinstance(source, bytes):
        size = len(source)
    elif Path(source).is_file():
        size = Path(source).stat().st_size
    else:
        instead = "a folder" if Path(source).is_dir() else "nothing there"
        raise EarshotError(f"{name}: expected a file, found {instead}. Correct the path.")
    if size == 0:
        raise EarshotError(f"{name}: the file is empty (0 bytes). Replace it or leave it out.")
    return size


def _header(file: BinaryIO) -> tuple[tuple[int, ...], np.dtype[Any]]:
    version = np.lib.format.read_magic(file)
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in readers:
        raise ValueError(f"version {version} of the format holds records, not numbers")
    shape, _, dtype = readers[version](file)
    return shape, dtype


def _check_kind(shape: tuple[int, ...], dtype: np.dtype[Any], name: str) -> None:
    if dtype.kind not in "fiub":
        what = "pickled objects, which are never loaded" if dtype.hasobject else f"values of type {dtype}"
        raise EarshotError(f"{name}: holds {what}. Expected real numbers: save the magnitudes as float32.")
    two = len(shape) == 2 or (len(shape) == 3 and shape[0] == 1)
    if not two or min(shape) < 1:
        raise EarshotError(
            f"{name}: an array of shape {shape}. Expected (bands, frames), at least one of each."
        )


def _check_size(count: int, shape: tuple[int, ...], present: int, needed: int, name: str) -> None:
    if count > MOST_VALUES:
        raise EarshotError(
            f"{name}: its header says shape {shape}, more than {MOST_VALUES} values. Cut it up."
        )
    if present != needed:
        raise EarshotError(
            f"{name}: its header says shape {shape}, {needed} bytes, and {present} are there. "
            "Write it again with numpy.save, or leave it out."
        )


def _checked(array: NDArray[Any], name: str) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        array = np.ascontiguousarray(array.reshape(array.shape[-2:]), dtype=np.float32)  # (bands, frames)
    bad = ~(np.abs(array) <= LARGEST)  # NaN compares False
    if bad.any():
        band, frame = (int(axis[0]) for axis in np.nonzero(bad))
        raise EarshotError(
            f"{name}: {int(bad.sum())} values are NaN, infinite or beyond ±{LARGEST:g}, the first at band {band}, "
            f"frame {frame} ({array[band, frame]}). Write it again without them, or leave it out."
        )
    return array
