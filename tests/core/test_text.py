"""Text that people chose: shown, never obeyed, by a terminal, Markdown or a spreadsheet."""

import pytest

from earshot.core.text import in_markdown, in_spreadsheet, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("кошка, 猫, बिल्ली", "кошка, 猫, बिल्ली"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("a\nb\r", r"a\nb\r"),
        ("caf\udce9.wav", r"caf\udce9.wav"),
        ("gnp\u202e.exe", r"gnp\u202e.exe"),
    ],
)
def test_what_a_terminal_would_obey_is_shown(text, shown):
    assert printable(text) == shown


def test_characters_that_are_kept_stay():
    assert printable("one\ntwo\x1b", keep="\n") == "one\ntwo\\x1b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2.sound.lstm.accuracy", "2.sound.lstm.accuracy"),
        ("метро", "метро"),
        ("@team", "`@team`"),
        ("![x](https://example.org/x.png)", "`![x](https://example.org/x.png)`"),
        ("a|b", r"`a\|b`"),
        ("one\n# two", r"`one\n# two`"),
        ("`code`", "`` `code` ``"),
        ("<img src=x>", "`<img src=x>`"),
        ("www.example.org", "`www.example.org`"),
    ],
)
def test_what_markdown_would_obey_is_code(text, shown):
    assert in_markdown(text) == shown


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_what_a_spreadsheet_would_compute_is_text(text):
    assert in_spreadsheet(text) == f"'{text}"
    assert in_spreadsheet(f"a{text}") == f"a{text}"
