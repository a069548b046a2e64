"""A font for every character of a figure: matplotlib's own, one that is installed here, or the character's code."""

import logging
from collections.abc import Iterator
from functools import cache

from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, fontManager, get_font
from matplotlib.text import Text

OWN = "DejaVu Sans"  # comes with matplotlib: what it can write is drawn the same everywhere
EMPTY = "Last Resort"  # draws a box for every character

log = logging.getLogger(__name__)


def write_every_character(figure: Figure) -> None:
    """Give each text of a figure fonts that have its characters.

    What no font here has is written as its code, U+732B.
    """
    for text in figure.findobj(Text):
        missing = frozenset(text.get_text()) - _characters(findfont(OWN)) - {"\n"}
        if not missing:
            continue
        families, absent = _installed(missing)
        text.set_fontfamily([OWN, *families])
        text.set_text("".join(f"U+{ord(char):04X}" if char in absent else char for char in text.get_text()))


@cache
def _installed(missing: frozenset[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """The installed fonts that have the characters, and the characters that none has."""
    families, absent = [], set(missing)
    for family, path in _fonts():
        if not absent:
            break
        if covered := absent & _characters(path):
            families.append(family)
            absent -= covered
    if absent:
        log.warning(
            "no font here has %s, which pictures show as codes: install Noto Sans for their script",
            " ".join(sorted(absent)),
        )
    return tuple(families), frozenset(absent)


def _fonts() -> Iterator[tuple[str, str]]:
    """Family and file of each upright font that is installed, in the order of their names."""
    entries = {entry.name: entry.fname for entry in fontManager.ttflist if entry.style == "normal"}
    yield from sorted((name, path) for name, path in entries.items() if not name.startswith(EMPTY))


@cache
def _characters(path: str) -> frozenset[str]:
    """The characters that a font's file has."""
    return frozenset(map(chr, get_font(path).get_charmap()))
