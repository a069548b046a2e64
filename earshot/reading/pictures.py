"""Pictures read from files, as brightness or in colour."""

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from earshot.config.base import White
from earshot.core.errors import EarshotError

PICTURE_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"})
FORMATS = ("PNG", "JPEG", "BMP", "TIFF", "WEBP")  # Pillow knows more, and hands EPS to Ghostscript
SMALLEST = 2
# Pillow's modes that hold light; all of I;16 do, too.
MODES = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "I", "F"})


def open_picture(source: str | Path | bytes, *, name: str | None = None) -> Image.Image:
    """Decode a picture whole, turned upright as its EXIF orientation says.

    source : path of a file, or its bytes
    name : what errors call it; a file is called by its path

    Raises EarshotError naming the file when it is empty, damaged, no picture, or too small or large.
    """
    name = str(source) if name is None else name
    size = len(source) if isinstance(source, bytes) else Path(source).stat().st_size
    if size == 0:
        raise EarshotError(f"{name}: empty file (0 bytes)")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = io.BytesIO(source) if isinstance(source, bytes) else source
            with Image.open(opened, formats=FORMATS) as picture:
                picture.load()
                upright = ImageOps.exif_transpose(picture)
    except UnidentifiedImageError:
        raise EarshotError(
            f"{name}: not a picture, whatever its name says; {', '.join(FORMATS[:-1])} and {FORMATS[-1]} are read"
        ) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise EarshotError(f"{name}: more than {Image.MAX_IMAGE_PIXELS:,} pixels; scale it down") from None
    except Exception as error:  # Pillow's decoders raise whatever their format's code meets
        raise EarshotError(f"{name}: damaged picture ({error})") from None
    if upright.mode not in MODES and not upright.mode.startswith("I;16"):
        raise EarshotError(f"{name}: pixels of mode {upright.mode}, save them as grey or RGB")
    if min(upright.size) < SMALLEST:
        width, height = upright.size
        raise EarshotError(f"{name}: {width}×{height} pixels, at least {SMALLEST}×{SMALLEST} are needed")
    return upright


def is_deep(picture: Image.Image) -> bool:
    """Whether a picture holds more than 8 bits of grey."""
    return picture.mode in {"I", "F"} or picture.mode.startswith("I;16")


def brightness_of(picture: Image.Image, *, name: str, white: White = "file") -> NDArray[np.float32]:
    """A decoded picture as brightness.

    picture : of any mode; colour is weighed as luminance (ITU-R 601-2), what is
        transparent shows white paper
    name : what to call it in an error
    white : what is 1 in a picture of more than 8 bits: for "file" 65535 or of floats 1.0, for "data" its brightest
        value, or a value
    Returns float32 (rows, columns) in 0..1.
    """
    if is_deep(picture):
        values = np.asarray(picture).astype(np.float32)
        if white == "file":
            top = 1.0 if picture.mode == "F" else 65535.0
        else:
            top = (float(values.max()) or 1.0) if white == "data" else white
        if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= top):
            raise EarshotError(
                f"{name}: pixel values outside 0..{top:g} in mode {picture.mode!r}; save it as 8 or 16 bit, or set "
                "sonify.white: data, or the value that is white"
            )
        return values / np.float32(top)
    return np.asarray(on_white(picture).convert("L"), dtype=np.float32) / np.float32(255)


def colours_of(picture: Image.Image, *, name: str, white: White = "file") -> NDArray[np.float32]:
    """A decoded picture in colour; of a grey one all three planes are its brightness.

    The arguments are those of `brightness_of`. Returns float32 (3, rows, columns), red, green and blue in 0..1.
    """
    if is_deep(picture):
        return np.repeat(brightness_of(picture, name=name, white=white)[np.newaxis], 3, axis=0)
    colours = np.asarray(on_white(picture).convert("RGB"), dtype=np.float32) / np.float32(255)
    return np.ascontiguousarray(colours.transpose(2, 0, 1))


def on_white(picture: Image.Image) -> Image.Image:
    """The picture on white paper, where it is transparent."""
    if not picture.has_transparency_data:
        return picture
    rgba = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)


def read_picture(
    source: str | Path | bytes, *, name: str | None = None, white: White = "file", colour: bool = False
) -> NDArray[np.float32]:
    """A picture file as brightness, float32 (rows, columns) in 0..1. The arguments are those of `open_picture`.

    white : as `brightness_of` takes it
    colour : gives red, green and blue, (3, rows, columns)

    Raises EarshotError naming the file.
    """
    called = str(source) if name is None else name
    values_of = colours_of if colour else brightness_of
    return values_of(open_picture(source, name=name), name=called, white=white)


def resize(picture: NDArray[Any], *, rows: int, columns: int) -> NDArray[np.float32]:
    """The whole picture at another size, bicubic and antialiased, nothing cropped.

    picture : array, shape (rows, columns) or (3, rows, columns), in 0..1
    Returns float32 of as many planes in 0..1.
    """
    if picture.shape[-2:] == (rows, columns):
        return picture.astype(np.float32, copy=False)
    if picture.ndim == 3:
        return np.stack([resize(plane, rows=rows, columns=columns) for plane in picture])
    resized = Image.fromarray(picture.astype(np.float32)).resize((columns, rows), Image.Resampling.BICUBIC)
    clipped: NDArray[np.float32] = np.clip(np.asarray(resized), 0, 1)
    return clipped
