"""How far a student is: the table of exercises, and the list of a task's checks."""

from collections import Counter
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from course.catalogue import Catalogue, Exercise
from course.report.table import number
from course.student.checkup import PENDING, RUNNING, WAITING, Standing

if TYPE_CHECKING:
    from course.grading.record import CheckResult

# Every state has a sign and a word of its own: colours only repeat them.
SIGNS = {
    "passed": "✓",
    "failed": "✗",
    "not_attempted": "·",
    WAITING: "…",
    RUNNING: ">",
    PENDING: "?",
    "grader_error": "!",
}
WORDS = {
    "passed": "done",
    "failed": "failing",
    "not_attempted": "not attempted",
    WAITING: "waiting",
    "grader_error": "could not be checked",
}
STYLES = {"passed": "green", "failed": "bold red", RUNNING: "bold", "grader_error": "bold yellow"}


def overview(standings: list[Standing], catalogue: Catalogue) -> Group:
    """Return the table, a row for each exercise with a sign for each of its tasks, and under it the sums."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1), expand=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True, ratio=1, overflow="ellipsis")
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for exercise in catalogue.exercises:
        own = [standing for standing in standings if standing.task.exercise == exercise.id]
        if own:
            table.add_row(exercise.id, _title(exercise, own), _signs(own), _points(own))
    sums = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1), expand=True)
    sums.add_column(ratio=1)
    sums.add_column(justify="right", no_wrap=True)
    sums.add_row(_tally(standings), Text(_points(standings), style="bold"))
    return Group(table, Text(), sums)


def _title(exercise: Exercise, own: list[Standing]) -> Text:
    return Text(exercise.title, style="green" if all(standing.state == "passed" for standing in own) else "")


def _signs(own: list[Standing]) -> Text:
    shown = Text()
    for standing in own:
        shown.append(f"{SIGNS[standing.state]}{standing.task.id} ", STYLES.get(standing.state, ""))
    return shown


def _points(standings: list[Standing]) -> str:
    return f"{number(sum(s.points for s in standings)):>3} / {sum(s.task.points for s in standings)}"


def _tally(standings: list[Standing]) -> Text:
    """Return "✓ 5 done  ✗ 1 failing  · 12 not attempted"."""
    counts = Counter(standing.state for standing in standings)
    shown = Text()
    for state, word in WORDS.items():
        if counts[state]:
            shown.append(f"{SIGNS[state]} {counts[state]} {word}   ", STYLES.get(state, ""))
    shown.rstrip()
    return shown


def checks_of(standing: Standing, width: int) -> Text:
    """Return a task's checks, one on each line, with the points that each has earned."""
    shown = Text()
    for check in standing.result.checks if standing.result else []:
        shown.append(_check_line(check, width), STYLES.get(check.verdict, ""))
    shown.rstrip()
    return shown


def _check_line(check: "CheckResult", width: int) -> str:
    points = f"{number(check.points)} / {number(check.max_points)}"
    room = width - len(points) - 4
    sentence = check.sentence if len(check.sentence) <= room else check.sentence[: room - 1].rstrip() + "…"
    return f"{SIGNS[check.verdict]} {sentence:<{room}}  {points}\n"
