"""What a release's workflow tells GitHub: the points as GitHub Classroom reads them, and a table for everybody."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from course.errors import CourseError
from course.grading.record import CheckResult, Diagnosis, Environment, Results, TaskResult
from course.paths import ROOT
from course.report.classroom import main, summary
from course.report.files import write_record

EVIL = "got <script>alert(1)</script> | ::error::no\n::set-output name=x::y \x1b[31m"
# What GitHub Classroom's reporter writes: a title that it looks for, and JSON.
REPORT = re.compile(r"^::notice title=Autograding report::(?P<json>\{.*\})$", re.MULTILINE)


def task(task_id: str, verdict: str, points: float, message: str = "", diagnosis: str = "") -> TaskResult:
    check = CheckResult(name="a", sentence="A.", verdict=verdict, message=message, points=points, max_points=6)
    named = Diagnosis(name="slug", sentence=diagnosis) if diagnosis else None
    return TaskResult(
        id=task_id, symbol="Loss", points=points, max_points=6, verdict=verdict, message=message, diagnosis=named,
        seconds=1, checks=[check],
    )  # fmt: skip


@pytest.fixture
def record() -> Results:
    environment = Environment(
        course="1", graders="0", python="3", torch="2", torchvision="0", device="cpu", seed=0, sandbox="none"
    )
    tasks = [
        task("1.2", "passed", 6),
        task("2.1", "failed", 2.5, EVIL),
        task("2.2", "failed", 0, "got 1", "This is a sum."),
        task("2.3", "not_attempted", 0, "not written"),
    ]
    return Results(submission="me", points=8.5, max_points=24, environment=environment, tasks=tasks)


def test_the_points_are_where_classroom_reads_them(
    record: Results, tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    write_record(tmp_path / "results" / "me", record)
    main(tmp_path / "results")
    printed = capsys.readouterr().out
    assert json.loads(REPORT.search(printed)["json"]) == {"totalPoints": 8.5, "maxPoints": 24}
    assert "::notice title=Autograding complete::Points 8.5/24" in printed.splitlines()
    assert len(printed.splitlines()) == 2
    assert (tmp_path / "summary.md").read_text(encoding="utf-8") == summary(record)


def test_the_table_has_a_row_for_each_task_and_nothing_else(record: Results) -> None:
    lines = summary(record).splitlines()
    assert lines[0] == "## 8.5 of 24 points"
    rows = [line for line in lines if line.startswith("| ") and not line.startswith("| |")]
    assert len(rows) == 4
    assert rows[0] == "| ✓ | 1.2 Loss | 6 / 6 |  |"
    assert rows[2].endswith("| This is a sum. |")


def test_a_students_text_is_no_page_and_no_command(record: Results) -> None:
    text = summary(record)
    assert "<script" not in text and "\x1b" not in text
    assert not any(line.startswith("::") for line in text.splitlines())
    assert all(len(re.split(r"(?<!\\)\|", line)) == 6 for line in text.splitlines() if line.startswith("| "))


@pytest.mark.parametrize("count", [0, 2])
def test_there_must_be_one_record(count: int, record: Results, tmp_path: Path) -> None:
    for number in range(count):
        write_record(tmp_path / str(number), record)
    with pytest.raises(CourseError, match=f"holds {count} records"):
        main(tmp_path)


def test_it_runs_as_the_workflow_runs_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "course.report.classroom", str(tmp_path)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.strip().startswith(f"{tmp_path} holds 0 records")


def test_the_workflow_has_the_names_that_classroom_asks_for(released: Path) -> None:
    text = (released / ".github" / "workflows" / "classroom.yml").read_text(encoding="utf-8")
    assert re.search(r"^name: Autograding Tests$", text, re.MULTILINE)
    assert re.search(r"^  run-autograding-tests:$", text, re.MULTILINE)
    project = tomllib.loads((released / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["pytest"]["ini_options"]["submission"] == "."
    for command in re.findall(r"uv run (.+)", text):
        words = command.split()
        assert words[0] == "course" or (released / (words[2].replace(".", "/") + ".py")).is_file(), command
