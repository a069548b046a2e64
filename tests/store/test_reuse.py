"""Elements that lie side by side are taken at once, and no others."""

import pytest

from earshot.store.reuse import Part, Place, runs

NEW = Part([["1"]], b"new")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([], []),
        ([NEW, NEW], [NEW, NEW]),
        ([Place(0, 0, 0, 1), Place(0, 1, 1, 2), Place(0, 3, 3, 1)], [Place(0, 0, 0, 4)]),
        ([Place(0, 0, 0, 1), NEW, Place(0, 1, 1, 1)], [Place(0, 0, 0, 1), NEW, Place(0, 1, 1, 1)]),
        ([Place(0, 0, 0, 1), Place(0, 2, 2, 1)], [Place(0, 0, 0, 1), Place(0, 2, 2, 1)]),
        ([Place(0, 1, 1, 1), Place(0, 0, 0, 1)], [Place(0, 1, 1, 1), Place(0, 0, 0, 1)]),
        ([Place(0, 7, 7, 1), Place(1, 0, 8, 1)], [Place(0, 7, 7, 1), Place(1, 0, 8, 1)]),
        ([Place(0, 0, 0, 1), Place(1, 1, 1, 1)], [Place(0, 0, 0, 1), Place(1, 1, 1, 1)]),
    ],
    ids=["none", "made", "in a row", "made between", "a gap", "backwards", "the next shard", "another shard"],
)
def test_places_that_follow_each_other_are_one(parts, expected):
    assert runs(parts) == expected
