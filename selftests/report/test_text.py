"""Text that came from a student: harmless on a terminal, in JSON, in a spreadsheet, and never long."""

import csv
import io
import json

import pytest
from rich.console import Console

from course.catalogue import load
from course.grading.batch import not_graded
from course.grading.run import Settings
from course.report.grades_csv import grades_csv
from course.report.table import grades_table
from course.report.text import MAX_LENGTH, harmless, harmless_cell, harmless_line
from course.submission.find import Submission

HOSTILE = [
    "\x1b[2J\x1b]0;title\x07",
    "\x9b31m",
    "a\rb",
    "a\x08\x08\x08b",
    "\u202egnp.exe",
    "\ud800",
    "nul\x00",
    "\u2028line",
    "zero\u200bwidth",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_control_characters_are_shown_not_done(text):
    shown = harmless(text)
    assert shown.isprintable()
    assert "\\x" in shown or "\\u" in shown
    shown.encode()


def test_what_is_written_in_words_stays_as_it_is():
    text = "Åse: 1 < 2 & \u4f60\u597d, caf\u00e9\nsecond line [bold]"
    assert harmless(text) == text
    assert harmless_line(text) == text.replace("\n", "\\n")


@pytest.mark.parametrize("char", ["x", "\x1b", "\U0010ffff"])
def test_a_long_text_is_cut(char):
    assert len(harmless(char * 10_000_000)) <= MAX_LENGTH + len(" [cut]")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1+1"])
def test_no_cell_is_a_formula(text):
    assert harmless_cell(text).startswith("'")


def test_a_cell_stays_one_cell():
    assert "\n" not in harmless_cell("a\n=1")
    assert harmless_cell("Anna, Bo") == "Anna, Bo"
    assert harmless_cell("") == ""


NAMES = ["=cmd|' -C calc'!A0", "a,b\nc", "\x1b[31mred", "[bold]x[/bold]", "\ud800", "-2+3", "Åse"]


@pytest.fixture
def records(tmp_path):
    return [not_graded(Submission(harmless_line(name), tmp_path), Settings(tasks=("2.1",))) for name in NAMES]


def test_the_table_of_points_shows_names_as_they_are(records):
    stream = io.StringIO()
    Console(file=stream, width=100, force_terminal=True, color_system=None).print(grades_table(records, load()))
    shown = stream.getvalue()
    assert "\x1b[31m" not in shown
    assert "[bold]x[/bold]" in shown


def test_the_csv_has_one_row_for_each_submission(records):
    rows = list(csv.reader(io.StringIO(grades_csv(records, load()))))
    assert len(rows) == len(NAMES) + 1
    assert len({len(row) for row in rows}) == 1
    assert not any(row[0].startswith(("=", "-", "+", "@")) for row in rows)


def test_a_record_can_be_written(records):
    for record in records:
        assert json.loads(record.to_json().encode())["schema"]
