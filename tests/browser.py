"""A real browser for tests of pages: Chromium without a window, and axe-core to look for what shuts people out."""

import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api")
AXE = pytest.importorskip("axe_playwright_python")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
# a camera and a microphone that are made up, and allowed
FLAGS += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
needed = pytest.mark.skipif(
    CHROMIUM is None, reason="no program named chromium or chromium-browser: install it"
)


@contextmanager
def launched():
    """Chromium, to open pages in."""
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


def listen(page):
    """The page; what it says on the console and what it asks for are in `page.noise` from here on."""
    page.noise = []
    page.on("console", lambda message: page.noise.append(message.text))
    page.on("pageerror", lambda error: page.noise.append(str(error)))
    page.on("request", lambda request: page.noise.append(request.url))
    return page


def fits(page, width):
    """Whether nothing sticks out at the right of a window of this width."""
    page.set_viewport_size({"width": width, "height": 900})
    return page.evaluate("document.documentElement.scrollWidth") <= width


def violations(page):
    """What axe-core finds on the page: each rule, and the elements that break it."""
    page.evaluate((Path(AXE.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({rules: {'label-content-name-mismatch': {enabled: true}}})")["violations"]
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
