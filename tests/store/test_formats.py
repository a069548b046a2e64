"""Shards on disk: the layouts that other tools read, the same bytes each time."""

import io
import mmap
import tarfile

import numpy as np
import pytest

from earshot.store.formats import NPY, TAR, pack_member, read_tar, write_npy, write_tar


def test_arrays_are_written_as_numpy_writes_them(tmp_path):
    arrays = [np.random.default_rng(n).random((n, 3, 4)) for n in (2, 1, 3)]
    write_npy(tmp_path / "a.npy", arrays)
    expected = io.BytesIO()
    np.save(expected, np.concatenate(arrays).astype(np.float32))
    assert (tmp_path / "a.npy").read_bytes() == expected.getvalue()


def test_arrays_of_other_shapes_are_not_written(tmp_path):
    with pytest.raises(ValueError, match="other shapes"):
        write_npy(tmp_path / "a.npy", [np.zeros((1, 2, 3)), np.zeros((1, 2, 4))])
    assert not list(tmp_path.iterdir())


def test_a_tar_gives_back_its_members_and_the_same_bytes(tmp_path):
    members = [("b/1.wav", b"one"), ("a~1.wav", b"two" * 999)]
    for name in ("x.tar", "y.tar"):
        write_tar(tmp_path / name, members)
    assert list(read_tar(tmp_path / "x.tar")) == members
    assert (tmp_path / "x.tar").read_bytes() == (tmp_path / "y.tar").read_bytes()


MEMBERS = {
    "none": [],
    "an empty one": [("a", b"")],
    "whole blocks": [("a", b"x" * 512), ("b", b"y" * 1024)],
    "many": [(f"{number}.wav", bytes(number)) for number in range(600)],
    "long and foreign names": [("é" * 40, b"one"), ("long/" * 60 + "name", b"two"), ("ß", b"three")],
}


@pytest.mark.parametrize("members", MEMBERS.values(), ids=MEMBERS)
def test_a_tar_is_written_as_tarfile_writes_it_and_comes_apart_whole(members, tmp_path):
    expected = io.BytesIO()
    with tarfile.open(fileobj=expected, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    write_tar(tmp_path / "a.tar", members)
    written = (tmp_path / "a.tar").read_bytes()
    assert written == expected.getvalue()
    opened, start = TAR.open(tmp_path / "a.tar"), 0
    for name, content in members:
        packed = pack_member(name, content)
        assert opened[start : start + len(packed)] == packed
        start += len(packed)


def test_a_piece_of_a_shard_is_a_view_of_its_file(tmp_path):
    """A small piece does not keep a whole shard in memory."""
    write_npy(tmp_path / "a.npy", [np.arange(24.0).reshape(8, 3)])
    write_tar(tmp_path / "a.tar", [(f"{number}.wav", bytes([number])) for number in range(8)])
    rows, members = NPY.open(tmp_path / "a.npy"), TAR.open(tmp_path / "a.tar")
    assert rows[2:4].tolist() == [[6, 7, 8], [9, 10, 11]]
    assert isinstance(rows[2:4].base.base, mmap.mmap)
    assert isinstance(members[512:1024].obj, mmap.mmap)
