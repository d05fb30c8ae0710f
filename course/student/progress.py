"""A round of checks on the terminal: how it goes while it runs, and what is to be done when it is over."""

import time
from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.text import Text

from course.catalogue import Catalogue
from course.student.checkup import RUNNING, Checkup, Standing, is_training
from course.student.message import RUN, Message, about_check
from course.student.overview import checks_of, overview

BEATS = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
PLAIN_BEATS = "-\\|/"


class Progress:
    """What is shown of a round of checks; a rich renderable, drawn anew several times a second.

    Args:
        checkup: the round.
        console: where it is shown.
    """

    def __init__(self, checkup: Checkup, catalogue: Catalogue, console: Console) -> None:
        self.checkup = checkup
        self.catalogue = catalogue
        self.console = console
        self.started = time.monotonic()

    def __rich__(self) -> RenderableType:
        """Return the table, what is being checked, and what is already known to be wrong."""
        parts: list[RenderableType] = [overview(self.checkup.standings, self.catalogue)]
        parts += [Text(), self._running()]
        first = self.checkup.first()
        if first and first.state == "failed":
            message = self.checkup.message(first)
            message.drawing = None  # it would push the table off a small terminal
            parts += [Text(), message.text(self.console.width)]
        return Group(*parts)

    def _running(self) -> Text:
        running = next((each for each in self.checkup.standings if each.state == RUNNING), None)
        beats = BEATS if self.console.encoding.startswith("utf") else PLAIN_BEATS
        beat = beats[int(time.monotonic() * 8) % len(beats)]
        if running is None:
            return Text()
        seconds = int(time.monotonic() - running.since)
        what = f"{beat} {running.task.id} {running.task.title}"
        if is_training(running.task):
            what += f": training, {seconds} s. It can take minutes; Ctrl-C stops."
        elif seconds > 1 and not any(each.result for each in self.checkup.standings):
            what += ": starting PyTorch"
        return Text(what, no_wrap=True, overflow="ellipsis")

    def report(self, everything: bool = False) -> None:
        """Print what came of it, and what to do first.

        Args:
            everything: print every check that failed.
        """
        standings = self.checkup.standings
        if len(standings) > 1:
            self.console.print(overview(standings, self.catalogue))
            self._remembered()
        elif self._has_checks(standings[0]):
            self._one(standings[0])
        width = self.console.width
        if everything:
            for message in self._all():
                self.console.print()
                self.console.print(message.text(width, most=None))
            return
        first = self.checkup.first()
        if first:
            if len(standings) > 1 or self._has_checks(first):
                self.console.print()
            if len(standings) > 1:
                self.console.print("To do first:", style="bold")
            self.console.print(self.checkup.message(first).text(width))
        elif len(standings) == len(self.catalogue.tasks):
            self.console.print()
            self.console.print("Everything is done. Hand in the folder lib/.", style="bold green")
        elif len(standings) > 1:
            self.console.print()
            self.console.print(f"Done. {self.after(standings[-1])}", style="bold green")

    def _remembered(self) -> None:
        """Say what was not checked again."""
        count = sum(standing.remembered for standing in self.checkup.standings)
        if count:
            text = f"{count} as before, their files unchanged: name a task to check it again."
            self.console.print(text, style="dim")

    def _has_checks(self, standing: Standing) -> bool:
        """Whether a list of a task's checks says anything: not where nothing is written, or nothing can be run."""
        return (
            standing.result is not None and standing.state != "not_attempted" and not self.checkup.is_broken(standing)
        )

    def _one(self, standing: Standing) -> None:
        """Print the checks of a single task, and where it goes on."""
        task, width = standing.task, self.console.width
        self.console.print(f"{task.id} {task.title}", style="bold")
        self.console.print(checks_of(standing, width))
        for check in standing.result.checks:
            if check.verdict == "passed" and check.message:
                self.console.print(f"  Note: {check.message}", soft_wrap=False)
        if standing.state == "passed":
            self.console.print()
            self.console.print(self.checkup.message(standing).text(width))
            self.console.print(f"  {self.after(standing)}", style="dim")

    def after(self, standing: Standing) -> str:
        """Return what comes after a task that is done."""
        tasks = self.catalogue.tasks
        place = tasks.index(standing.task)
        later = [task for task in [*tasks[place + 1 :], *tasks[:place]] if not self._is_done(task)]
        return f"Next: {RUN} show {later[0].id}" if later else "Every other task is done too."

    def _is_done(self, task) -> bool:
        result = self.checkup.memory.of(task)
        return result is not None and result.verdict == "passed"

    def _all(self) -> Iterator[Message]:
        """Yield a message for every check that failed, and one for every task that could not be checked."""
        for standing in self.checkup.standings:
            result = standing.result
            failed = [check for check in result.checks if check.verdict == "failed"] if result else []
            if failed and not self.checkup.is_broken(standing):
                messages = [about_check(standing.task, result, check) for check in failed]
                # What it is, the picture and the command are those of the task: once is enough.
                for later in messages[1:]:
                    later.parts = [part for part in later.parts if part[0] in ("checked", "came", "code")]
                    later.drawing = None
                yield from messages
            elif standing.state != "passed":
                yield self.checkup.message(standing)
