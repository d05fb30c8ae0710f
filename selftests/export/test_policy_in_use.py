"""The late policy as an instructor uses it: written into `course.toml`, applied by export and report, nowhere else."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course.paths import ROOT
from course.report.files import write_record
from selftests.report.records import made_record, made_task

COURSE = [sys.executable, "-c", "from course.cli.main import main; main()"]
DEADLINE = "2026-12-01T23:59:00Z"


@pytest.fixture(scope="module")
def course_with_policy(tmp_path_factory) -> Path:
    """A copy of the course in which the example of its `course.toml` is in force, with another deadline."""
    folder = tmp_path_factory.mktemp("course")
    for name in ("course", "solutions"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for script in ("train.py", "predict.py"):
        shutil.copyfile(ROOT / script, folder / script)
    lines = (ROOT / "course.toml").read_text().splitlines()
    text = "\n".join(line.removeprefix("#: ") for line in lines).replace("2026-12-18T23:59:00+01:00", DEADLINE)
    assert DEADLINE in text
    (folder / "course.toml").write_text(text)
    return folder


@pytest.fixture
def results(tmp_path) -> Path:
    for name in ("anna", "bo"):
        write_record(tmp_path / "results" / name, made_record(name, [made_task("1.2"), made_task("2.1")]))
    (tmp_path / "times.csv").write_text("submission,time\nanna,2026-12-01T20:00:00Z\nbo,2026-12-04T12:00:00Z\n")
    return tmp_path / "results"


def course(home: Path, cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(home)}
    return subprocess.run([*COURSE, *words], cwd=cwd, env=environment, capture_output=True, text=True, timeout=120)


def test_export_applies_it(course_with_policy, results):
    before = (results / "bo" / "results.json").read_bytes()
    run = course(course_with_policy, results.parent, "export", "results", "--times", "times.csv")
    assert run.returncode == 0, run.stderr
    anna, bo = csv.DictReader((results.parent / "csv.csv").open())
    late = {name: (bo[name], anna[name]) for name in bo if "late" in name or "counts" in name or name == "points"}
    first, second = (
        [f"Exercise {number}: {title}{word}" for word in (", days late", ", counts")]
        for number, title in ((1, "Train an encoder-decoder"), (2, "Dice loss, focal loss, regularisers"))
    )
    assert late == {
        first[0]: ("2", "0"),
        first[1]: ("4.8", "6"),
        second[0]: ("2", "0"),
        second[1]: ("4.8", "6"),
        "points": ("9.6", "12"),
    }
    assert bo["Exercise 1: Train an encoder-decoder"] == "6", "as earned"
    assert (results / "bo" / "results.json").read_bytes() == before


def test_without_times_it_is_asked_for_and_can_be_left_out(course_with_policy, results):
    run = course(course_with_policy, results.parent, "export", "results")
    assert run.returncode == 2
    assert "--no-late" in run.stderr
    run = course(course_with_policy, results.parent, "export", "results", "--no-late", "--format", "moodle")
    assert run.returncode == 0
    assert [row[-1] for row in csv.reader((results.parent / "moodle.csv").open())][1:] == ["6", "6"]


def test_the_platform_goes_before_what_submissions_say(course_with_policy, results):
    for name in ("anna", "bo"):
        (results.parent / "class" / name / "lib").mkdir(parents=True)
        path = results.parent / "class" / name / "lib" / "losses.py"
        path.touch()
        os.utime(path, (0, 0))
    (results.parent / "times.csv").write_text("submission,time\nbo,2026-12-30T12:00:00Z\n")
    words = ["export", "results", "--times", "times.csv", "--submissions", "class"]
    assert course(course_with_policy, results.parent, *words).returncode == 0
    anna, bo = csv.DictReader((results.parent / "csv.csv").open())
    assert (anna["points"], bo["points"]) == ("12", "6"), "the cap"
    assert anna["handed_in"].startswith("1970-01-01")


def test_the_report_shows_it(course_with_policy, results):
    run = course(course_with_policy, results.parent, "report", "results", "--times", "times.csv")
    assert run.returncode == 0, run.stderr
    assert "2 days, -20 %" in (results.parent / "class.html").read_text()
