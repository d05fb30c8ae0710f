"""The site in a real browser: from files and from a server, without a word to any other host."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

PAGES = [
    "index.html",
    "lectures/losses-under-imbalance.html",
    "exercises/ex02.html",
    "docs/grading.html",
    "claims.html",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that keeps what it asked for, and what its console said."""
    opened = browser.new_page(viewport={"width": 1280, "height": 720})
    opened.asked, opened.said = [], []
    opened.on("request", lambda request: opened.asked.append(request.url))
    opened.on("console", lambda message: opened.said.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: opened.said.append(str(error)))
    yield opened
    opened.close()


@pytest.fixture
def served(site: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def test_pages_open_from_files_and_ask_nobody_else(site: Path, page: Page):
    for name in PAGES:
        page.goto((site / name).as_uri())
        assert page.locator("h1").first.is_visible()
    assert page.said == []
    assert {urlsplit(url).scheme for url in page.asked} <= {"file", "data"}
    assert len(page.asked) > len(PAGES)


def test_pages_open_from_a_server_and_ask_nobody_else(served: str, page: Page):
    for name in PAGES:
        assert page.goto(served + name).ok
    assert page.said == []
    assert {urlsplit(url).netloc for url in page.asked if not url.startswith("data:")} == {urlsplit(served).netloc}


def test_formulas_are_drawn_and_stand_on_their_line(site: Path, page: Page):
    page.goto((site / "exercises/ex02.html").as_uri())
    formulas = page.locator(".formula svg")
    assert formulas.count() >= 20
    for number in range(formulas.count()):
        box = formulas.nth(number).bounding_box()
        assert box["width"] > 4
        assert box["height"] > 4
    text = page.locator("article").inner_text()
    assert "$" not in text
    assert "\\frac" not in text
    line = page.locator("p:has(> span.formula)").first
    inline = line.locator("span.formula svg").first.bounding_box()
    around = line.bounding_box()
    assert around["y"] - 2 <= inline["y"]
    assert inline["y"] + inline["height"] <= around["y"] + around["height"] + 2
    assert inline["height"] < 40


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_window(site: Path, page: Page, width: int):
    page.set_viewport_size({"width": width, "height": 800})
    for name in PAGES:
        page.goto((site / name).as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_search_finds_without_a_server(site: Path, page: Page):
    page.goto((site / "index.html").as_uri())
    page.locator("input[name=q]").first.fill("checkerboard")
    page.locator("input[name=q]").first.press("Enter")
    page.locator("ul.search li").first.wait_for()
    found = page.locator("ul.search li").all_inner_texts()
    assert any("Building blocks" in text for text in found)
    assert page.said == []
    assert {urlsplit(url).scheme for url in page.asked} <= {"file", "data"}


def test_diagnoses_are_closed_until_they_are_opened(site: Path, page: Page):
    page.goto((site / "lectures/pitfalls.html").as_uri())
    diagnosis = page.get_by_text("The files of this data set hold 0 and 1")
    assert not diagnosis.is_visible()
    page.locator("summary", has_text="Case 1").first.click()
    assert diagnosis.is_visible()
