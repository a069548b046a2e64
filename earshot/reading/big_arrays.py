"""One array of many items, in a .npy or .npz: its shape, its values, and each item as a .npy of its own.

`X.npy/17.npy` is the item with index 17 of X.npy, `set.npz/x_train/17.npy` of the array x_train in set.npz.
"""

import io
import re
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earshot.core.errors import EarshotError, first_line

BIG_ENDINGS = frozenset({".npy", ".npz"})
MEMBER = re.compile(r"(.*\.(?:npy|npz))(?:/([^/]+))?/([0-9]+)\.npy")
MOST_BYTES = 2**31  # of an array in a .npz, which is loaded whole; a .npy is mapped


def shapes_in(path: str | Path) -> dict[str, tuple[int, ...]]:
    """The shape of each array of a file, by its name in a .npz, under "" in a .npy."""
    if Path(path).suffix.lower() == ".npy":
        return {"": values_in(path, "").shape}
    return {name: values_in(path, name).shape for name in _names(path)}


def values_in(path: str | Path, name: str) -> NDArray[Any]:
    """An array of a file, read-only. Raises EarshotError for what cannot be read, and for pickled objects.

    name : in a .npz; "" is the array of a .npy
    """
    try:
        about = Path(path).stat()
        return _values(str(path), name, about.st_mtime_ns, about.st_size)
    except EarshotError:
        raise
    except Exception as error:  # numpy and zipfile raise whatever a damaged header meets
        place = f"{path}: {name}" if name else str(path)
        raise EarshotError(
            f"{place}: not an array that can be read ({first_line(error)}). Write it again with numpy.save or "
            "numpy.savez, as numbers or text: objects are pickled, and never loaded."
        ) from None


def big_item(path: str | Path) -> tuple[str, str, int] | None:
    """The file, the array's name and the index that a path means; None where it is the path of a plain file."""
    match = MEMBER.fullmatch(str(path))
    if match is None or Path(path).is_file() or not Path(match[1]).is_file():
        return None
    return match[1], match[2] or "", int(match[3])


def item_bytes(path: str, name: str, index: int) -> bytes:
    """An item as the bytes of a .npy of shape (bands, frames)."""
    values = values_in(path, name)
    if index >= len(values):
        raise EarshotError(f"{path}/{index}.npy: the array has {len(values)} items, counted from 0")
    item = io.BytesIO()
    np.save(item, np.ascontiguousarray(values[index]).reshape(item_shape(values.shape, path)))
    return item.getvalue()


def item_shape(shape: tuple[int, ...], path: str | Path) -> tuple[int, int]:
    """(bands, frames) of an item of an array (items, bands, frames), which may have an axis of one channel."""
    axes = [size for place, size in enumerate(shape[1:]) if len(shape) == 3 or size > 1 or place == 1]
    if len(shape) in (3, 4) and len(axes) == 2:
        return axes[0], axes[1]
    raise EarshotError(
        f"{path}: an array of shape {shape}. Expected (items, bands, frames), with one channel before or behind "
        "them at most: reshape it"
    )


def _names(path: str | Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
    except (zipfile.BadZipFile, OSError) as error:
        raise EarshotError(f"{path}: not a .npz ({first_line(error)}). Write it with numpy.savez") from None


@lru_cache(maxsize=8)
def _values(path: str, name: str, mtime_ns: int, size: int) -> NDArray[Any]:
    if not name:
        values: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
        return values
    with zipfile.ZipFile(path) as archive:
        if (needed := archive.getinfo(f"{name}.npy").file_size) > MOST_BYTES:
            raise EarshotError(
                f"{path}: {name} takes {needed:,} bytes; save it as a .npy, which is not loaded whole"
            )
        with archive.open(f"{name}.npy") as file:
            values = np.lib.format.read_array(file, allow_pickle=False)
    values.flags.writeable = False
    return values
