"""Shards of sound, plain tar files in WebDataset layout, and of arrays: byte-identical from run to run."""

import io
import tarfile
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from earshot.tables import write_bytes


def tar_of(members):
    """The bytes of a tar of (name, content) pairs in the order given, with fixed times, owners and modes.

    members : iterable of (str, bytes)
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def npy_of(arrays):
    """The bytes of one float32 .npy of arrays one after the other, as numpy.save writes it.

    arrays : list of float arrays, shape (items, ...), equal but for their first axis
    """
    header = io.BytesIO()
    shape = (sum(len(array) for array in arrays), *arrays[0].shape[1:])
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": shape})
    if any(array.shape[1:] != shape[1:] for array in arrays):
        raise ValueError(f"arrays of other shapes than the first one's, {shape[1:]}")
    values = [np.ascontiguousarray(array, dtype="<f4").data for array in arrays]
    return b"".join([header.getvalue(), *values])


def write_tar(path, members):
    """Write what `tar_of` gives."""
    write_bytes(path, tar_of(members))


def write_npy(path, arrays):
    """Write what `npy_of` gives."""
    write_bytes(path, npy_of(arrays))


def read_tar(source):
    """The (name, bytes) of each file in a tar, in its order. Nothing is unpacked to disk.

    source : path, or the tar's own bytes
    """
    with tarfile.open(
        **{"fileobj": io.BytesIO(source)} if isinstance(source, bytes) else {"name": source}
    ) as tar:
        for entry in tar:
            if entry.isfile():
                yield entry.name, tar.extractfile(entry).read()


def member_name(item, copy=0):
    """The name of a sound in a tar: `<id>.wav`, and `<id>~<copy>.wav` of a variant."""
    return f"{item}~{copy}.wav" if copy else f"{item}.wav"


class Form(NamedTuple):
    """How the elements of a shard lie in its file, each with one or more rows.

    ending : str, of the file's name
    pack : callable, names of the elements and their contents -> the file's bytes
    unpack : callable, the file's bytes -> a sequence of rows
    pick : callable, that sequence, first row, row after the last -> one element's content
    """

    ending: str
    pack: Callable
    unpack: Callable
    pick: Callable


TAR = Form(
    "tar",
    pack=lambda names, contents: tar_of(zip(names, contents, strict=True)),
    unpack=lambda content: [member for _, member in read_tar(content)],
    pick=lambda rows, first, last: rows[first],
)
NPY = Form(
    "npy",
    pack=lambda names, contents: npy_of(contents),
    unpack=lambda content: np.load(io.BytesIO(content), allow_pickle=False),
    pick=lambda rows, first, last: rows[first:last],
)
