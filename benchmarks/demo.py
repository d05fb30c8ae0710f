"""Measure the demo: how long until it is there, how long a stroke takes, and what the page costs a training.

    uv run python -m benchmarks.demo

Needs Chromium. Everything is measured as a lecturer meets it: the command in a process of its own, a real browser.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from course.demo.live import Duel, Plan, fast_format
from course.demo.sources import REFERENCE, House
from course.errors import CourseError

COURSE = Path(sys.executable).with_name("course")
STROKES = 20
SECONDS = 30


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--starts", type=int, default=3, help="how often to start it; default: 3")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each training; default: 30")
    args = parser.parse_args()
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    starts, computed = [], []
    for number in range(args.starts):
        with Page() as page:
            starts.append(page.seconds)
            computed.append(page.until_paint)
            if number == args.starts - 1:
                before = page.computed()
                report("stroke to updated losses (ms)", page.strokes(STROKES))
                print(f"computed by the server for each stroke: {1000 * (page.computed() - before) / STROKES:.0f} ms")
                live = page.training(args.seconds)
    report("command to first paint (s)", starts)
    report("computed by the command until then (s)", computed)
    alone = training_alone(args.seconds)
    for name, with_page, without in zip(("EncDec", "UNet"), live, alone, strict=True):
        print(f"{name}: {with_page:.2f} steps/s with the page, {without:.2f} without: {with_page / without:.0%}")
    print(f"load after: {os.getloadavg()[0]:.1f}; bfloat16: {fast_format()}")


def report(what: str, values: list[float]) -> None:
    """Print median, least and most."""
    print(f"{what}: median {statistics.median(values):.2f} of {len(values)} ({min(values):.2f} to {max(values):.2f})")


class Page:
    """`course demo` and a browser that shows it.

    Attributes:
        seconds: from the start of the command until losses are on the screen; the browser had been started before.
        until_paint: seconds that the command's own process computed until then: on a busy machine the better measure.
    """

    def __enter__(self) -> "Page":
        from playwright.sync_api import sync_playwright

        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        if chromium is None:
            raise CourseError("No Chromium is installed (Debian: apt install chromium).")
        self._playwright = sync_playwright().start()
        arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
        self._browser = self._playwright.chromium.launch(executable_path=chromium, args=arguments)
        self.page = self._browser.new_page(viewport={"width": 1280, "height": 720})
        self.page.set_default_timeout(300_000)
        start = time.perf_counter()
        self._server = subprocess.Popen(
            [COURSE, "demo", "--no-browser"],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        for line in self._server.stdout:
            if address := re.search(r"http://\S+:\d+/", line):
                break
        self.page.goto(address[0])
        self.page.wait_for_selector("#numbers .bar")
        self.seconds = time.perf_counter() - start
        self.until_paint = self.computed()
        return self

    def computed(self) -> float:
        """Return how many seconds the command's own process has computed; nan where the system does not tell."""
        stat = Path(f"/proc/{self._server.pid}/stat")
        if not stat.is_file():
            return float("nan")
        user, system = stat.read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def strokes(self, count: int) -> list[float]:
        """Return the milliseconds from a touch of the brush until the new losses stand on the page."""
        box = self.page.locator("#paint canvas").bounding_box()
        self.page.wait_for_timeout(5000)  # what is started in the background is another measurement
        self.page.evaluate(
            """() => {
              window.times = [];
              document.querySelector('#paint canvas').addEventListener('pointerdown', () => {
                const start = performance.now(), area = document.querySelector('#numbers');
                const seen = area.querySelector('[data-stroke]').dataset.stroke;
                new MutationObserver((_, me) => {
                  if (area.querySelector('[data-stroke]')?.dataset.stroke === seen) return;
                  me.disconnect();
                  requestAnimationFrame(() => window.times.push(performance.now() - start));
                }).observe(area, {childList: true, subtree: true, characterData: true, attributes: true});
              });
            }"""
        )
        for number in range(count):
            self.page.mouse.move(box["x"] + 20 + 14 * number, box["y"] + 60)
            self.page.mouse.down()
            self.page.mouse.up()
            self.page.wait_for_function("n => window.times.length > n", arg=number)
            self.page.wait_for_timeout(200)
        return self.page.evaluate("window.times")

    def training(self, seconds: float) -> list[float]:
        """Return the steps per second of both trainings of "Skips or none", the first seconds not counted."""
        self.page.keyboard.press("2")
        self.page.get_by_role("button", name="Skips or none").click()
        facts = "[...document.querySelectorAll('#race .facts')].map(f => Number(f.dataset.steps))"
        self.page.wait_for_function(f"{facts}.filter(n => n > 0).length === 2")
        before, start = self.page.evaluate(facts), time.perf_counter()
        self.page.wait_for_timeout(1000 * seconds)
        after, spent = self.page.evaluate(facts), time.perf_counter() - start
        return [(b - a) / spent for a, b in zip(before, after, strict=True)]

    def __exit__(self, *_: object) -> None:
        self._browser.close()
        self._playwright.stop()
        self._server.terminate()
        self._server.wait()


def training_alone(seconds: float) -> list[float]:
    """Return the steps per second of the same two trainings, side by side as on the page, without a page."""
    house, duel = House(), Duel()
    source = house.sources[REFERENCE]
    try:
        duel.start([Plan(source, network, "Cross-entropy", "cells", 0) for network in ("EncDec", "UNet")])
        while not all(status.steps for status in duel.status()):
            time.sleep(0.1)
        before, start = [status.steps for status in duel.status()], time.perf_counter()
        time.sleep(seconds)
        after, spent = [status.steps for status in duel.status()], time.perf_counter() - start
        return [(b - a) / spent for a, b in zip(before, after, strict=True)]
    finally:
        duel.close()
        house.close()


if __name__ == "__main__":
    main()
