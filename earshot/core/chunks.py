"""Lists of at most so many items."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of at most `size`, in their order."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
