"""Opening every item: what it tells, and every bad file named at once."""

import numpy as np
import pytest
from PIL import Image

from earshot.core.errors import EarshotError
from earshot.dataset.items import list_items
from earshot.dataset.probe import Reading, probe, without_doubts
from tests.reading.test_pictures import broken_files


def opened(root):
    return probe(list_items(root, kind="pictures"), kind="pictures")


def test_opening_tells_size_mode_and_hash(picture_folders):
    row = opened(picture_folders).iloc[0]
    assert (row["width"], row["height"], row["mode"], len(row["hash"])) == (10, 12, "L", 64)


def test_pictures_that_use_little_of_their_bits_are_told(picture_folders, caplog):
    values = np.random.default_rng(0).integers(0, 4096, (12, 10))
    Image.fromarray(values.astype(np.uint16)).save(picture_folders / "a" / "twelve.png")
    Image.fromarray((values >> 4).astype(np.int32)).save(picture_folders / "a" / "int32.tif")
    Image.fromarray((values << 4).astype(np.uint16)).save(picture_folders / "a" / "sixteen.png")
    Image.fromarray((values >> 7).astype(np.uint8)).save(picture_folders / "a" / "dark.png")
    items = without_doubts(opened(picture_folders))
    assert "2 picture(s) of more than 8 bits hold nothing brighter" in caplog.text
    assert "a/int32, a/twelve among them" in caplog.text
    assert not {"faint", "silent", "cancels"} & set(items)
    caplog.clear()
    listed = list_items(picture_folders, kind="pictures")
    without_doubts(probe(listed, kind="pictures", reading=Reading(white="data")))
    assert not caplog.text


def test_all_bad_files_are_named_at_once(picture_folders):
    broken_files(picture_folders / "a")
    with pytest.raises(EarshotError, match="5 of 22 items cannot be used") as error:
        opened(picture_folders)
    assert all(
        name in str(error.value) for name in ["cut.png", "text.png", "empty.png", "dot.png", "nan.tif"]
    )
