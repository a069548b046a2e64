"""The index: ids, groups, duplicates, and every bad file named at once."""

import shutil

import pandas as pd
import pytest
from PIL import Image

from earshot.core.errors import EarshotError
from earshot.dataset.index import contents, duplicates, name_groups, with_shards
from earshot.dataset.items import capture, list_items
from earshot.dataset.probe import probe
from tests.reading.test_pictures import broken_files


def listed(root):
    return list_items(root, kind="pictures")


def indexed(root, groups=None):
    items = probe(listed(root), kind="pictures")
    return items.assign(group=name_groups(items, groups))


def test_an_item_is_named_by_its_path_without_ending(picture_folders):
    deep = picture_folders / "b" / "more" / "10.PNG"
    deep.parent.mkdir()
    shutil.copy(picture_folders / "b" / "1.png", deep)
    items = listed(picture_folders)
    assert list(items["id"][:3]) == ["a/0", "a/1", "a/2"]
    assert items.iloc[-1].to_dict() == {"id": "b/more/10", "path": deep.as_posix(), "label": "b"}


def test_opening_tells_size_mode_and_hash(picture_folders):
    row = indexed(picture_folders).iloc[0]
    assert (row["width"], row["height"], row["mode"], len(row["hash"])) == (10, 12, "L", 64)


def test_byte_identical_files_share_a_group_and_are_reported(picture_folders):
    shutil.copy(picture_folders / "a" / "3.png", picture_folders / "b" / "copy.png")
    items = indexed(picture_folders)
    assert duplicates(items) == [["a/3", "b/copy"]]
    assert items["group"].nunique() == len(items) - 1


def test_groups_that_share_a_file_become_one():
    items = pd.DataFrame({"hash": ["1", "2", "1", "3", "2"]})
    assert name_groups(items, ["x", "y", "y", "z", "w"]) == ["w", "w", "w", "z", "w"]


def test_parts_of_one_file_are_one_group_and_no_duplicates_unless_told_otherwise():
    items = pd.DataFrame({"id": list("abc"), "hash": ["1"] * 3, "start_s": [0.0, 1, 0], "end_s": [1.0, 2, 1]})
    assert len(set(name_groups(items))) == 1
    assert duplicates(items) == [["a", "c"]]
    assert name_groups(items, ["x", "y", "z"]) == ["x", "y", "x"]
    assert len(set(contents(items))) == 2


def test_other_files_coming_or_going_change_no_id_and_no_group(picture_folders):
    before = indexed(picture_folders).set_index("id")["group"]
    (picture_folders / "a" / "0.png").unlink()
    (picture_folders / "a" / "5.png").rename(picture_folders / "a" / "renamed.png")
    Image.new("L", (9, 9)).save(picture_folders / "b" / "0a.png")
    after = indexed(picture_folders).set_index("id")["group"]
    kept = before.index.intersection(after.index)
    assert len(kept) == 14
    assert before[kept].equals(after[kept])


def test_a_group_is_captured_from_the_path(picture_folders):
    assert capture(listed(picture_folders), r"/(\d)\.png$", key="dataset.group")[:3] == ["0", "1", "2"]


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


def test_all_bad_files_are_named_at_once(picture_folders):
    broken_files(picture_folders / "a")
    with pytest.raises(EarshotError, match="5 of 22 items cannot be used") as error:
        indexed(picture_folders)
    assert all(
        name in str(error.value) for name in ["cut.png", "text.png", "empty.png", "dot.png", "nan.tif"]
    )


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
    assert list(with_shards(listed(picture_folders), shard_size=6)["shard"]) == [0] * 6 + [1] * 6 + [2] * 4
