"""The terminal as a student's commands write to it."""

import codecs
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 100
# What stands for a sign where the terminal's encoding has none, say a file on Windows.
PLAIN = {"✓": "+", "✗": "x", "·": "-", "…": "~", "█": "#", "▒": "o", "░": ":", "─": "-", "━": "-", "│": "|", "↳": ">"}


def console() -> "Console":
    """Return a console that can print every sign of the course, and lines no longer than can be read."""
    from rich.console import Console

    codecs.register_error("course", _plainly)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="course")
    made = Console(highlight=False, markup=False, soft_wrap=False)
    if made.width > WIDTH:
        made.width = WIDTH
    return made


def _plainly(error: UnicodeError) -> tuple[str, int]:
    """Stand in for the characters that an encoding has not."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(char, "?") for char in error.object[error.start : error.end]), error.end
