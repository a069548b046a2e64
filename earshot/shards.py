"""Shards of sound: plain tar files in WebDataset layout, byte-identical from run to run."""

import io
import tarfile

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
