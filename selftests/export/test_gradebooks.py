"""Exports as an instructor makes them: columns that the systems ask for, whole lines, no formulas, no lost marks."""

import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from course.report.files import write_record
from selftests.report.records import made_record, made_task

COURSE = [sys.executable, "-c", "from course.cli.main import main; main()"]
HOSTILE = "=cmd|' -C calc'!A0"
ROSTER = """submission,id,username,email,first_name,last_name,section,canvas_id
anna,1001,anna1,anna@uni.edu,Anna,"Müller, von",A,77
bo,1002,bo2,bo@uni.edu,Bo,=HYPERLINK("http://x"),B,78
bo,1003,cy3,cy@uni.edu,Cy,Ng,B,79
"""


@pytest.fixture
def results(tmp_path) -> Path:
    for name, points in (("anna", 6), ("bo", 2)):
        second = made_task("2.1", "failed", "no", points=points) if points < 6 else made_task("2.1")
        write_record(tmp_path / "results" / name, made_record(name, [made_task("1.2"), second]))
    (tmp_path / "roster.csv").write_text(ROSTER)
    return tmp_path / "results"


def course(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COURSE, *map(str, words)], cwd=cwd, capture_output=True, text=True, timeout=120)


def exported(results: Path, format_: str, *words: object) -> list[list[str]]:
    out = results.parent / "out.csv"
    run = course("export", results, "--format", format_, "--out", out, *words, cwd=results.parent)
    assert run.returncode == 0, run.stderr
    text = out.read_bytes().decode()
    rows = list(csv.reader(io.StringIO(text)))
    assert len({len(row) for row in rows}) == 1, "every line has all columns"
    return rows


def test_canvas(results):
    header, possible, anna, bo, cy = exported(
        results, "canvas", "--roster", results.parent / "roster.csv", "--name", "1=Lab 1 (4711)"
    )
    assert header == [
        "Student",
        "ID",
        "SIS User ID",
        "SIS Login ID",
        "Section",
        "Lab 1 (4711)",
        "Exercise 2: Dice loss, focal loss, regularisers",
    ]
    assert possible == ["    Points Possible", "", "", "", "", "24", "26"]
    assert anna == ["Müller, von, Anna", "77", "1001", "anna1", "A", "6", "6"]
    assert bo == ['\'=HYPERLINK("http://x"), Bo', "78", "1002", "bo2", "B", "6", "2"]
    assert cy[3:] == ["cy3", "B", "6", "2"], "both of a group have its mark"


def test_moodle(results):
    header, anna, *_ = exported(results, "moodle", "--roster", results.parent / "roster.csv")
    assert header[:3] == ["Username", "ID number", "Email address"]
    assert anna == ["anna1", "1001", "anna@uni.edu", "6", "6"]


def test_brightspace(results):
    header, anna, *_ = exported(results, "brightspace", "--roster", results.parent / "roster.csv")
    assert (header[0], header[1], header[-1]) == ("OrgDefinedId", "Username", "End-of-Line Indicator")
    assert all(name.endswith(" Points Grade") for name in header[2:-1])
    assert anna == ["1001", "anna1", "6", "6", "#"]


def test_nbgrader_has_the_columns_of_its_own_export(results, tmp_path):
    from nbgrader.plugins.export import CsvExportPlugin

    plugin = CsvExportPlugin()
    plugin.to = str(tmp_path / "own.csv")
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as gradebook:
        plugin.export(gradebook)
    header, *rows = exported(results, "nbgrader")
    assert header == (tmp_path / "own.csv").read_text().strip().split(",")
    assert [(row[0], row[3], row[7], row[8], row[9], row[10]) for row in rows] == [
        ("ex01", "anna", "6", "0", "6", "24"),
        ("ex01", "bo", "6", "0", "6", "24"),
        ("ex02", "anna", "6", "0", "6", "26"),
        ("ex02", "bo", "2", "0", "2", "26"),
    ]


@pytest.mark.parametrize("format_", ["csv", "canvas", "moodle", "brightspace", "nbgrader"])
def test_without_a_roster_submissions_are_called_by_user_names(results, format_):
    assert any("anna" in row for row in exported(results, format_))


@pytest.mark.parametrize("format_", ["csv", "canvas", "moodle", "brightspace", "nbgrader"])
def test_no_cell_is_a_formula(results, format_):
    for name in (HOSTILE, "+1", "@x", "a,b\nc", 'q"q'):
        write_record(results / name.replace("\n", "_"), made_record(name, [made_task("1.2"), made_task("2.1")]))
    rows = exported(results, format_)
    assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@\t\r")]
    extra = {"canvas": 2, "nbgrader": 1}.get(format_, 1)
    assert len(rows) == (7 if format_ != "nbgrader" else 14) + extra


def test_what_the_graders_could_not_decide_is_no_zero(results):
    write_record(results / "cy", made_record("cy", [made_task("1.2"), made_task("2.1", "grader_error")]))
    rows = exported(results, "moodle")
    assert rows[-1][-2:] == ["6", ""]
    run = course("export", results, "--format", "moodle", cwd=results.parent)
    assert "Grader errors in 1 submissions (cy)" in run.stdout


def test_a_mark_that_is_nobodys_is_an_error(results):
    write_record(results / "dana", made_record("dana", [made_task("1.2"), made_task("2.1")]))
    run = course("export", results, "--roster", "roster.csv", cwd=results.parent)
    assert run.returncode == 2
    assert "no line for the submission dana" in run.stderr


@pytest.mark.parametrize(
    ("roster", "sentence"),
    [("name\nanna\n", "needs the column submission"), ("submission,grade\nanna,1\n", "there is also grade")],
)
def test_a_roster_that_is_none(results, roster, sentence):
    (results.parent / "roster.csv").write_text(roster)
    run = course("export", results, "--roster", "roster.csv", cwd=results.parent)
    assert run.returncode == 2
    assert sentence in " ".join(run.stderr.split())


def test_records_of_different_tasks_are_not_exported(results):
    write_record(results / "cy", made_record("cy", [made_task("1.2")]))
    run = course("export", results, cwd=results.parent)
    assert run.returncode == 2
    assert "different tasks" in run.stderr


def test_an_exercise_that_there_is_not(results):
    run = course("export", results, "--name", "99=Lab", cwd=results.parent)
    assert run.returncode == 2
    assert "--name" in run.stderr


def test_no_results(tmp_path):
    run = course("export", tmp_path, cwd=tmp_path)
    assert run.returncode == 2
    assert "There is no record" in run.stderr
