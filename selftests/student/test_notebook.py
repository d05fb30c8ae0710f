"""Checks from a notebook: in a real kernel, with real output, and in plain Python."""

import json
import os
import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from course.notebook import Report, check
from course.paths import ROOT
from selftests.student.conftest import edit


def test_a_check_in_plain_python_shows_text_and_html(student):
    home = student("typical-mistakes")
    report = check("2.1", submission=home.folder)
    assert not report.passed
    lines = repr(report).splitlines()
    assert lines[0] == "✗ 2.1 Dice loss: failing, 0 / 6 points"
    assert "turn them into probabilities first" in " ".join(repr(report).split())
    html = report._repr_html_()
    assert "turn them into probabilities first" in html
    assert html.count("<tr>") == 3, "the task and its two checks"

    edit(home.lib / "losses.py", "p = y_pred\n", "p = torch.sigmoid(y_pred)\n")
    report = check("2.1", submission=home.folder)
    assert report.passed, "what is on the disk now"
    assert repr(report) == "✓ 2.1 Dice loss: done, 6 / 6 points"


def test_words_of_the_student_are_escaped(student):
    home = student("typical-mistakes")
    edit(
        home.lib / "losses.py",
        "        p = y_pred\n",
        '        raise ValueError("<script>alert(1)</script>")\n        p = y_pred\n',
    )
    html = check("2.1", submission=home.folder)._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


@pytest.fixture
def course_folder(student) -> Path:
    """A folder that looks like the course's, so that a notebook in it finds its `lib/`."""
    home = student("typical-mistakes")
    shutil.copy(ROOT / "course.toml", home.folder)
    (home.folder / "notebooks" / "ex02").mkdir(parents=True, exist_ok=True)
    return home.folder


def test_a_notebook_runs_it_in_a_cell_and_as_a_command(course_folder, monkeypatch):
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    cells = ["from course.notebook import check", 'check("2.1")', "!course check 2.1"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    folder = course_folder / "notebooks" / "ex02"
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    outputs = notebook.cells[1].outputs
    (result,) = [output for output in outputs if output.output_type == "execute_result"]
    assert "turn them into probabilities first" in result.data["text/html"]
    assert result.data["text/plain"].startswith("✗ 2.1 Dice loss: failing")
    printed = "".join(output.text for output in notebook.cells[2].outputs if output.output_type == "stream")
    assert "turn them into probabilities first" in " ".join(printed.split())
    assert "Again: uv run course check 2.1" in printed
    assert "\x1b" not in json.dumps(printed), "no cursor movements in a cell"


def test_an_unknown_task_is_a_sentence(student):
    from course.errors import CourseError

    with pytest.raises(CourseError, match="There is no task 9.9"):
        check("9.9", submission=student("perfect").folder)


def test_a_report_without_anything_to_do_has_no_message(student):
    report = check("2.4", submission=student("perfect").folder)
    assert isinstance(report, Report)
    assert "border-left" not in report._repr_html_()
