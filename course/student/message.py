"""The message about a task that a student reads, in a terminal, in the full-screen view and in a notebook.

At most six lines: what was checked, what came and what was expected, where in the student's own file, what it is, a
hint where nobody knows what it is, and the command to run again.
"""

import re
import textwrap
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from course.catalogue import Catalogue, Task
from course.report.text import harmless
from course.student.drawing import Drawing, drawing_for
from course.student.faults import BrokenFile, Spot, broken, definition, told
from course.student.home import LIBRARY, Home

if TYPE_CHECKING:
    from rich.text import Text

    from course.grading.record import CheckResult, TaskResult

MOST_LINES = 6
WIDTH = 80
INDENT = "  "
RUN = "uv run course"
WORD = re.compile(r"[a-z]{4,}")
DIED = "The code "  # ended, or took too long: nothing is known about what it computes
# What is shortened first where there is no room, and to how many lines at least.
SHORTENED = (("hint", 0), ("checked", 1), ("came", 2), ("why", 3), ("came", 1), ("code", 0), ("why", 2))
STYLES = {"checked": "bold", "code": "cyan", "caret": "cyan", "why": "", "came": "", "hint": "", "again": "dim"}
GLYPHS = {"failed": "✗", "not_attempted": "·", "passed": "✓", "grader_error": "!"}


@dataclass
class Message:
    """What is said about one check, in parts.

    Attributes:
        verdict: that of the check.
        parts: (kind, text) in order; a part's text is one paragraph.
        drawing: a picture of what the check looked at, where that helps.
    """

    verdict: str
    parts: list[tuple[str, str]] = field(default_factory=list)
    drawing: Drawing | None = None

    def lines(self, width: int = WIDTH, most: int | None = MOST_LINES) -> list[tuple[str, str]]:
        """Return (kind, line) for each line, none longer than `width`, at most `most` of them."""
        wrapped = [[kind, self._wrap(kind, text, width)] for kind, text in self.parts]
        for kind, least in SHORTENED if most else ():
            for part in wrapped:
                over = sum(len(lines) for _, lines in wrapped) - most
                if part[0] == kind and over > 0:
                    part[1] = _cut(part[1], max(least, len(part[1]) - over), width)
        return [(kind, line) for kind, lines in wrapped for line in lines]

    def _wrap(self, kind: str, text: str, width: int) -> list[str]:
        first = f"{GLYPHS[self.verdict]} " if kind == "checked" else INDENT
        if kind in ("code", "caret", "again"):
            shown = first + text
            return [shown if len(shown) <= width else shown[: width - 1] + "…"]
        options = {"break_long_words": True, "break_on_hyphens": False}
        return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=INDENT, **options)

    def text(self, width: int = WIDTH, most: int | None = MOST_LINES) -> "Text":
        """Return the message for a terminal, with the picture under it."""
        from rich.text import Text

        shown = Text()
        for kind, line in self.lines(width, most):
            style = {"failed": "bold red", "grader_error": "bold yellow"}.get(self.verdict, "bold")
            shown.append(f"{line}\n", style if kind == "checked" else STYLES[kind])
        if self.drawing:
            shown.append("\n")
            for line in self.drawing.lines(width):
                shown.append(f"{INDENT}{line}\n")
        shown.rstrip()
        return shown

    def html(self) -> str:
        """Return the message as HTML: every word of it is escaped."""
        rows = []
        for kind, text in self.parts:
            words = escape(text)
            if kind in ("code", "caret"):
                words = f'<code style="white-space:pre">{words}</code>'
            rows.append(f"<div>{'<b>' + words + '</b>' if kind == 'checked' else words}</div>")
        if self.drawing:
            picture = escape("\n".join(self.drawing.lines(WIDTH)))
            rows.append(f'<pre style="line-height:1.05">{picture}</pre>')
        return "".join(rows)


def _cut(lines: list[str], count: int, width: int) -> list[str]:
    """Return the first lines, and a mark where something is missing."""
    if count >= len(lines):
        return lines
    if count == 0:
        return []
    last = lines[count - 1]
    return [*lines[: count - 1], (last[: width - 2].rstrip(" ,;:") + " …") if last else "…"]


def about(task: Task, result: "TaskResult", home: Home, catalogue: Catalogue) -> Message:
    """Return the message about the first thing that is wrong with a task, or that it is done or not begun."""
    if damage := broken_file(task, home):
        return about_broken(task, damage, catalogue)
    if result.verdict == "passed":
        return Message("passed", [("checked", f"{task.id} {task.title}: {points_of(result)}.")])
    if result.verdict == "not_attempted":
        return about_empty(task, result.message, home)
    open_checks = [check for check in result.checks if check.verdict != "passed" and not check.bonus]
    wrong = [check for check in open_checks if check.verdict == result.verdict]
    if wrong:
        return about_check(task, result, _meant(wrong))
    return about_empty(task, open_checks[0].message, home) if open_checks else about_fault(task, result.message)


def _meant(wrong: "list[CheckResult]") -> "CheckResult":
    """Return the check to speak of: the first; of those that fail for the same reason, the one that is about it.

    A network without what the task is about gets no points for its shape either, with the words of another check. Code
    that raises fails everywhere alike: then the first sentence is as good as any.
    """
    what, spot = told(wrong[0].message)
    if spot or what.startswith(DIED):
        return wrong[0]
    said = set(WORD.findall(what))
    alike = [check for check in wrong if check.message == wrong[0].message]
    return max(alike, key=lambda check: len(said & set(WORD.findall(check.sentence))))


def about_check(task: Task, result: "TaskResult", check: "CheckResult") -> Message:
    """Return the message about a check that failed."""
    if check.verdict == "grader_error":
        return about_fault(task, check.message)
    what, spot = told(harmless(check.message))
    message = Message(check.verdict, [("checked", f"{task.id} {check.sentence}")])
    message.parts.append(("came", " ".join(what.split())))
    died = what.startswith(DIED)
    if spot:
        message.parts.append(("code", f"{spot}  {spot.code}".rstrip()))
    if result.diagnosis and spot is None:
        message.parts.append(("why", result.diagnosis.sentence))
    elif spot is None and not died:
        message.parts.append(("hint", f"Hint: {task.hint}"))
    message.parts.append(_again(task))
    if spot is None and not died:
        message.drawing = drawing_for(check.name, result.diagnosis.name if result.diagnosis else "")
    return message


def about_broken(task: Task, damage: BrokenFile, catalogue: Catalogue) -> Message:
    """Return the message about a file that is no Python."""
    spot = damage.spot
    file = spot.file.removeprefix(f"{LIBRARY}/")
    tasks = [other.id for other in catalogue.tasks if any(name == file for name, _ in other.references)]
    message = Message("failed", [("checked", f"{spot} is not Python yet: {damage.what}.")])
    if spot.code:
        message.parts.append(("code", f"  {spot.code}"))
        if damage.caret is not None:
            message.parts.append(("caret", "  " + " " * damage.caret + "^"))
    message.parts.append(("came", f"Until then these cannot be checked: {', '.join(tasks) or task.id}."))
    message.parts.append(("again", f"Again: {RUN} check {task.id}"))
    return message


def about_empty(task: Task, what: str, home: Home) -> Message:
    """Return the message about a task of which something is not written yet.

    Args:
        what: what the graders said.
    """
    message = Message("not_attempted", [("checked", f"{task.id} {task.title}: not written yet.")])
    missing = [(file, symbol) for file, symbol in task.references if re.search(rf"\b{symbol}\b", what)]
    for file, symbol in (missing or task.references)[:1]:
        line = definition(home.lib / file, symbol)
        where = str(Spot(f"{LIBRARY}/{file}", line)) if line else f"{LIBRARY}/{file}"
        message.parts.append(("came", f"Write {symbol}, {where}."))
    if not task.references:
        message.parts.append(("came", f"It needs {' and '.join(task.needs)}."))
    message.parts.append(("again", f"What is asked: {RUN} show {task.id}    As you save: {RUN} watch {task.id}"))
    return message


def about_waiting(task: Task) -> Message:
    """Return the message about a training whose parts are not right yet."""
    verb = "passes" if len(task.needs) == 1 else "pass"
    parts = [
        ("checked", f"{task.id} {task.title}: waits until {' and '.join(task.needs)} {verb}."),
        ("again", f"Train nevertheless: {RUN} check {task.id}"),
    ]
    return Message("not_attempted", parts)


def about_fault(task: Task, what: str) -> Message:
    """Return the message about a fault of the graders."""
    parts = [
        ("checked", f"{task.id} {task.title} could not be checked: a fault of the graders, not yours."),
        ("came", harmless(what)),
        ("hint", "It costs no points. Please tell the people who teach the course, with these lines."),
        _again(task),
    ]
    return Message("grader_error", parts)


def broken_file(task: Task, home: Home) -> BrokenFile | None:
    """Return the first of a task's own files that is no Python."""
    found = (broken(home.lib / file, home) for file, _ in task.references)
    return next((damage for damage in found if damage), None)


def points_of(result: "TaskResult") -> str:
    """Return "6 of 6 points"."""
    from course.report.table import number

    return f"{number(result.points)} of {number(result.max_points)} points"


def _again(task: Task) -> tuple[str, str]:
    return "again", f"Again: {RUN} check {task.id}    Stuck? {RUN} hint {task.id}"
