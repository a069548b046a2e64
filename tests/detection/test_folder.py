"""Tables of a folder of results: where they lie, and that what somebody wrote in them stays."""

import pytest

from earshot.detection.folder import FOLDER, edited, table_names, write_table
from tests.repository import ROOT


@pytest.mark.parametrize(
    ("source", "file", "name"),
    [
        ("in", "in/sub/a.wav", "sub/a.txt"),
        (".", "in/a.wav", "in/a.txt"),
        (".", "../other/a.wav", "a.txt"),
        ("..", "../other/a.wav", "other/a.txt"),
        ("in", "in/../../a.wav", "a.txt"),
    ],
)
def test_tables_lie_as_their_recordings_and_never_outside(in_folder, monkeypatch, source, file, name):
    (in_folder / "home/in").mkdir(parents=True)
    monkeypatch.chdir(in_folder / "home")
    assert table_names([source, file], [file], ending=".txt") == {file: name}


def test_a_kill_before_a_table_is_renamed_leaves_one_that_was_not_edited(tmp_path):
    def write(content):
        write_table(tmp_path, "a.txt", lambda file: file.write(content))

    def is_edited():
        return bool(edited(tmp_path, ["a.txt"]))

    write(b"first")
    write(b"second")
    assert not is_edited()
    (tmp_path / "a.txt").write_bytes(b"first")  # what lies there where a kill comes behind the note
    assert not is_edited()
    (tmp_path / "a.txt").write_bytes(b"mine")
    assert is_edited()


def test_scores_among_the_recordings_do_not_change_the_data_set():
    assert FOLDER in (ROOT / ".dvcignore").read_text().splitlines()
