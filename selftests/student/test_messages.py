"""What a student reads: six lines at 80 columns for every known mistake and every check, and only their own files."""

import textwrap

import pytest

from course.catalogue import load
from course.grading.bank import load_bank
from course.grading.record import CheckResult, Diagnosis, TaskResult
from course.paths import ROOT
from course.student.asked import sentences
from course.student.faults import broken, told
from course.student.home import Home
from course.student.message import MOST_LINES, WIDTH, about, about_check

LONGEST = "For inputs of shape (10, 1, 128, 128), gamma=2.0, alpha=0.25 expected 123456.1234, got -123456.1234."


def failed(task, sentence, message, diagnosis=None, name="test_x"):
    check = CheckResult(name=name, sentence=sentence, verdict="failed", message=message, points=0, max_points=1)
    return TaskResult(
        id=task.id, symbol="", points=0, max_points=task.points, verdict="failed", message=message,
        diagnosis=diagnosis, seconds=0, checks=[check],
    )  # fmt: skip


@pytest.mark.parametrize("task", load().tasks, ids=lambda task: task.id)
def test_every_known_mistake_fits_with_the_longest_sentence_of_its_checks(task):
    """The sentence about the mistake must be there to its last word: it is what the student needs."""
    longest = max((sentence.text for sentence in sentences(task)), key=len)
    mistakes = [answer for answer in load_bank() if answer.task == task.id and answer.verdict == "mistake"]
    for answer in mistakes:
        result = failed(task, longest, LONGEST, Diagnosis(name=answer.name, sentence=answer.sentence))
        lines = about_check(task, result, result.checks[0]).lines()
        assert len(lines) <= MOST_LINES
        assert max(len(line) for _, line in lines) <= WIDTH
        said = " ".join(" ".join(line.strip() for kind, line in lines if kind == "why").split())
        assert said == " ".join(answer.sentence.split()), answer.name
        assert [kind for kind, _ in lines][0] == "checked"
        assert lines[-1][1] == f"  Again: uv run course check {task.id}    Stuck? uv run course hint {task.id}"


@pytest.mark.parametrize("task", load().tasks, ids=lambda task: task.id)
def test_every_check_has_a_sentence_and_a_hint_that_fits(task):
    assert sum(s.points for s in sentences(task) if not s.bonus) == task.points
    for sentence in sentences(task):
        result = failed(task, sentence.text, LONGEST)
        lines = about_check(task, result, result.checks[0]).lines()
        assert len(lines) <= MOST_LINES
        assert max(len(line) for _, line in lines) <= WIDTH


def test_a_wall_of_words_is_cut_and_control_characters_are_shown():
    task = load().task("2.1")
    result = failed(task, "The value.", "ValueError: \x1b[2J" + "long words " * 200)
    text = about_check(task, result, result.checks[0]).text().plain
    assert len(text.splitlines()) <= MOST_LINES
    assert "\x1b" not in text
    assert "…" in text


def test_html_is_escaped():
    task = load().task("2.1")
    result = failed(task, "The <b>value</b>.", "got <script>alert(1)</script>")
    html = about_check(task, result, result.checks[0]).html()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "&lt;b&gt;value" in html


@pytest.mark.parametrize(
    ("message", "what", "place"),
    [
        (
            "RuntimeError: no (lib/losses.py, line 42: `loss = torch.log(p)`)",
            "RuntimeError: no",
            ("lib/losses.py:42", "loss = torch.log(p)"),
        ),
        ("ValueError: (lib/model/UNetModel.py, line 3)", "ValueError:", ("lib/model/UNetModel.py:3", "")),
        (
            "The file cannot be imported: lib/losses.py, line 7: SyntaxError: invalid syntax.",
            "The file cannot be imported: SyntaxError: invalid syntax.",
            ("lib/losses.py:7", ""),
        ),
        ("No such file: '/tmp/submission-ab_12/lib/x.png'", "No such file: 'lib/x.png'", None),
        ("Expected 1 (a number), got 2 (two).", "Expected 1 (a number), got 2 (two).", None),
    ],
)
def test_a_message_is_split_into_what_happened_and_where(message, what, place):
    said, spot = told(message)
    assert said == what
    assert (spot and (str(spot), spot.code)) == place


def test_where_it_happened_is_shown_as_file_and_line():
    task = load().task("2.1")
    result = failed(task, "The value.", "RuntimeError: shapes (lib/losses.py, line 42: `a + b`)")
    assert "  lib/losses.py:42  a + b" in about_check(task, result, result.checks[0]).text().plain.splitlines()


@pytest.mark.parametrize(
    ("content", "line", "caret", "what"),
    [
        (b"x = 1\ndef f(:\n    pass\n", 2, 6, "invalid syntax"),
        (b"def f():\nreturn 1\n", 2, 0, "expected an indented block"),
        (b'x = """\n', 1, 4, "unterminated triple-quoted"),
        (b"x = (1,\n", 1, 4, "was never closed"),
        (b"x\x00 = 1\n", 1, None, "null byte|byte that no Python"),
    ],
)
def test_a_file_that_is_no_python_is_shown_with_its_line(tmp_path, content, line, caret, what):
    (tmp_path / "lib").mkdir()
    path = tmp_path / "lib" / "losses.py"
    path.write_bytes(content)
    damage = broken(path, Home(tmp_path))
    assert str(damage.spot) == f"lib/losses.py:{line}"
    assert any(word in damage.what for word in what.split("|"))
    assert damage.caret == caret


def test_the_caret_stands_under_the_column(tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "losses.py").write_text("class A:\n    def f(self):\n        return 1 +* 2\n")
    task = load().task("2.1")
    lines = about(task, failed(task, "s", "m"), Home(tmp_path), load()).text().plain.splitlines()
    code = next(number for number, line in enumerate(lines) if "return 1 +* 2" in line)
    assert lines[code][lines[code + 1].index("^")] == "*"
    assert "1.2, 2.1, 2.2, 2.3, 2.4, 2.5, 6.2" in " ".join(lines)


def test_a_picture_stands_under_the_message_where_it_helps():
    task = load().task("2.3")
    result = failed(task, "The value.", LONGEST, name="test_total_variation_value")
    lines = about_check(task, result, result.checks[0]).text().plain.splitlines()
    assert "  ······██████   A 6 x 6 mask with one edge, ·· = 0 and ██ = 1:" in lines
    result = failed(task, "The value.", "The code ended the Python process.", name="test_total_variation_value")
    assert about_check(task, result, result.checks[0]).drawing is None


def test_a_file_that_is_right_is_not_broken():
    for path in (ROOT / "solutions").rglob("*.py"):
        assert broken(path, Home(ROOT)) is None


def test_docstrings_are_wrapped_and_formulas_are_not():
    from course.student.asked import reflowed

    text = textwrap.dedent("""\
        A sentence that is much too long for the width that is asked for here.

            loss = 1 - (2 * sum(p * y) + 1) / 2   stays

        Args:
            smooth: added to numerator and denominator, also of two empty masks.
            other: x.
        """)
    assert reflowed(text, 40) == [
        "A sentence that is much too long for the",
        "width that is asked for here.",
        "",
        "    loss = 1 - (2 * sum(p * y) + 1) / 2   stays",
        "",
        "Args:",
        "    smooth: added to numerator and",
        "        denominator, also of two empty",
        "        masks.",
        "    other: x.",
    ]
