"""Shards on disk: the layouts that other tools read, the same bytes each time."""

import io

import numpy as np
import pytest

from earshot.shards import read_tar, write_npy, write_tar


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
