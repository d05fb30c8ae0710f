"""What the view shows: plain functions from the state of things to texts, for any width."""

from rich.text import Text

from course.catalogue import Catalogue
from course.report.table import number
from course.student import hints
from course.student.asked import description
from course.student.checkup import PENDING, RUNNING, is_training
from course.student.faults import Spot, definition
from course.student.home import LIBRARY
from course.student.message import about, about_broken, about_waiting
from course.student.overview import SIGNS, STYLES, WORDS, checks_of, overview
from course.student.watching.follow import Follower


def header(state: Follower, width: int) -> Text:
    """Return the current task, where it is written, and all points."""
    task, most = state.current, sum(task.points for task in state.catalogue.tasks)
    points = f"{number(state.points)} / {most} points"
    file, symbol = task.references[0] if task.references else ("", "")
    line = definition(state.home.lib / file, symbol) if file else None
    where = (str(Spot(f"{LIBRARY}/{file}", line)) if line else f"{LIBRARY}/{file}") if file else ", ".join(task.scripts)
    left = f"{task.id} {task.title}"
    room = width - len(points) - 2
    if len(left) + len(where) + 3 <= room:
        left = f"{left}   {where}"
    return Text(f"{left[:room]:<{room}}  {points}", style="bold reverse", no_wrap=True)


def strip(state: Follower, width: int) -> Text:
    """Return a sign for each task, the current one in brackets: 1 ✓✓[✗]·  2 ·····"""
    shown = Text(no_wrap=True)
    for exercise in state.catalogue.exercises:
        shown.append(f"{exercise.id} ", "dim")
        for task in exercise.tasks:
            standing = state.standings[task.id]
            sign = SIGNS[standing.state]
            style = STYLES.get(standing.state, "")
            shown.append(
                f"[{sign}]" if task == state.current else sign, f"bold {style}" if task == state.current else style
            )
        shown.append("  ")
    shown.rstrip()
    return shown


def legend() -> Text:
    """Return what the signs mean."""
    words = {**WORDS, PENDING: "not checked yet", RUNNING: "being checked"}
    entries = [f"{SIGNS[state]} {word}" for state, word in words.items()]
    half = (len(entries) + 1) // 2
    return Text("\n".join("   ".join(part) for part in (entries[:half], entries[half:])), style="dim")


def body(state: Follower, width: int) -> Text:
    """Return the checks of the current task, and the message about the first that fails."""
    standing, task = state.standing, state.current
    if state.trouble:
        return Text(state.trouble)
    damage = state.broken()
    if is_training(task) and standing.result is None and standing.state != RUNNING:
        ready = standing.state == PENDING
        return Text("Press r to train: it takes half a minute or more.") if ready else about_waiting(task).text(width)
    if standing.result is None and damage is None:
        return Text("Checking …" if standing.state == RUNNING else "Not checked yet.")
    shown = Text()
    if damage is None and standing.result.verdict != "not_attempted":
        shown.append(checks_of(standing, width))
        shown.append("\n\n")
    shown.append(_message(state, width))
    return shown


def _message(state: Follower, width: int) -> Text:
    standing, task = state.standing, state.current
    if standing.result is None:
        return about_broken(task, state.broken(), state.catalogue).text(width)
    message = about(task, standing.result, state.home, state.catalogue)
    message.parts = [part for part in message.parts if part[0] != "again"]  # here that is a save, or a key
    if standing.state == "not_attempted":
        message.parts.append(("again", "Press s for what is asked, h for a hint."))
    shown = message.text(width)
    if standing.state == "passed":
        notes = [check.message for check in standing.result.checks if check.verdict == "passed" and check.message]
        for note in notes:
            shown.append(f"\n  Note: {note}")
        following = state.next_open()
        if following:
            shown.append(f"\n\n  Next: {following.id} {following.title}. Press n.")
        else:
            shown.append("\n\n  Everything is done. Hand in the folder lib/.", "bold green")
    return shown


def status(state: Follower, seconds: int) -> Text:
    """Return what is going on.

    Args:
        seconds: for how long the current task has been checked.
    """
    standing, task = state.standing, state.current
    if standing.state == RUNNING and is_training(task):
        return Text(f"Training {task.id}, {seconds} s. It can take minutes; a save begins anew.")
    if standing.state == RUNNING:
        return Text(f"Checking {task.id} …" + (" PyTorch is starting." if seconds > 1 and not state.results else ""))
    if state.latency is not None:
        return Text(f"{state.saved_file}: checked {state.latency:.2f} s after you saved it.", style="dim")
    if standing.remembered and task.id not in state.results:
        return Text("As it was when you left it. It is checked again when you save.", style="dim")
    files = [f"{LIBRARY}/{file}" for file, _ in task.references] or list(task.scripts)
    return Text(f"It is checked when you save {' or '.join(dict.fromkeys(files))}.", style="dim")


def asked(state: Follower, width: int) -> Text:
    """Return what the current task asks for."""
    styles = {"title": "bold", "code": "bold cyan", "dim": "dim", "": ""}
    shown = Text()
    for style, line in description(state.current, state.home.lib, width):
        shown.append(f"{line}\n", styles[style])
    return shown


def hinted(state: Follower, width: int) -> Text:
    """Return the hints that were given for the current task."""
    task = state.current
    shown = Text(f"{task.id} {task.title}: hints\n\n", style="bold")
    shown.append(hints.shown(task, hints.given(task, state.home), width, "press h again"), "not bold")
    return shown


def table(state: Follower, catalogue: Catalogue):
    """Return the table of all exercises."""
    return overview(list(state.standings.values()), catalogue)
