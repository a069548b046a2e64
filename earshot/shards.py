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
    return join_members(pack_member(name, content) for name, content in members)


def pack_member(name, content):
    """One file as it lies in a tar: its header, its content, zeros up to a whole block."""
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    return entry.tobuf(tarfile.PAX_FORMAT) + content + bytes(-len(content) % tarfile.BLOCKSIZE)


def join_members(packed):
    """A tar of members that are packed: as tarfile writes it, with its end filled up to a whole record."""
    content = b"".join(packed)
    end = 2 * tarfile.BLOCKSIZE
    return content + bytes(end + -(len(content) + end) % tarfile.RECORDSIZE)


def split_members(content):
    """The packed members of a tar that `join_members` gave. Reading their headers as tarfile does costs 50 µs each."""
    members, first, last = [], 0, 0
    while content[last] != 0:  # a name starts, and the end is zeros
        kind, size = content[last + 156 : last + 157], int(content[last + 124 : last + 135], 8)
        last += tarfile.BLOCKSIZE + -(-size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
        if kind != tarfile.XHDTYPE:  # which holds a long name for the header that follows
            members.append(content[first:last])
            first = last
    return members


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


def read_tar(path):
    """The (name, bytes) of each file in a tar, in its order. Nothing is unpacked to disk."""
    with tarfile.open(path) as tar:
        for entry in tar:
            if entry.isfile():
                yield entry.name, tar.extractfile(entry).read()


def member_name(item, copy=0):
    """The name of a sound in a tar: `<id>.wav`, and `<id>~<copy>.wav` of a variant."""
    return f"{item}~{copy}.wav" if copy else f"{item}.wav"


class Form(NamedTuple):
    """How the elements of a shard lie in its file, each with one or more rows.

    ending : str, of the file's name
    pack : callable, an element's name and content -> what can be joined
    join : callable, a list of these -> the file's bytes
    split : callable, the file's bytes -> a sequence of rows
    pick : callable, that sequence, first row, row after the last -> an element as `pack` gives it
    """

    ending: str
    pack: Callable
    join: Callable
    split: Callable
    pick: Callable


TAR = Form(
    "tar",
    pack=pack_member,
    join=join_members,
    split=split_members,
    pick=lambda rows, first, last: rows[first],
)
NPY = Form(
    "npy",
    pack=lambda name, content: content,
    join=npy_of,
    split=lambda content: np.load(io.BytesIO(content), allow_pickle=False),
    pick=lambda rows, first, last: rows[first:last],
)
