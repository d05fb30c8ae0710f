"""The committed lib/: made from today's solutions, and every stub of it imports and says which exercise it is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from course.catalogue import load
from course.paths import ROOT
from course.release.stubs import BEGIN, differences, make_stubs

pytestmark = pytest.mark.skipif(
    not (ROOT / "solutions").is_dir(), reason="a student's lib/ is theirs: it is not compared with stubs"
)


def test_the_committed_lib_is_what_the_solutions_make():
    stale = differences(make_stubs(ROOT / "solutions", load()), ROOT / "lib")
    assert stale == [], "lib/ is out of date: run `uv run course stubs`, and commit it"


def test_every_stub_imports_and_names_its_exercise():
    script = Path(__file__).with_name("call_stubs.py")
    command = [sys.executable, "-W", "error", str(script), str(ROOT)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    raised = json.loads(run.stdout)

    regions = sum(path.read_text(encoding="utf-8").count(BEGIN) for path in (ROOT / "solutions").rglob("*.py"))
    assert len(raised) == regions, "a region is no function that can be called"
    catalogue = load()
    expected = {}
    for name in raised:
        file, qualified = name.split(":")
        symbol = qualified.split(".")[0]
        expected[name] = f"NotImplementedError: Exercise {catalogue.task_of(file, symbol).id}: {symbol}"
    assert raised == expected
    called = {(file, qualified.split(".")[0]) for file, qualified in (name.split(":") for name in raised)}
    assert called == {reference for task in catalogue.tasks for reference in task.references}


def test_no_line_of_a_region_is_left_in_lib():
    """Judged without the code that makes the stubs: every line of code between the markers, in all files together."""
    left = {line.strip() for path in (ROOT / "lib").rglob("*.py") for line in path.read_text("utf-8").splitlines()}
    for path in (ROOT / "solutions").rglob("*.py"):
        hidden = False
        for line in path.read_text("utf-8").splitlines():
            if "### " in line:
                hidden = line.strip() == BEGIN
            elif hidden and line.strip():
                assert line.strip() not in left, f"{path}: {line.strip()}"
