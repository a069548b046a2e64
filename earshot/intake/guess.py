"""One setting that is guessed."""

from typing import Any, NamedTuple


class Guess(NamedTuple):
    """A setting by its dotted key. The reason stands above it in params.yaml, where there is one."""

    key: str
    value: Any
    reason: str = ""
