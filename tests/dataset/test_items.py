"""Items: their ids, their order, and what is captured from their paths."""

import re
import shutil

import pytest
from PIL import Image

from earshot.core.errors import EarshotError
from earshot.dataset.items import capture, capture_or_column, class_name_hints, list_items, number_shards


def listed(root):
    return list_items(root, kind="pictures")


def test_an_item_is_named_by_its_path_without_ending(picture_folders):
    deep = picture_folders / "b" / "more" / "10.PNG"
    deep.parent.mkdir()
    shutil.copy(picture_folders / "b" / "1.png", deep)
    items = listed(picture_folders)
    assert list(items["id"][:3]) == ["a/0", "a/1", "a/2"]
    assert items.iloc[-1].to_dict() == {"id": "b/more/10", "path": deep.as_posix(), "label": "b"}


def test_a_name_that_is_not_utf_8_is_told_with_its_bytes(picture_folders):
    (picture_folders / "b/1.png").rename(picture_folders / "b/caf\udce9.png")
    with pytest.raises(EarshotError, match=r"b/caf\\udce9\.png: the name is not UTF-8"):
        listed(picture_folders)


@pytest.mark.parametrize(
    ("labels", "hint"),
    [
        (["_background_noise_", "dog"], "'_background_noise_' is taken as a class; if it is none"),
        (["Dog", "dog"], "'Dog' and 'dog' are different classes, though their names look alike"),
        (["caf\u00e9", "cafe\u0301"], r"'cafe\\u0301' and 'caf\\xe9' are different classes"),
    ],
)
def test_odd_class_names_are_told_unless_they_are_named(labels, hint):
    (told,) = class_name_hints(labels, classes=None)
    assert re.match(hint, told)
    assert class_name_hints(labels, classes=labels) == []
    assert class_name_hints(["cat", "dog"], classes=None) == []


def test_a_group_is_captured_from_the_path(picture_folders):
    assert capture(listed(picture_folders), r"/(\d)\.png$", key="dataset.group")[:3] == ["0", "1", "2"]


def test_a_pattern_goes_before_the_column(picture_folders):
    items = listed(picture_folders).assign(group="x")
    assert capture_or_column(items, "group", pattern=r"/(\d)\.png$", key="dataset.group")[:2] == ["0", "1"]
    assert capture_or_column(items, "group", pattern=None, key="dataset.group") == ["x"] * 16
    assert capture_or_column(items, "fold", pattern=None, key="dataset.fold") is None


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(", "no regular expression"),
        ("x", "0 capture groups"),
        ("(a)(b)", "2 capture groups"),
        ("_(speaker)", "finds nothing in 16 of 16"),
    ],
)
def test_a_pattern_that_gives_no_group_is_refused(picture_folders, pattern, message):
    with pytest.raises(EarshotError, match=message):
        capture(listed(picture_folders), pattern, key="dataset.group")


def test_ids_that_clash_are_refused_with_both_paths(picture_folders):
    Image.new("L", (9, 9)).save(picture_folders / "a" / "3.bmp")
    with pytest.raises(EarshotError, match=r"a/3\.(bmp|png) and .*a/3\.(bmp|png) share the id 'a/3'"):
        listed(picture_folders)


def test_a_missing_folder_an_empty_one_and_a_single_class_are_refused(picture_folders, tmp_path):
    with pytest.raises(EarshotError, match="nowhere is not a folder"):
        listed(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(EarshotError, match="holds no file ending in"):
        listed(tmp_path / "empty")
    shutil.rmtree(picture_folders / "b")
    with pytest.raises(EarshotError, match="one class only"):
        listed(picture_folders)


def test_a_picture_outside_every_class_is_refused(picture_folders):
    Image.new("L", (9, 9)).save(picture_folders / "stray.png")
    with pytest.raises(EarshotError, match="lies in no class folder"):
        listed(picture_folders)


def test_shards_follow_the_order(picture_folders):
    assert list(number_shards(listed(picture_folders), shard_size=6)["shard"]) == [0] * 6 + [1] * 6 + [2] * 4


def test_what_only_some_tables_say_of_their_items_is_refused(tmp_path):
    for name in ("1.wav", "2.wav"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "a.csv").write_text("path,label,group\n1.wav,a,g\n")
    (tmp_path / "b.csv").write_text("path,label\n2.wav,b\n")
    labels = {"train": "a.csv", "test": "b.csv"}
    with pytest.raises(
        EarshotError, match=r"group: only some tables have it, none says it of 2; .*group: null"
    ):
        list_items(tmp_path, kind="sounds", labels=labels)
    assert "group" not in list_items(tmp_path, kind="sounds", labels=labels, columns={"group": None})


def test_tables_without_a_row_are_refused(tmp_path):
    for name in ("1.wav", "1.txt"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(EarshotError, match=r"dataset\.labels: no row gives an item"):
        list_items(tmp_path, kind="sounds", labels="*.txt")
