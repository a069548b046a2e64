"""What data sets call their parts."""

import pytest

from earshot.core.errors import EarshotError
from earshot.dataset.parts import parts_named


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (["Train", "validation", "TEST"], ["train", "val", "test"]),
        (["train", "dev", "eval"], ["train", "val", "test"]),
        (["dev", "eval"], ["train", "test"]),
    ],
)
def test_each_name_means_a_part(names, parts):
    assert parts_named(names, key="dataset.split") == parts


def test_a_name_that_is_no_part_is_refused():
    with pytest.raises(EarshotError, match=r"dataset.split: 'a' is no part.*columns: \{split: null\}"):
        parts_named(["train", "A"], key="dataset.split")
