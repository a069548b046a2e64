"""Items from tar shards, beside what test_index.py says of class folders."""

import pytest

from earshot.core.errors import EarshotError
from earshot.dataset.files import from_files
from earshot.dataset.labels import from_csv
from tests.reading.test_members import pack


def test_members_have_their_label_beside_them(tmp_path):
    pack(tmp_path / "0.tar", {"x/1.wav": b"s", "x/1.cls": b"cat\n", "x/1.json": b"{}"})
    (tmp_path / "dog").mkdir()
    (tmp_path / "dog" / "2.flac").write_bytes(b"s")
    assert from_files(tmp_path, kind="sounds") == [
        {"id": "x/1", "path": f"{tmp_path}/0.tar/x/1.wav", "label": "cat"},
        {"id": "dog/2", "path": f"{tmp_path}/dog/2.flac", "label": "dog"},
    ]


def test_files_without_a_label_are_named_together(tmp_path):
    pack(tmp_path / "0.tar", {"1.wav": b"s", "2.wav": b"s", "2.cls": b"", "3.wav": b"s", "3.cls": b"a"})
    (tmp_path / "4.wav").write_bytes(b"s")
    with pytest.raises(EarshotError, match="3 of 4 files have no label") as error:
        from_files(tmp_path, kind="sounds")
    for message in ("1.cls: the tar has no such member", "2.cls is empty", "4.wav lies in no class folder"):
        assert message in str(error.value)


def test_a_csv_names_members_by_themselves_or_with_their_tar(tmp_path):
    pack(tmp_path / "0.tar", {"1.wav": b"s", "2.wav": b"s"})
    pack(tmp_path / "1.tar", {"2.wav": b"s"})
    (tmp_path / "labels.csv").write_text("path,label\n1.wav,a\n1.tar/2.wav,b\n")
    rows = from_csv(tmp_path, "labels.csv", kind="sounds")
    assert [(row["id"], row["path"]) for row in rows] == [
        ("1", f"{tmp_path}/0.tar/1.wav"),
        ("2", f"{tmp_path}/1.tar/2.wav"),
    ]
    (tmp_path / "labels.csv").write_text("path,label\n2.wav,a\n0.tar/3.wav,b\n")
    with pytest.raises(
        EarshotError, match=r"2\.wav is in 0\.tar and in 1\.tar.*\n.*0\.tar/3\.wav is not there"
    ):
        from_csv(tmp_path, "labels.csv", kind="sounds")


def test_tars_are_for_sounds_alone(tmp_path):
    pack(tmp_path / "0.tar", {"1.png": b"s", "1.cls": b"a"})
    with pytest.raises(EarshotError, match=r"1 other file\(s\), 0\.tar for one"):
        from_files(tmp_path, kind="pictures")
