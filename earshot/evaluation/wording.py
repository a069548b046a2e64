"""Numbers as the verdict and the warnings write them."""

import math
from collections.abc import Sequence
from typing import Any


def percent(value: float) -> str:
    return f"{hundredths(value)} %"


def interval(row: dict[str, Any], key: str) -> str:
    """A score of a row of the summary with its limits: `98.1 % (95.7 to 99.2)`."""
    low, high = row[f"{key}_low"], row[f"{key}_high"]
    if math.isnan(low):
        return f"{percent(row[key])} (no limits can be given)"
    return f"{percent(row[key])} ({hundredths(low)} to {hundredths(high)})"


def without_skill(*, chance: float, no_skill: float) -> str:
    """What is got without looking: `guessing gets 10.0 %`, or by naming the largest class where that is more.

    chance : 1/k for k classes
    no_skill : as `earshot.evaluation.predictions.no_skill` gives it
    """
    if percent(no_skill) == percent(chance):
        return f"guessing gets {percent(chance)}"
    return f"naming the largest class gets {percent(no_skill)}"


def p_value(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.2g}"


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def hundredths(value: float) -> str:
    """A share in hundredths, without the sign for them."""
    return minus(f"{100 * value:z.1f}")


def minus(number: str) -> str:
    """A number with a typographic minus, as names in the sentences around it may have hyphens of their own."""
    return number.replace("-", "\N{MINUS SIGN}")
