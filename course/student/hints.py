"""Hints, one more each time one is asked for."""

import json
import textwrap

from course.catalogue import Task
from course.student.home import Home

NAME = "hints.json"


def all_hints(task: Task) -> list[str]:
    """Return a task's hints, from the gentlest to the plainest."""
    return [task.hint, *task.hints]


def given(task: Task, home: Home) -> int:
    """Return how many hints of a task were given so far."""
    return min(_counts(home).get(task.id, 0), len(all_hints(task)))


def one_more(task: Task, home: Home) -> int:
    """Give one more hint; return how many were given now."""
    counts = _counts(home)
    counts[task.id] = min(given(task, home) + 1, len(all_hints(task)))
    home.remember(NAME, json.dumps(counts))
    return counts[task.id]


def shown(task: Task, count: int, width: int, again: str) -> str:
    """Return the hints that were given, the newest last, and how many more there are.

    Args:
        again: how to ask for one more.
    """
    hints = all_hints(task)
    lines = []
    for number, hint in enumerate(hints[:count], start=1):
        first = f"{number}. "
        lines += textwrap.wrap(hint, width, initial_indent=first, subsequent_indent="   ", break_on_hyphens=False)
    left = len(hints) - count
    if left:
        lines.append(f"{left} more: {again}." if left > 1 else f"One more: {again}.")
    else:
        lines.append("That was the last hint. The next step is to ask a person.")
    return "\n".join(lines)


def _counts(home: Home) -> dict[str, int]:
    try:
        counts = json.loads(home.recall(NAME) or "{}")
    except ValueError:
        return {}
    return {key: value for key, value in counts.items() if isinstance(value, int)} if isinstance(counts, dict) else {}
