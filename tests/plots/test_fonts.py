"""Every character of a figure is drawn, or told by its code."""

from matplotlib.font_manager import findfont, get_font
from matplotlib.text import Text

from earshot.plots import fonts
from earshot.plots.figures import figure, png


def _texts(page):
    return [text for text in page.findobj(Text) if text.get_text()]


def test_what_matplotlibs_font_has_stays_as_it_is(monkeypatch):
    monkeypatch.setattr(fonts, "_fonts", lambda: [])
    page = figure(2, 2)
    page.text(0, 0, "Зяблик\nα → Ü")
    family = _texts(page)[0].get_fontfamily()
    png(page)
    assert [(text.get_text(), text.get_fontfamily()) for text in _texts(page)] == [("Зяблик\nα → Ü", family)]


def test_what_no_font_has_is_told_by_its_code(monkeypatch, caplog, recwarn):
    monkeypatch.setattr(fonts, "_fonts", lambda: [])
    fonts._installed.cache_clear()
    page = figure(2, 2)
    page.text(0, 0, "家猫 cat")
    png(page)
    assert [text.get_text() for text in _texts(page)] == ["U+5BB6U+732B cat"]
    assert "no font here has 家 猫" in caplog.text
    assert not [
        warning for warning in recwarn if "missing from" in str(warning.message)
    ]  # as matplotlib of a box


def test_a_font_that_is_installed_is_taken(monkeypatch, recwarn):
    family, path = "STIXGeneral", findfont("STIXGeneral")
    own = set(get_font(findfont(fonts.OWN)).get_charmap())
    character = chr(min(set(get_font(path).get_charmap()) - own))
    monkeypatch.setattr(fonts, "_fonts", lambda: [(family, path)])
    fonts._installed.cache_clear()
    page = figure(2, 2)
    page.text(0, 0, f"cat {character}")
    png(page)
    assert [text.get_text() for text in _texts(page)] == [f"cat {character}"]
    assert _texts(page)[0].get_fontfamily() == [fonts.OWN, family]
    assert not [warning for warning in recwarn if "missing from" in str(warning.message)]
