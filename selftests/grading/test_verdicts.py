"""What a check's end means, on graders made for these tests and run by a real pytest."""

import textwrap

import pytest

from course.grading.outcomes import CheckFailed, Diagnosis, NotAttempted
from course.grading.plugin import verdict_of
from course.grading.run import _verdict


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (None, "passed"),
        (NotAttempted("empty"), "not_attempted"),
        (CheckFailed("wrong", Diagnosis("x", "y")), "failed"),
        (AssertionError("ours"), "grader_error"),
        (ZeroDivisionError(), "grader_error"),
        (KeyboardInterrupt(), "grader_error"),
    ],
)
def test_only_a_check_that_ran_to_its_end_is_passed(error, verdict):
    assert verdict_of(error)[0] == verdict


@pytest.mark.parametrize(
    ("verdicts", "task"),
    [
        ([], "grader_error"),
        (["passed", "passed"], "passed"),
        (["passed", "not_attempted"], "failed"),
        (["not_attempted", "not_attempted"], "not_attempted"),
        (["passed", "failed"], "failed"),
        (["passed", "grader_error"], "grader_error"),
    ],
)
def test_the_verdict_on_a_task(verdicts, task):
    assert _verdict(verdicts) == task


def test_points_that_do_not_add_up_are_refused(pytester_run):
    run = pytester_run(
        """
        import pytest
        @pytest.mark.task("2.1", points=5)
        def test_dice(): "A check."
        """
    )
    assert "The checks of task 2.1 have 5 points, course.toml says 6." in run


def test_a_fault_of_ours_is_not_hidden(pytester_run):
    run = pytester_run(
        """
        import pytest
        @pytest.mark.task("2.1", points=6)
        def test_dice(student): "A check."; assert student is None
        """
    )
    assert "AssertionError" in run
    assert "1 failed" in run


def test_without_a_submission_nothing_is_guessed(pytester_run):
    run = pytester_run(
        """
        import pytest
        @pytest.mark.task("2.1", points=6)
        def test_dice(student): "A check."
        """,
        "-o",
        "submission=",
    )
    assert "Which submission?" in run


@pytest.fixture
def pytester_run(tmp_path):
    import subprocess
    import sys

    from course.paths import ROOT

    def run(source: str, *options: str) -> str:
        path = tmp_path / "test_made_up.py"
        path.write_text(textwrap.dedent(source))
        words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", ROOT / "pyproject.toml"]
        words += ["-o", "addopts=", "-p", "course.grading.plugin"]
        done = subprocess.run([*words, "--rootdir", ROOT, *options, path], capture_output=True, text=True, cwd=ROOT)
        return done.stdout + done.stderr

    return run
