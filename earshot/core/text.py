"""Text that people or files chose, made fit for where it is shown: a terminal, Markdown, a spreadsheet."""

import re
import unicodedata

UNSEEN = {"Cc", "Cs", "Zl", "Zp"}  # controls, what is no text in a file's name, ends of lines and paragraphs
# Turn a line around.
BACKWARDS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_PLAIN = re.compile(r"(?!.*www\.)[\w ./,+-]*")  # means nothing in Markdown, wherever it stands in a line
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def printable(text: str, *, keep: str = "") -> str:
    """The text in one line, with each character that a terminal obeys in place of showing it as its escape, `\\x1b`.

    keep : characters that stay
    """
    return "".join(character if character in keep else _visible(character) for character in text)


def in_markdown(text: str) -> str:
    """The text as it is shown in a line or a cell of Markdown: code, unless it has no character of a meaning there."""
    line = printable(text)
    if _PLAIN.fullmatch(line):
        return line
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    edge = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{edge}{line}{edge}{fence}".replace("|", r"\|")


def in_spreadsheet(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would compute, `=cmd|…`."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _visible(character: str) -> str:
    if unicodedata.category(character) in UNSEEN or character in BACKWARDS:
        return character.encode("unicode_escape").decode("ascii")
    return character
