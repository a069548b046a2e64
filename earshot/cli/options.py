"""Options of a command, as they are written."""

from argparse import Namespace
from collections.abc import Iterable


def given(arguments: Namespace, names: Iterable[str]) -> list[str]:
    """Those of these options that have a value: `--miss-cost` for `miss_cost`."""
    return [f"--{name.replace('_', '-')}" for name in names if getattr(arguments, name) is not None]
