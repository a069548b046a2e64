"""Numbers as the verdict and the warnings write them."""

import math
from collections.abc import Sequence
from typing import Any


def percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def interval(row: dict[str, Any], key: str) -> str:
    """A score of a row of the summary with its limits: `98.1 % (95.7 to 99.2)`."""
    low, high = row[f"{key}_low"], row[f"{key}_high"]
    if math.isnan(low):
        return f"{percent(row[key])} (no limits can be given)"
    return f"{percent(row[key])} ({100 * low:.1f} to {100 * high:.1f})"


def p_value(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.2g}"


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
