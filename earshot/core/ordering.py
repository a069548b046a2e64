"""The order in which people count: 2 before 10."""

from typing import Any

from natsort import natsort_keygen

_natsort_key = natsort_keygen()


def natural_key(name: str) -> tuple[Any, str]:
    """A sort key under which runs of digits count as numbers, `2_clip` before `10_clip`.

    Names that count the same, `1` and `01`, stand in the order of their characters.
    """
    return _natsort_key(name), name
