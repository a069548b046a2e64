"""Shards on disk: the layouts that other tools read, the same bytes each time."""

import io
import tarfile
from itertools import pairwise

import numpy as np
import pytest

from earshot.shards import join_members, read_tar, split_members, write_npy, write_tar


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
    starts = split_members(written)
    assert len(starts) == len(members) + 1
    packed = [written[first:last] for first, last in pairwise(starts)]
    assert b"".join(join_members(packed)) == written
    assert b"".join(join_members(packed[::-1])) != written or len(members) < 2
