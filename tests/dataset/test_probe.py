"""Opening every item: what it tells, and every bad file named at once."""

import pytest

from earshot.core.errors import EarshotError
from earshot.dataset.items import list_items
from earshot.dataset.probe import probe
from tests.reading.test_pictures import broken_files


def opened(root):
    return probe(list_items(root, kind="pictures"), kind="pictures")


def test_opening_tells_size_mode_and_hash(picture_folders):
    row = opened(picture_folders).iloc[0]
    assert (row["width"], row["height"], row["mode"], len(row["hash"])) == (10, 12, "L", 64)


def test_all_bad_files_are_named_at_once(picture_folders):
    broken_files(picture_folders / "a")
    with pytest.raises(EarshotError, match="5 of 22 items cannot be used") as error:
        opened(picture_folders)
    assert all(
        name in str(error.value) for name in ["cut.png", "text.png", "empty.png", "dot.png", "nan.tif"]
    )
