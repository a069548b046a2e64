"""A params.yaml written with guesses in the place of the settings that it starts from, each with its reason."""

import re
import textwrap
from collections.abc import Sequence
from typing import Any

from earshot.config.presets import expand_overlay
from earshot.intake.guess import Guess

WIDTH = 118


def write_guesses(preset: str, guesses: Sequence[Guess], *, comment: str) -> bytes:
    """The text of params.yaml.

    preset : to start from
    comment : what stands on top, without its `#`
    """
    overlay: dict[str, Any] = {}
    for guess in guesses:
        *blocks, last = guess.key.split(".")
        block = overlay
        for name in blocks:
            block = block.setdefault(name, {})
        block[last] = guess.value
    top = "".join(f"# {line}\n" for line in textwrap.wrap(comment, WIDTH - 2))
    text = expand_overlay(preset, overlay, comment=top).decode()
    return _with_reasons(text, {guess.key: guess.reason for guess in guesses if guess.reason}).encode()


def _with_reasons(text: str, reasons: dict[str, str]) -> str:
    """The YAML with each reason as a comment above its key."""
    lines: list[str] = []
    blocks: list[tuple[int, str]] = []  # the keys that the line lies in, with their indents
    for line in text.splitlines():
        if key := re.match(r"( *)([A-Za-z_][\w.-]*):", line):
            indent = len(key[1])
            blocks = [*(block for block in blocks if block[0] < indent), (indent, key[2])]
            if reason := reasons.get(".".join(name for _, name in blocks)):
                mark = f"{key[1]}# guessed: "
                lines += textwrap.wrap(
                    reason,
                    WIDTH,
                    initial_indent=mark,
                    subsequent_indent=f"{key[1]}#   ",
                    break_long_words=False,
                )
        lines.append(line)
    return "\n".join(lines) + "\n"
