"""The demo as a lecturer starts it, and a browser to look at it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from course.paths import ROOT

COURSE = Path(sys.executable).with_name("course")
START = 180  # seconds; on an idle machine it takes four
PATIENCE = 120_000  # milliseconds for anything on the page


def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def demo():
    """Start `course demo` with one student, and return its address. It must end by itself when it is told to."""
    if chromium() is None:
        pytest.skip("No Chromium is installed (Debian: apt install chromium): the pages are not tested.")
    words = [COURSE, "demo", "--no-browser", "--port", str(free_port()), "--sandbox", "none"]
    words += ["--students", ROOT / "examples" / "submissions" / "typical-mistakes"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    watchdog = threading.Timer(START, server.kill)
    watchdog.start()
    printed = []
    for line in server.stdout:
        printed.append(line)
        if "Press ?" in line:
            break
    watchdog.cancel()
    address = re.search(r"http://127\.0\.0\.1:\d+/", "".join(printed))
    assert address, "".join(printed)
    reader = threading.Thread(target=lambda: printed.extend(server.stdout), daemon=True)
    reader.start()
    yield address[0]
    server.send_signal(signal.SIGTERM)
    try:
        assert server.wait(60) == 0
    finally:
        server.kill()
        reader.join(10)
    assert "Traceback" not in "".join(printed), "".join(printed)


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")  # while playwright runs, nothing else can start an event loop in this process
def browser(demo):
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    arguments += ["--disable-component-update", "--disable-sync"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        yield running
        running.close()


@pytest.fixture(scope="module")
def opened(browser, demo):
    """The page, opened once for all tests, with what it complains about and whom it asks."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.set_default_timeout(PATIENCE)
    complaints, hosts = [], set()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: hosts.add(request.url.split("/")[2] if "://" in request.url else "inline"))
    page.goto(demo)
    page.wait_for_selector("#numbers .bar")
    return page, complaints, hosts


@pytest.fixture
def page(opened, demo):
    """The page at its first tab. No test may leave an error on the console, or ask another machine for anything."""
    page, complaints, hosts = opened
    page.set_viewport_size({"width": 1280, "height": 720})
    page.evaluate("document.activeElement && document.activeElement.blur()")
    page.keyboard.press("1")
    yield page
    assert complaints == []
    assert hosts <= {demo.split("/")[2], "inline"}
