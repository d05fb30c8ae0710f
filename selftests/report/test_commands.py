"""From submissions to pages and marks with the commands that an instructor types."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from course.paths import ROOT

COURSE = [sys.executable, "-c", "from course.cli.main import main; main()"]
HOSTILE = "<img src=x onerror=window.ran=1>"


def course(cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"COURSE_SANDBOX": "none", "NO_COLOR": "1", "COLUMNS": "100"}
    return subprocess.run([*COURSE, *words], cwd=cwd, env=environment, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Path:
    """A folder in which three submissions were graded for one exercise's quick tasks."""
    folder = tmp_path_factory.mktemp("class")
    right = (ROOT / "solutions" / "losses.py").read_text()
    texts = {
        "anna": right,
        "bo": right.replace("return 1 - dice.mean()", "return dice.mean()"),
        HOSTILE: f"raise ValueError({HOSTILE!r})",
    }
    for name, text in texts.items():
        (folder / "submissions" / name / "lib").mkdir(parents=True)
        (folder / "submissions" / name / "lib" / "losses.py").write_text(text)
    run = course(folder, "grade", "submissions", "--out", "results", "--tasks", "2.1,2.5", "--seed", "3", "--jobs", "1")
    assert run.returncode == 0, run.stderr
    return folder


def test_feedback_for_each(graded, visit):
    run = course(graded, "feedback", "results", "--out", "feedback")
    assert run.returncode == 0, run.stderr
    assert run.stdout == "3 pages in feedback\n"
    pages = {path.stem: path.read_text() for path in (graded / "feedback").glob("*.html")}
    assert set(pages) == {"anna", "bo", HOSTILE}
    seen = visit(pages["bo"])
    assert seen.page.locator(".diagnosis").count() == 1
    assert seen.page.locator("svg.chart").count() == 2, "the loss over the logits of both classes"
    assert visit(pages["anna"]).page.locator("svg.chart, .diagnosis, .hint").count() == 0
    seen = visit(pages[HOSTILE])
    assert (seen.page.evaluate("window.ran"), seen.said) == (None, [])
    assert HOSTILE in seen.page.inner_text("main"), "it is in the message of the error"


def test_report_on_all(graded, visit):
    run = course(graded, "report", "results", "--submissions", "submissions", "--out", "class.html")
    assert run.returncode == 0, run.stderr
    seen = visit((graded / "class.html").read_text())
    assert (seen.page.evaluate("window.ran"), seen.said) == (None, [])
    assert "3 submissions" in seen.page.inner_text("h1")
    assert HOSTILE in seen.page.inner_text("#stuck")
    assert "No two submissions" in seen.page.inner_text("#look")


def test_export_of_all(graded):
    run = course(graded, "export", "results", "--format", "canvas")
    assert run.returncode == 0, run.stderr
    rows = list(csv.reader((graded / "canvas.csv").open()))
    assert {row[3]: row[-1] for row in rows[2:]} == {"anna": "10", "bo": "4", HOSTILE: "0"}


@pytest.mark.parametrize("command", ["feedback", "report", "export"])
def test_a_folder_without_results_gets_a_sentence(tmp_path, command):
    run = course(tmp_path, command, ".")
    assert run.returncode == 2
    assert "There is no record in" in run.stderr
    assert not list(tmp_path.iterdir())
