"""What shards are made of: one element an item, or a variant of an item."""

import math
from typing import NamedTuple

import pandas as pd

from earshot.store.executor import for_workers


class Element(NamedTuple):
    """An item or a variant of one, as the function that makes its piece of a shard takes it.

    id, copy : the item, and the number of its variant, 0 for the item itself
    path : of the file or of a tar's member, for errors
    content : what the readers take: the path, or the file's bytes where a worker does not see this folder
    start_s, end_s : the part of a sound that is meant; None for its beginning and its end
    """

    id: str
    copy: int
    path: str
    content: str | bytes
    start_s: float | None
    end_s: float | None


def elements_of(table: pd.DataFrame) -> list[Element]:
    """The rows of a table `id, copy, path, start_s, end_s` as Elements."""
    texts = (table[column].tolist() for column in ("id", "copy", "path"))
    seconds = (table[column].astype(float).tolist() for column in ("start_s", "end_s"))
    return [
        Element(name, copy, path, for_workers(path), _or_none(start), _or_none(end))
        for name, copy, path, start, end in zip(*texts, *seconds, strict=True)
    ]


def _or_none(seconds: float) -> float | None:
    return None if math.isnan(seconds) else seconds
