"""Numbers that are the same on every machine."""

from typing import Any

DIGITS = 10


def rounded(value: Any) -> Any:
    """A float to ten significant digits as a Python float; anything else as it is.

    Logarithms and quantiles differ in their last bit between processors and versions of the C library.
    """
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def rounded_values(row: dict[str, Any]) -> dict[str, Any]:
    """`rounded` of every value of a row."""
    return {key: rounded(value) for key, value in row.items()}
