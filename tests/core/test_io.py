"""Tables and files: text stays text, and a file is there whole or not at all."""

import errno
import fcntl
import os
import shutil
import threading
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from earshot.core import file_faults
from earshot.core.errors import EarshotError
from earshot.core.io import link_file, read_table, remove, write_bytes, write_table

TABLE = pd.DataFrame({"id": ["007", "1e5"], "label": ["", "nan"], "start_s": [0.1, None], "row": [1, 2]})


def test_a_table_comes_back_as_it_was(tmp_path):
    write_table(tmp_path / "a.csv", TABLE)
    pd.testing.assert_frame_equal(read_table(tmp_path / "a.csv"), TABLE)


def test_chosen_columns_are_those_of_the_whole_table(tmp_path):
    write_table(tmp_path / "a.csv", TABLE)
    some = read_table(tmp_path / "a.csv", columns=["id", "row"])
    pd.testing.assert_frame_equal(some, TABLE[["id", "row"]])


def test_a_missing_table_says_what_makes_it(in_folder):
    with pytest.raises(EarshotError, match=r"^split\.csv is missing: `dvc repro` makes it"):
        read_table("split.csv")


def test_a_file_is_written_of_its_parts_one_after_the_other(tmp_path):
    write_bytes(tmp_path / "new/a.bin", b"one", memoryview(b"two"), b"")
    assert (tmp_path / "new/a.bin").read_bytes() == b"onetwo"


def test_a_writer_that_fails_leaves_the_file_as_it_was(tmp_path):
    write_bytes(tmp_path / "a.bin", b"before")
    with pytest.raises(TypeError):
        write_bytes(tmp_path / "a.bin", b"x" * 100_000, "no bytes")
    assert (tmp_path / "a.bin").read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [tmp_path / "a.bin"]


@pytest.fixture
def full_disk(monkeypatch):
    """A disk that takes 1 MB more, and then nothing."""

    def fails(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fails)
    monkeypatch.setattr(file_faults.shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))


def test_a_full_disk_is_one_message_and_leaves_nothing(full_disk, in_folder):
    with pytest.raises(EarshotError) as caught:
        write_bytes("new/a.bin", bytes(3_500_000), sync=True)
    assert str(caught.value) == (
        "new/a.bin could not be written: the disk is full (3.5 MB are wanted, 1.0 MB are free: 2.5 MB are missing). "
        "Make room and repeat the command"
    )
    assert list((in_folder / "new").iterdir()) == []


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EACCES, "permission denied. Let this user write into {folder} and repeat the command"),
        (errno.EROFS, "the disk is read-only. Mount it for writing and repeat the command"),
        (errno.EDQUOT, r"this user's quota on the disk is used up \([0-9,.]+ MB are free\)"),
        (errno.EFBIG, "no file may be that large here"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_whatever_the_system_refuses_is_said_with_the_files_name(number, said, tmp_path, monkeypatch):
    def fails(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(EarshotError, match=f"a.bin could not be written: {said.format(folder=tmp_path)}"):
        write_bytes(tmp_path / "a.bin", b"1", sync=True)


def test_what_a_killed_writer_left_is_used_again(tmp_path):
    (tmp_path / ".a.bin.part").write_bytes(b"half of something longer")
    write_bytes(tmp_path / "a.bin", b"whole")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.bin": b"whole"}


def test_of_two_writers_at_once_the_second_waits_and_both_write_whole(tmp_path):
    part = tmp_path / ".a.bin.part"
    with part.open("wb") as first:  # another process, in the middle of its writing
        fcntl.flock(first, fcntl.LOCK_EX)
        second = threading.Thread(target=write_bytes, args=(tmp_path / "a.bin", b"second"))
        second.start()
        first.write(b"first")
        first.flush()
        part.rename(tmp_path / "a.bin")
        with (tmp_path / "a.bin").open("rb") as file:  # a reader between the two
            read = file.read()
    second.join()
    assert read == b"first"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.bin": b"second"}


def test_without_links_a_file_is_copied_whole(tmp_path, monkeypatch):
    def fails(*_):
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(os, "link", fails)
    write_bytes(tmp_path / "a.bin", b"content")
    link_file(tmp_path / "a.bin", tmp_path / "new/b.bin")
    assert (tmp_path / "new/b.bin").read_bytes() == b"content"


def test_what_cannot_be_removed_is_named_from_the_working_directory(in_folder, monkeypatch):
    (in_folder / "models/cnn").mkdir(parents=True)

    def fails(path):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "model.json")

    monkeypatch.setattr(shutil, "rmtree", fails)
    with pytest.raises(EarshotError, match=r"^models/cnn could not be written: permission denied"):
        remove(Path("models/cnn"))


def test_a_writer_that_fails_leaves_the_next_ones_part_alone(tmp_path, monkeypatch):
    """It removes its own part while nobody else can have taken it up."""
    real, held = Path.unlink, []

    def unlink(path, **options):
        with path.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                held.append(path)
        real(path, **options)

    monkeypatch.setattr(Path, "unlink", unlink)
    with pytest.raises(TypeError):
        write_bytes(tmp_path / "a", b"half", "of it")
    assert [path.name for path in held] == [".a.part"]
    assert list(tmp_path.iterdir()) == []
