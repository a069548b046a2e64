"""Shards on disk: the layouts that other tools read, the same bytes each time."""

import io
import tarfile
from itertools import pairwise

import numpy as np
import pytest

from earshot.store.formats import NPY, TAR, join_members, read_tar, split_members, write_npy, write_tar


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


def test_a_small_part_of_a_shard_does_not_keep_all_of_it_in_memory(tmp_path):
    write_npy(tmp_path / "a.npy", [np.arange(24.0).reshape(8, 3)])
    write_tar(tmp_path / "a.tar", [(f"{number}.wav", bytes([number])) for number in range(8)])
    for form in (NPY, TAR):
        content = (tmp_path / f"a.{form.ending}").read_bytes()
        whole, cut = np.frombuffer(content, np.uint8), form.split(content)
        small, large = (np.frombuffer(b"".join(cut(*rows)), np.uint8) for rows in ((6, 7), (1, 7)))
        assert len(large) == 6 * len(small)
        assert large[5 * len(small) :].tobytes() == small.tobytes()
        assert not any(np.shares_memory(whole, np.frombuffer(part, np.uint8)) for part in cut(6, 7))
        assert all(np.shares_memory(whole, np.frombuffer(part, np.uint8)) for part in cut(1, 7))
