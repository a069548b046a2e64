"""Shards of sound, plain tar files in WebDataset layout, and of arrays: byte-identical from run to run."""

import io
import tarfile
import zlib
from collections.abc import Callable
from functools import reduce
from itertools import chain
from typing import NamedTuple

import numpy as np

from earshot.core.io import write_bytes


def pack_member(name, content):
    """One file as it lies in a tar: its header, its content, zeros up to a whole block."""
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    return entry.tobuf(tarfile.PAX_FORMAT) + content + bytes(-len(content) % tarfile.BLOCKSIZE)


def join_members(packed):
    """A tar of members that are packed: as tarfile writes it, with its end filled up to a whole record.

    Returns a list of buffers, which one after the other are the file.
    """
    packed = list(packed)
    end = 2 * tarfile.BLOCKSIZE
    return [*packed, bytes(end + -(sum(map(len, packed)) + end) % tarfile.RECORDSIZE)]


def split_members(content):
    """Where in a tar that `join_members` gave each packed member starts, and where the last one ends.

    Reading the headers as tarfile does costs 50 µs each.
    """
    starts, last = [0], 0
    while content[last] != 0:  # a name starts, and the end is zeros
        kind, size = content[last + 156 : last + 157], int(content[last + 124 : last + 135], 8)
        last += tarfile.BLOCKSIZE + -(-size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
        if kind != tarfile.XHDTYPE:  # which holds a long name for the header that follows
            starts.append(last)
    return starts


def join_rows(arrays):
    """One float32 .npy of arrays one after the other, as numpy.save writes it.

    arrays : list of float arrays, shape (items, ...), equal but for their first axis

    Returns a list of buffers, which one after the other are the file.
    """
    header = io.BytesIO()
    shape = (sum(len(array) for array in arrays), *arrays[0].shape[1:])
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": shape})
    if any(array.shape[1:] != shape[1:] for array in arrays):
        raise ValueError(f"arrays of other shapes than the first one's, {shape[1:]}")
    return [header.getvalue(), *(np.ascontiguousarray(array, dtype="<f4").data for array in arrays)]


def split_rows(content):
    """The array of a .npy that `join_rows` gave, over its bytes: nothing is copied."""
    header = io.BytesIO(content)
    np.lib.format.read_magic(header)
    shape, _, dtype = np.lib.format.read_array_header_1_0(header)
    return np.frombuffer(content, dtype, offset=header.tell()).reshape(shape)


def write_tar(path, members):
    """A tar of (name, content) pairs in the order given, with fixed times, owners and modes.

    members : iterable of (str, bytes)
    """
    write_bytes(path, *join_members(pack_member(name, content) for name, content in members))


def write_npy(path, arrays):
    """A .npy of arrays one after the other, as `join_rows` takes them."""
    write_bytes(path, *join_rows(arrays))


def read_tar(path):
    """The (name, bytes) of each file in a tar, in its order. Nothing is unpacked to disk."""
    with tarfile.open(path) as tar:
        for entry in tar:
            if entry.isfile():
                yield entry.name, tar.extractfile(entry).read()


def member_name(item, copy=0):
    """The name of a sound in a tar: `<id>.wav`, and `<id>~<copy>.wav` of a variant."""
    return f"{item}~{copy}.wav" if copy else f"{item}.wav"


def crc32(*buffers):
    """The CRC-32 of buffers one after the other: a tenth of the time of DVC's MD5, and sure enough of damage."""
    return reduce(lambda so_far, buffer: zlib.crc32(buffer, so_far), buffers, 0)


class Form(NamedTuple):
    """How the elements of a shard lie in its file, each with one or more rows.

    ending : str, of the file's name
    pack : callable, an element's name and content -> its rows, in a sequence
    join : callable, a list of such sequences -> the file's bytes, in buffers: one copy of all would take longer
    split : callable, the file's bytes -> a callable, first row, row after the last -> these rows in such a sequence
    """

    ending: str
    pack: Callable
    join: Callable
    split: Callable


def _members_of(content):
    whole, starts = memoryview(content), split_members(content)
    return lambda first, last: [_own(whole[starts[first] : starts[last]], bytes, of=whole)]


def _rows_of(content):
    rows = split_rows(content)
    return lambda first, last: _own(rows[first:last], np.copy, of=rows)


def _own(part, copy, *, of):
    """The part, copied where it is a small one: a view of it would keep the whole shard in memory."""
    return copy(part) if 4 * part.nbytes < of.nbytes else part


TAR = Form(
    "tar",
    pack=lambda name, content: [pack_member(name, content)],
    join=lambda packed: join_members(chain.from_iterable(packed)),
    split=_members_of,
)
NPY = Form("npy", pack=lambda name, content: content, join=join_rows, split=_rows_of)
