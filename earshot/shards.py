"""Shards of sound, plain tar files in WebDataset layout, and of arrays: byte-identical from run to run."""

import io
import tarfile

import numpy as np

from earshot.tables import write_bytes


def write_tar(path, members):
    """Write (name, content) pairs as a tar in the order given, with fixed times, owners and modes.

    members : iterable of (str, bytes)
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    write_bytes(path, buffer.getvalue())


def read_tar(path):
    """The (name, bytes) of each file in a tar, in its order. Nothing is unpacked to disk."""
    with tarfile.open(path) as tar:
        for entry in tar:
            if entry.isfile():
                yield entry.name, tar.extractfile(entry).read()


def write_npy(path, arrays):
    """Write arrays one after the other as one float32 .npy, as numpy.save writes it.

    arrays : list of float arrays, shape (items, ...), equal but for their first axis
    """
    header = io.BytesIO()
    shape = (sum(len(array) for array in arrays), *arrays[0].shape[1:])
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": shape})
    if any(array.shape[1:] != shape[1:] for array in arrays):
        raise ValueError(f"arrays of other shapes than the first one's, {shape[1:]}")
    values = [np.ascontiguousarray(array, dtype="<f4").data for array in arrays]
    write_bytes(path, b"".join([header.getvalue(), *values]))
