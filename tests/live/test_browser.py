"""The page in a real browser: something is drawn or brought, heard and answered, by hand and by keys."""

import threading
from http.server import ThreadingHTTPServer

import pytest

import earshot
from earshot.live import explained
from earshot.live.server import Server
from earshot.live.study import open_study
from tests.browser import fits, launched, listen, needed, violations
from tests.live.conftest import MODELS

pytestmark = [needed, pytest.mark.slow]


@pytest.fixture(scope="module")
def address(live_study):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(live_study)
        # networks that learned nothing have maps no better than chance
        patch.setattr(explained, "DRAWN", -3.0)
        server: ThreadingHTTPServer = Server(open_study("models"))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.address
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def browser():
    with launched() as chromium:
        yield chromium


@pytest.fixture
def page(browser, address):
    page = listen(browser.new_page(viewport={"width": 1400, "height": 900}, bypass_csp=True))
    page.goto(address)
    page.wait_for_selector("html[data-ready]")
    yield page
    page.close()


def draw(page):
    """A stroke of the mouse across the pad."""
    box = page.locator("#pad").bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 160, steps=4)
    page.mouse.up()
    page.wait_for_selector("#tiles .map-tile")


def plays_to_its_end(page, button):
    page.evaluate(
        "document.addEventListener('ended', () => { window.ended = true; }, { capture: true, once: true })"
    )
    button()
    page.wait_for_function("window.ended === true", timeout=10_000)


def test_a_stroke_is_answered_heard_and_explained(page, address):
    draw(page)
    print("milliseconds from stroke to answer:", page.evaluate("document.documentElement.dataset.took"))
    assert page.locator("#answers article").count() == 2
    assert page.locator("#said").inner_text().endswith(".")
    assert page.locator("#answers li").count() == 6
    names = page.locator("#tiles figcaption").all_inner_texts()
    assert names == ["Picture", "Spectrogram", "What comes back", "Map"]
    plays_to_its_end(page, lambda: page.keyboard.press("h"))
    plays_to_its_end(page, page.get_by_role("button", name="Hear the part that the map keeps").click)
    with page.expect_download() as download:
        page.get_by_role("link", name="Save drawing.png").click()
    drawn = earshot.load(f"models/{MODELS[0]}").predict(download.value.path().rename("drawing.png"))
    bars = page.locator("#answers article").first.locator(".value").all_inner_texts()
    assert bars == [f"{100 * share:.1f}\xa0%" for share in drawn.probabilities.values()]
    own = (address.partition("?")[0], "data:", "blob:")
    assert [noise for noise in page.noise if not noise.startswith(own)] == []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
    assert fits(page, 400)
    assert violations(page) == []
    page.keyboard.press("c")
    assert page.locator("#said").inner_text() == "Nothing is given yet."


def test_all_goes_by_keys(page):
    page.locator("#pad").focus()
    for key in ("Space", "ArrowRight", "ArrowDown", "Space"):
        page.keyboard.press(key)
    page.wait_for_selector("#answers article")
    page.wait_for_function(
        "document.querySelector('#pen').textContent.startsWith('Pen up, column 10, row 10')"
    )
    page.keyboard.press("n")  # a test item
    page.wait_for_function("document.querySelector('#said').textContent.includes('; it is ')")
    before = page.locator("#answers").inner_text()
    page.locator("#slide-rows").focus()
    page.keyboard.press("Home")
    page.wait_for_selector("#notes li")
    assert page.locator("#answers").inner_text() != before
    page.keyboard.press("0")  # as trained
    page.wait_for_selector("#notes li", state="detached")  # at once, and the answer when it is there
    page.wait_for_function("before => document.querySelector('#answers').innerText === before", arg=before)
    unnamed = page.evaluate(
        """[...document.querySelectorAll('button, select, input, canvas')].filter((one) =>
        !(one.getAttribute('aria-label') || one.getAttribute('aria-labelledby') || one.textContent.trim()
          || one.labels?.length)).length"""
    )
    assert unnamed == 0


def test_a_sound_is_brought(page, tmp_path):
    earshot.load(f"models/{MODELS[0]}").sonify("one.png").save(tmp_path / "one.wav")
    page.locator("#file").set_input_files(tmp_path / "one.wav")
    page.wait_for_selector("#answers article")
    assert page.locator("#answers article").count() == 1
    assert "cannot be asked about a sound" in page.locator("#notes").inner_text()
    assert page.locator("#slide-rows").is_disabled()
    assert page.locator("#slide-noise_snr_db").is_enabled()
    plays_to_its_end(page, page.get_by_role("button", name="Hear it").click)
    (tmp_path / "bad.png").write_bytes(b"no picture")
    page.locator("#file").set_input_files(tmp_path / "bad.png")
    page.wait_for_selector("#problem:visible")
    assert "bad.png: not a picture" in page.locator("#problem").inner_text()
    page.route("**/answer*", lambda route: route.abort())
    page.locator("#file").set_input_files(tmp_path / "one.wav")
    page.get_by_text("The server does not answer").wait_for()


def test_the_microphone_and_the_camera_are_asked(page):
    page.keyboard.press("r")
    page.get_by_role("button", name="Stop recording, 1 s").click()
    page.get_by_role("link", name="Save recording.wav").wait_for()
    page.wait_for_selector("#answers article")
    assert page.locator("#answers article").count() == 1
    page.keyboard.press("p")
    page.wait_for_function("document.querySelector('#camera').videoWidth > 0")
    page.keyboard.press("p")
    page.get_by_role("link", name="Save drawing.png").wait_for()
    assert not page.locator("#camera").is_visible()
