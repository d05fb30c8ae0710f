"""Checks from a notebook's cell:

    from course.notebook import check
    check("2.1")

grades what is in `lib/` on the disk, in a process of its own: nothing has to be imported again after a change, and what
the notebook itself has imported does not matter. Save the file first.
"""

import atexit
from html import escape
from pathlib import Path
from typing import Any

from course.catalogue import Catalogue, load
from course.errors import CourseError
from course.report.table import number
from course.student.checkup import Checkup, Standing, is_training
from course.student.grader import Grader
from course.student.home import Home, home_at
from course.student.memory import Memory
from course.student.overview import SIGNS, WORDS

# Okabe and Ito's green and vermilion, which both stand out from white and from black.
COLOURS = {"passed": "#009E73", "failed": "#D55E00", "grader_error": "#D55E00"}
CELL = "padding:1px 10px 1px 0;text-align:left;background:transparent"

_graders: dict[Path, Grader] = {}


def check(*tasks: str, submission: str | Path | None = None) -> "Report":
    """Check tasks or whole exercises, as "2.1" or "2"; everything where none is named.

    Args:
        submission: the folder that holds `lib/`; without it the one in or above which the notebook runs.

    Raises:
        CourseError: there is no such task, or no `lib/`.
    """
    home, catalogue = home_at(Path(submission) if submission else None), load()
    checkup = Checkup(catalogue.select(list(tasks)), Memory(home, catalogue), tasks)
    shown = _Line()
    try:
        checkup.run(_grader(home), lambda standing: shown.say(_what(standing)))
    except KeyboardInterrupt:  # the stop button: what is known is shown
        _graders.pop(home.folder).close()
    except CourseError:
        _graders.pop(home.folder).close()
        raise
    shown.say("")
    return Report(checkup, catalogue)


def _grader(home: Home) -> Grader:
    """Return the grading process for a folder; it stays warm from cell to cell."""
    if home.folder not in _graders:
        _graders[home.folder] = Grader(home)
    return _graders[home.folder]


@atexit.register
def _close() -> None:
    while _graders:
        _graders.popitem()[1].close()


def _what(standing: Standing) -> str:
    minutes = " It trains a network: that takes half a minute or more." if is_training(standing.task) else ""
    return f"Checking {standing.task.id} {standing.task.title} …{minutes}"


class _Line:
    """A line under a cell that says what is going on; nothing outside of a notebook."""

    def __init__(self) -> None:
        self._handle: Any = None
        try:
            from IPython import get_ipython
            from IPython.display import HTML, display
        except ImportError:
            return
        if get_ipython() is not None and hasattr(get_ipython(), "kernel"):
            self._html = HTML
            self._handle = display(HTML(""), display_id=True)

    def say(self, text: str) -> None:
        """Show another text in place of the last."""
        if self._handle is not None:
            self._handle.update(self._html(f"<i>{escape(text)}</i>" if text else ""))


class Report:
    """What came of a check: a notebook shows it as HTML, anything else as text.

    Attributes:
        checkup: the standings of all tasks that were checked.
    """

    def __init__(self, checkup: Checkup, catalogue: Catalogue) -> None:
        self.checkup = checkup
        self._catalogue = catalogue

    @property
    def passed(self) -> bool:
        """Whether everything that was checked has passed."""
        return all(standing.state == "passed" for standing in self.checkup.standings)

    def __repr__(self) -> str:
        lines = [self._line(standing) for standing in self.checkup.standings]
        first = self.checkup.first()
        if first:
            lines += ["", self.checkup.message(first).text().plain]
        return "\n".join(lines)

    def _line(self, standing: Standing) -> str:
        task = standing.task
        points = f"{number(standing.points)} / {task.points}"
        return f"{SIGNS[standing.state]} {task.id} {task.title}: {WORDS.get(standing.state, '')}, {points} points"

    def _repr_html_(self) -> str:
        standings = self.checkup.standings
        rows = [self._row(standing) for standing in standings]
        if len(standings) == 1 and standings[0].result and not self.checkup.is_broken(standings[0]):
            rows += [_check_row(check) for check in standings[0].result.checks]
        table = f'<table style="border-collapse:collapse">{"".join(rows)}</table>'
        first = self.checkup.first()
        message = ""
        if first:
            colour = COLOURS.get(first.state, "#888")
            style = f"border-left:4px solid {colour};padding:2px 0 2px 10px;margin:8px 0;max-width:50em"
            message = f'<div style="{style}">{self.checkup.message(first).html()}</div>'
        return f"<div>{table}{message}</div>"

    def _row(self, standing: Standing) -> str:
        task = standing.task
        sign = f'<b style="color:{COLOURS.get(standing.state, "inherit")}">{SIGNS[standing.state]}</b>'
        words = [f"{sign} {escape(task.id)}", f"<b>{escape(task.title)}</b>", WORDS.get(standing.state, "")]
        words.append(f"{number(standing.points)} / {task.points}")
        return "<tr>" + "".join(f'<td style="{CELL}">{word}</td>' for word in words) + "</tr>"


def _check_row(check: Any) -> str:
    sign = f'<span style="color:{COLOURS.get(check.verdict, "inherit")}">{SIGNS[check.verdict]}</span>'
    words = [sign, escape(check.sentence), WORDS[check.verdict]]
    words.append(f"{number(check.points)} / {number(check.max_points)}")
    return "<tr>" + "".join(f'<td style="{CELL}">{word}</td>' for word in words) + "</tr>"
