"""Items from class folders, from the folders of a data set's parts, and from tar shards."""

import re

import pandas as pd
import pytest

from earshot.core.errors import EarshotError
from earshot.dataset.files import from_files
from earshot.dataset.items import capture
from earshot.dataset.labels import from_tables
from earshot.dataset.parts import parts_named
from tests.reading.test_members import pack


def test_members_have_their_label_beside_them(tmp_path):
    pack(tmp_path / "0.tar", {"x/1.wav": b"s", "x/1.cls": b"cat\n", "x/1.json": b"{}"})
    (tmp_path / "dog").mkdir()
    (tmp_path / "dog" / "2.flac").write_bytes(b"s")
    assert from_files(tmp_path, kind="sounds") == [
        {"id": "x/1", "path": f"{tmp_path}/0.tar/x/1.wav", "label": "cat"},
        {"id": "dog/2", "path": f"{tmp_path}/dog/2.flac", "label": "dog"},
    ]


def test_a_class_of_members_that_are_not_read_is_an_error(tmp_path):
    pack(
        tmp_path / "0.tar", {"1.wav": b"s", "1.cls": b"cat", "2.mid": b"s", "2.cls": b"dog", "3.json": b"{}"}
    )
    with pytest.raises(EarshotError, match=r"'dog' has 1 \.mid \(0\.tar/2\.mid\)"):
        from_files(tmp_path, kind="sounds")


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
    rows = from_tables(tmp_path, "labels.csv", kind="sounds")
    assert [(row["id"], row["path"]) for row in rows] == [
        ("1", f"{tmp_path}/0.tar/1.wav"),
        ("2", f"{tmp_path}/1.tar/2.wav"),
    ]
    (tmp_path / "labels.csv").write_text("path,label\n2.wav,a\n0.tar/3.wav,b\n")
    with pytest.raises(
        EarshotError, match=r"2\.wav is in 0\.tar and in 1\.tar.*\n.*0\.tar/3\.wav is not there"
    ):
        from_tables(tmp_path, "labels.csv", kind="sounds")


def test_tars_are_for_sounds_alone(tmp_path):
    pack(tmp_path / "0.tar", {"1.png": b"s", "1.cls": b"a"})
    with pytest.raises(EarshotError, match=r"1 other file\(s\), 0\.tar for one"):
        from_files(tmp_path, kind="pictures")


def fill(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"s")


def labels_of(root, **options):
    return {item["id"]: item["label"] for item in from_files(root, kind="sounds", **options)}


@pytest.mark.parametrize("train", ["train", "Training", "dev"])
def test_folders_of_parts_are_no_classes(tmp_path, train, caplog):
    fill(tmp_path, f"{train}/dog/1.wav", f"{train}/rain/1.wav", "test/dog/1.wav", "test/rain/deep/2.wav")
    assert labels_of(tmp_path) == {
        f"{train}/dog/1": "dog",
        f"{train}/rain/1": "rain",
        "test/dog/1": "dog",
        "test/rain/deep/2": "rain",
    }
    pattern = re.search(r"dataset\.split: '(.*)'`", caplog.text)[1]
    caplog.clear()
    items = pd.DataFrame(from_files(tmp_path, kind="sounds", keeps_parts=True))
    assert not caplog.text
    parts = parts_named(capture(items, pattern, key=""), key="")
    assert parts == ["test" if name.startswith("test") else "train" for name in items["id"]]


def test_folders_named_as_parts_are_classes_where_others_are_or_the_user_says_so(tmp_path):
    fill(tmp_path, "train/steam/1.wav", "test/2.wav")
    assert labels_of(tmp_path, classes=["train", "test"]) == {"train/steam/1": "train", "test/2": "test"}
    with pytest.raises(EarshotError, match=r"test/2\.wav lies in a part .* name test in dataset\.classes"):
        labels_of(tmp_path)
    fill(tmp_path, "dog/3.wav")
    assert set(labels_of(tmp_path).values()) == {"train", "test", "dog"}


@pytest.mark.parametrize("part", ["", "train/"])
def test_a_class_that_is_not_read_at_all_is_an_error_unless_it_is_left_out(tmp_path, part, caplog):
    fill(
        tmp_path,
        *(f"{part}{name}" for name in ("dog/1.wav", "dog/2.mid", "rain/1.wav", "cat/1.mid", "cat/2.mid")),
    )
    with pytest.raises(EarshotError, match=r"classes: \[dog, rain\]:\n.*'cat' has 2 \.mid \(.*cat/1\.mid\)"):
        labels_of(tmp_path)
    assert set(labels_of(tmp_path, classes=["dog", "rain"]).values()) == {"dog", "rain"}
    assert "3 file(s) of other kinds left out: 3 .mid" in caplog.text
    with pytest.raises(EarshotError, match="'cat' has"):
        labels_of(tmp_path, classes=["dog", "cat"])
