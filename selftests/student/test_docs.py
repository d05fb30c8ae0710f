"""What docs/students.md says appears is what appears: its five messages are made anew from real submissions."""

import pytest

from course.catalogue import load
from course.cli.main import COMMANDS
from course.paths import ROOT
from course.student.message import about
from selftests.student.conftest import edit

DOCS = (ROOT / "docs" / "students.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("example", "task"),
    [
        ("typical-mistakes", "2.1"),
        ("typical-mistakes", "2.3"),
        ("typical-mistakes", "3.1"),
        ("perfect", "2.1"),
        ("broken", "3.1"),
    ],
)
def test_an_example_of_the_docs_is_what_a_student_sees(student, grader, example, task):
    home = student(example)
    if example == "perfect":
        edit(
            home.lib / "losses.py",
            "probability.sum(pixels) + y_true.sum(pixels)",
            "probability.sum(pixels) + y_true.sum(axis=pixel)",
        )
    shown = about(load().task(task), grader.grade(task).tasks[0], home, load()).text(80).plain
    assert f"```\n{shown}\n```" in DOCS
    assert max(map(len, shown.splitlines())) <= 80


def test_every_command_of_the_docs_is_there():
    for name in ("check", "watch", "show", "hint", "reset", "solution", "list", "doctor", "job"):
        assert f"uv run course {name}" in DOCS
        assert name in [command for command, _, _ in COMMANDS]
