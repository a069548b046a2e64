"""The page in a real browser: it loads by itself, sorts, filters, plays, and fits from a phone to a desk."""

import json
import re
from functools import cache
from itertools import combinations

import pytest

from earshot.report.pages import island
from tests.browser import fits, launched, listen, needed, violations
from tests.report import made_up

pytestmark = [needed, pytest.mark.slow]


@pytest.fixture(scope="module")
def browser():
    with launched() as chromium:
        yield chromium


def opened(browser, folder, *, width=1400, **options):
    """A study's page; what it says on the console and what it asks for are in `page.noise`."""
    page = listen(browser.new_page(viewport={"width": width, "height": 900}, **options))
    page.goto((folder / "report/index.html").as_uri())
    page.wait_for_selector("html[data-ready]")
    page.wait_for_function(
        "[...document.querySelectorAll('.chart')].every((chart) => chart.querySelector('svg'))"
    )
    return page


@pytest.fixture
def open_page(browser):
    """Open a study's page for a test that changes it."""
    pages = []

    def opener(folder, **options):
        pages.append(opened(browser, folder, **options))
        return pages[-1]

    yield opener
    for page in pages:
        page.close()


@pytest.fixture(scope="module")
def of_pictures_in(browser, of_pictures):
    """The page of the study of pictures in a color scheme, for tests that look at it and change nothing."""
    return cache(lambda scheme: opened(browser, of_pictures, color_scheme=scheme))


def asked_for(page):
    """What is neither the page itself nor a part of it."""
    return [noise for noise in page.noise if not noise.startswith(("data:", page.url.partition("#")[0]))]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_loads_in_silence_and_fits_a_phone_and_a_desk(made, open_page, scheme):
    page = open_page(made, width=400, color_scheme=scheme)
    assert fits(page, 400)
    assert fits(page, 1400)
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    assert fits(page, 1400)
    assert fits(page, 400)
    assert asked_for(page) == []


def test_dark_is_dark_and_can_be_switched(of_pictures, open_page):
    page = open_page(of_pictures, color_scheme="dark")
    brightness = (
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).reduce((sum, n) => sum + +n, 0)"
    )
    assert page.evaluate(brightness) < 150
    page.get_by_role("button", name="Light page").click()
    assert page.evaluate(brightness) > 700
    assert page.locator("#theme").inner_text() == "Dark page"


def texts(page, selector):
    return [text.strip() for text in page.locator(selector).all_inner_texts()]


def test_the_table_of_models_sorts_by_any_column(of_pictures, open_page):
    page = open_page(of_pictures)
    table = page.locator("table.models")
    for place, name in enumerate(texts(page, "table.models thead button")):
        heads = table.locator("thead th")
        values = f"[...document.querySelectorAll('table.models tbody tr')].map((row) => row.cells[{place}])"
        values += ".map((cell) => cell.dataset.sort ?? cell.textContent.trim())"
        seen = set()
        for _ in range(2):
            heads.nth(place).get_by_role("button").click()
            order = heads.nth(place).get_attribute("aria-sort")
            seen.add(order)
            found = [value for value in page.evaluate(values) if value != ""]
            wanted = sorted(found, key=float if place > 1 else str, reverse=order == "descending")
            assert found == wanted, name
            assert table.locator("th[aria-sort]").count() == 1
        assert seen == {"ascending", "descending"}


def test_the_keyboard_sorts(of_pictures, open_page):
    page = open_page(of_pictures)
    page.locator("table.models thead button").nth(2).focus()
    page.keyboard.press("Enter")
    assert page.locator("table.models thead th").nth(2).get_attribute("aria-sort") == "ascending"


def test_the_gallery_filters(of_pictures, open_page):
    page = open_page(of_pictures)
    every = page.locator(".card").count()
    assert every > 1
    page.locator("#verdict-filter").select_option("wrong")
    wrong = page.locator(".card").count()
    assert 0 < wrong < every
    assert all(text.endswith("wrong") for text in texts(page, ".card h3"))
    assert page.locator("#count").inner_text().startswith(f"{wrong} item")
    page.locator("#verdict-filter").select_option("")
    page.locator("#class").select_option(made_up.HOSTILE[2])
    assert all(text.startswith(made_up.HOSTILE[2]) for text in texts(page, ".card h3"))
    assert 0 < page.locator(".card").count() < every


def test_the_gallery_filters_by_confidence_and_by_group(of_pictures, open_page, tmp_path):
    def group(model):
        for number, entry in enumerate(model["entries"]):
            entry |= {"group": f"speaker {number % 2}", "probability": 0.4 if number < 3 else 0.95}

    plain = open_page(of_pictures)
    assert not plain.locator("#group").is_visible()  # each item is a group of its own
    page = open_page(with_models_changed(of_pictures, tmp_path, group))
    every = page.locator(".card").count()
    page.locator("#confidence").select_option("below 50 %")
    assert page.locator(".card").count() == 3
    page.locator("#group").select_option("speaker 1")
    assert page.locator(".card").count() == 1
    page.locator("#confidence").select_option("90 % and more")
    assert page.locator(".card").count() == every // 2 - 1


def test_both_bars_choose_the_model(of_pictures, open_page):
    page = open_page(of_pictures)
    page.locator("#gallery select[data-key=view]").select_option("picture")
    page.locator("#each select[data-key=subset]").select_option("2")
    assert page.locator("#model h3").inner_text() == "cnn on picture, 2 classes"
    assert page.locator("#each select[data-key=view]").input_value() == "picture"
    assert page.locator("#class option").count() == 1 + 2
    assert asked_for(page) == []


def test_a_row_of_the_table_opens_its_model(of_pictures, open_page):
    page = open_page(of_pictures)
    page.get_by_role("button", name="cnn on shuffled, 2 classes: show it").click()
    assert page.locator("#model h3").inner_text() == "cnn on shuffled, 2 classes"
    assert page.evaluate("document.activeElement.id") == "each-title"


def with_models_changed(study, folder, change):
    """A copy of a study's page in which `change` was made to the data of every model; its folder."""
    page = (study / "report/index.html").read_text(encoding="utf-8")
    head, start, rest = page.partition('id="data">')
    text, end, tail = rest.partition("</script>")
    data = json.loads(text)
    for model in data["models"]:
        change(model)
    (folder / "report").mkdir()
    (folder / "report/index.html").write_text(f"{head}{start}{island(data)}{end}{tail}", encoding="utf-8")
    return folder


def test_right_answers_are_counted_where_not_all_cells_are_kept(of_pictures, open_page, tmp_path):
    def crowd(model):
        first, second = model["classes"][:2]
        cells = [
            {"actual": first, "predicted": first, "count": 3, "share": 0.03},
            {"actual": first, "predicted": second, "count": 2, "share": 0.02},
        ]
        model["confusion"]["test"] = {"cells": cells, "left_out": 95, "items": 100}

    page = open_page(with_models_changed(of_pictures, tmp_path, crowd))
    said = f"3 of 100 answers right, {made_up.RUNS} runs together. 95 rarer cells left out."
    assert said in page.locator("#model").inner_text()


def test_the_map_chooses_an_item_by_a_click_and_by_the_list(of_pictures, open_page, tmp_path):
    def spread(model):
        found = model["overview"]
        found["x"] = list(range(len(found["ids"])))
        found["y"] = [0.1 * (x % 2) for x in found["x"]]
        found["predicted"] = [*found["label"]]
        found["predicted"][3] = 1 - found["label"][3]

    page = open_page(with_models_changed(of_pictures, tmp_path, spread))
    drawing, chosen = page.locator("#overview svg"), page.locator("#item-of-map")
    assert chosen.input_value() == "3"  # what is named wrongly comes first
    assert drawing.locator(".cross").count() == 1
    assert "wrong: it is" in page.locator("#overview .item").inner_text()
    drawing.locator("circle:not(.ring)").first.click()
    assert chosen.input_value() == "0"
    assert page.locator("#overview .item").inner_text().rstrip().endswith("Sound")
    chosen.focus()
    page.keyboard.press("ArrowDown")
    assert chosen.input_value() == "1"
    ring = drawing.locator(".ring")
    second = drawing.locator("circle:not(.ring)").nth(1)
    assert [ring.get_attribute(key) for key in ("cx", "cy")] == [
        second.get_attribute(key) for key in ("cx", "cy")
    ]
    assert "of the variance" in drawing.get_attribute("aria-label")
    assert asked_for(page) == []


def test_a_map_of_stretches_stands_by_itself_and_names_what_they_are_blanked_with(
    of_pictures, open_page, tmp_path
):
    def hear(model):
        model["maps"]["method"] = "occlusion in time"
        for entry in model["entries"]:
            entry.pop("kept", None)  # which sonified pictures alone have

    page = open_page(with_models_changed(of_pictures, tmp_path, hear))
    strips = page.locator("#cards .stretches")
    assert strips.count() > 0
    assert page.locator("#cards .map").count() == 0  # none lies over what is not heard
    assert all(":" in strip.get_attribute("alt") for strip in strips.all())
    assert "Blank: silence" in page.locator("#checks").text_content()


def test_runs_are_shown_beside_their_mean(of_pictures, open_page, tmp_path):
    def apart(model):
        model["runs"][1]["outOfLine"] = True

    page = open_page(with_models_changed(of_pictures, tmp_path, apart))
    said = page.locator("#model").inner_text()
    assert f"That is the mean of {made_up.RUNS} runs" in said
    assert "Out of line: run 2." in said
    assert page.locator("#model .chart.runs").count() == 1
    assert all(f"of {made_up.RUNS} runs right, mean" in text for text in texts(page, ".card .of-runs"))
    assert page.locator(".card .of-runs").count() == page.locator(".card").count()


def test_what_fails_is_shown_by_group_and_by_measure(of_sounds, open_page, tmp_path):
    def fail(model):
        model["accuracy"] = 0.8
        rows = [
            {
                "value": name,
                "items": 20,
                "accuracy": high - 0.1,
                "accuracy_low": high - 0.2,
                "accuracy_high": high,
            }
            for name, high in (("cid", 0.5), ("<b>ann</b>", 0.9))
        ]
        lengths = [row | {"value": "0 to 1 s"} for row in rows[1:]]
        model["subgroups"] = [
            {"by": "group", "rows": rows, "left_out": 3},
            {"by": "duration_s", "rows": lengths, "left_out": 0},
        ]

    page = open_page(with_models_changed(of_sounds, tmp_path, fail))
    said = page.locator("#model").inner_text()
    assert "Accuracy by group" in said
    assert "Below the accuracy on all items, the dashed line: cid." in said
    assert "The lowest are shown; data/subgroups.csv has 3 more." in said
    assert "Accuracy by duration" in said
    assert "show nothing to be below the accuracy on all items" in said
    charts = page.locator("#model .chart.subgroups svg")
    assert charts.count() == 2
    assert "<b>ann</b>" in charts.first.text_content()


def test_thirty_classes_make_a_square_that_names_each(of_pictures, open_page, tmp_path):
    names = [f"class number {number}" for number in range(30)]

    def crowd(model):
        model["classes"] = names
        cells = [{"actual": name, "predicted": name, "count": 40, "share": 1.0} for name in names]
        model["confusion"] = {
            part: {"cells": cells, "left_out": 0, "items": 1200} for part in ("test", "train")
        }

    page = open_page(with_models_changed(of_pictures, tmp_path, crowd))
    chart = page.locator("#model .chart.confusion svg").first
    labels = chart.locator(".role-axis-label text").all_text_contents()
    assert sorted(labels) == sorted(2 * names)
    sides = chart.locator(".background").first.bounding_box()
    assert sides["width"] == pytest.approx(sides["height"], abs=2)


def test_thirty_classes_are_read_on_a_phone(of_pictures, open_page, tmp_path):
    """The square scrolls by itself, and no name on the map covers another one."""
    names = [f"class number {number}" for number in range(30)]

    def crowd(model):
        model["classes"] = names
        cells = [{"actual": name, "predicted": name, "count": 40, "share": 1.0} for name in names]
        model["confusion"] = {
            part: {"cells": cells, "left_out": 0, "items": 1200} for part in ("test", "train")
        }
        spread = model["overview"]
        spread["ids"] = [spread["ids"][0]] * 30
        spread["label"] = spread["predicted"] = list(range(30))
        spread["x"], spread["y"] = [number % 3 for number in range(30)], [number % 2 for number in range(30)]

    page = open_page(with_models_changed(of_pictures, tmp_path, crowd), width=400, bypass_csp=True)
    label = page.locator("#model .chart.confusion .role-axis-label text").first
    assert label.bounding_box()["height"] > 10
    boxes = [text.bounding_box() for text in page.locator("#overview svg text").all()]
    assert len(boxes) == 30
    assert [pair for pair in combinations(boxes, 2) if covers(*pair)] == []
    assert fits(page, 400)
    assert violations(page) == []


def covers(one, other):
    """Whether letters of 13 pixels lie over others; their boxes hold the halo and the space between lines besides."""
    across = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
    return across > 5 and abs(one["y"] - other["y"]) < 12


def test_names_stay_inside_their_charts_and_captions_in_sight_on_a_phone(of_pictures, open_page):
    page = open_page(of_pictures, width=400)
    right = page.locator("#agreement svg").bounding_box()
    for text in page.locator("#agreement svg text").all():
        box = text.bounding_box()
        assert box["x"] + box["width"] <= right["x"] + right["width"] + 1
    for caption in page.locator(".scroll caption").filter(visible=True).all():
        box = caption.bounding_box()
        assert box["x"] + box["width"] <= 400


def test_nothing_is_said_of_runs_where_there_is_one(of_sounds, open_page):
    page = open_page(of_sounds)
    assert page.locator("#model .chart.runs").count() == 0
    assert page.locator(".card .of-runs").count() == 0
    said = page.locator("body").inner_text()
    assert "run 1" not in said
    assert "runs together" not in said
    assert "SD of runs" not in said
    assert "The dots mark the epoch that is kept." in said


def test_more_cards_come_and_the_focus_goes_to_them(of_pictures, open_page, tmp_path):
    def repeat(model):
        model["entries"] *= 10

    page = open_page(with_models_changed(of_pictures, tmp_path, repeat))
    assert page.locator(".card").count() == 24
    page.locator("#more").click()
    assert page.locator(".card").count() == 48
    place = "[...document.querySelectorAll('.card')].indexOf(document.activeElement.closest('.card'))"
    assert page.evaluate(place) == 24
    while page.locator("#more").is_visible():
        page.locator("#more").click()
    assert page.locator("#count").inner_text() == "{0} items, {0} shown.".format(
        page.locator(".card").count()
    )


@pytest.mark.parametrize(
    "place", ["#first-item", "#cards [aria-label^='Sound of']", "#cards [aria-label^='Kept part of']"]
)
def test_a_sound_plays_to_its_end(of_pictures, open_page, place):
    page = open_page(of_pictures)
    button = page.locator(f"{place} button" if place == "#first-item" else place).first
    assert page.locator("audio").count() == 0
    page.evaluate("document.addEventListener('ended', () => { window.ended = true; }, true)")
    button.focus()
    page.keyboard.press("Space")
    assert page.locator("audio").count() == 1
    page.wait_for_function("window.ended === true", timeout=10_000)
    assert button.get_attribute("aria-pressed") == "false"
    assert page.evaluate("document.querySelector('audio').duration") > 0.02  # seconds, as sonified
    assert asked_for(page) == []


def test_every_control_is_reached_by_the_keyboard_and_named(of_pictures, open_page):
    page = open_page(of_pictures)
    unnamed = page.evaluate(
        """[...document.querySelectorAll('button, select, [tabindex="0"]')].filter((element) =>
        !(element.getAttribute('aria-label') || element.textContent.trim() || element.labels?.length)).length"""
    )
    assert unnamed == 0
    assert page.locator("img:not([alt])").count() == 0
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    reached = set()
    for _ in range(170):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.dataset.key || ''"))
    assert {"theme", "subset", "view", "model", "class", "verdict-filter"} <= reached


@pytest.mark.parametrize(
    ("study", "scheme", "width"), [("of_pictures", "light", 1400), ("of_sounds", "dark", 400)]
)
def test_axe_finds_nothing(request, open_page, study, scheme, width):
    """All of its rules, and the one that is still on trial: visible text is part of each control's name."""
    page = open_page(request.getfixturevalue(study), width=width, color_scheme=scheme, bypass_csp=True)
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    assert violations(page) == []


def test_the_first_screen_shows_the_finding_and_one_item(made, open_page):
    page = open_page(made)
    kind = made.name.removeprefix("study of ")
    named = {
        "pictures": "of the sounds",
        "sounds": "of the recordings",
        "spectrograms": "of the spectrograms",
    }[kind]
    assert named in page.locator("h1").inner_text()
    assert page.locator("#first-item figure").count() == (4 if kind == "pictures" else 2)
    assert page.locator("#first-item button").count() == (kind != "spectrograms")
    last = page.locator("#first-item figure").last.bounding_box()
    assert last["y"] + last["height"] < 900


def test_the_contents_open_on_a_phone_and_stay_in_sight(of_pictures, open_page):
    page = open_page(of_pictures, width=400, reduced_motion="reduce")
    assert not page.locator("nav").is_visible()
    page.get_by_role("button", name="Contents").click()
    page.get_by_role("link", name="Gallery").click()
    assert not page.locator("nav").is_visible()
    assert page.locator("#gallery").bounding_box()["y"] < 100
    assert page.locator(".bar").bounding_box()["y"] == 0


def test_no_control_is_clipped_on_a_phone(of_pictures, open_page):
    page = open_page(of_pictures, width=400)
    clipped = page.evaluate(
        """[...document.querySelectorAll('main button, main select, main a, main summary')]
        .filter((one) => !one.closest('.scroll') && one.getBoundingClientRect().right > 400)
        .map((one) => one.outerHTML)"""
    )
    assert clipped == []


CONTRAST = """() => {
  const channels = (text) => text.match(/[\\d.]+/g).map(Number);
  const linear = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const found = channels(getComputedStyle(one).backgroundColor);
      if (found.length === 3 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || element.closest('script, style, svg, noscript, .skip, #vg-tooltip-element')) continue;
    const [a, b] = [light(channels(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.push(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
  }
  return [...new Set(low)];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_from_their_ground(of_pictures_in, scheme):
    """WCAG AA: a contrast of 4.5 to 1."""
    assert of_pictures_in(scheme).evaluate(CONTRAST) == []


def test_hostile_names_do_nothing_and_are_read(of_pictures_in):
    page = of_pictures_in("light")
    assert page.title().endswith("· pictures · Earshot")
    names = page.locator("#class option").all_inner_texts()
    assert names == ["all classes", *made_up.HOSTILE]
    assert page.locator("img[src='x']").count() == 0


def test_on_paper_it_is_short_and_warnings_are_open(of_pictures, open_page):
    page = open_page(of_pictures, color_scheme="dark", width=700)  # A4 between its margins
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").filter(visible=True).count() == 0
    assert page.locator("details.grave:not([open])").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 700
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details:not([open])").count() > 0
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) < 10
