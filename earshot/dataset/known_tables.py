"""Tables of labels of well-known data sets, known by their headers, and which of their columns means what."""

from collections.abc import Collection, Mapping
from typing import NamedTuple


class KnownTable(NamedTuple):
    """A header that only one data set's tables have.

    header : columns that are all there, in lower case
    columns : from Earshot's name of a column to the table's
    """

    name: str
    header: frozenset[str]
    columns: Mapping[str, str]


KNOWN = (
    KnownTable(
        "ESC-50",
        frozenset({"filename", "fold", "target", "category", "src_file", "take"}),
        {"path": "filename", "label": "category", "fold": "fold", "group": "src_file"},
    ),
    # Its start and end lie in the recording that a slice was cut from, not in the slice.
    KnownTable(
        "UrbanSound8K",
        frozenset({"slice_file_name", "fsid", "start", "end", "fold", "classid", "class"}),
        {"path": "slice_file_name", "label": "class", "fold": "fold", "group": "fsid"},
    ),
    KnownTable(
        "FSD50K",
        frozenset({"fname", "labels", "mids", "split"}),
        {"path": "fname", "label": "labels", "split": "split"},
    ),
    KnownTable("FSD50K", frozenset({"fname", "labels", "mids"}), {"path": "fname", "label": "labels"}),
    KnownTable(
        "FSDKaggle",
        frozenset({"fname", "label", "freesound_id"}),
        {"path": "fname", "label": "label", "group": "freesound_id"},
    ),
    KnownTable(
        "FSDKaggle",
        frozenset({"fname", "labels", "freesound_id"}),
        {"path": "fname", "label": "labels", "group": "freesound_id"},
    ),
    KnownTable("FSDKaggle", frozenset({"fname", "labels"}), {"path": "fname", "label": "labels"}),
    KnownTable(
        "FSDKaggle", frozenset({"fname", "label", "manually_verified"}), {"path": "fname", "label": "label"}
    ),
)


def known_table(header: Collection[str]) -> KnownTable | None:
    """The first of the known tables that has this header.

    header : in lower case
    """
    return next((table for table in KNOWN if table.header <= set(header)), None)
