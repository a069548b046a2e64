"""Tables and files: text stays text, and a file is there whole or not at all."""

import pandas as pd
import pytest

from earshot.core.errors import EarshotError
from earshot.core.io import read_table, write_bytes, write_table

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
