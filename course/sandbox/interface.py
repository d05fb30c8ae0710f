"""What a sandbox is, and which one is taken."""

import os
import sys
from functools import cache
from typing import Protocol

from course.errors import CourseError
from course.sandbox.bubblewrap import Bubblewrap
from course.sandbox.namespaces import Namespaces

NAMES = ("auto", "bubblewrap", "namespaces", "none")
DEFAULT = os.environ.get("COURSE_SANDBOX", "none")
NONE_HERE = """No sandbox works on this machine, so nothing was graded.
{reasons}
Install bubblewrap (Debian, Ubuntu: `sudo apt install bubblewrap libseccomp2`; Fedora: `sudo dnf install bubblewrap \
libseccomp`), or grade in a Linux virtual machine.
Where it is installed and may not make namespaces (Ubuntu 23.10 and later, many containers), see docs/security.md.
Or say with `--sandbox none` that you trust every line of the code: it then runs as you, with your files and network."""


class Sandbox(Protocol):
    """A back-end: it builds the wall around the zygote.

    Attributes:
        name: as the setting and the results record call it.
        cells: whether a worker is shut into a cell of its own.
    """

    name: str
    cells: bool

    def unavailable(self) -> str | None:
        """Return why it cannot be used here, in a sentence; None where it can."""

    def command(self, words: list[str]) -> list[str]:
        """Return the command line that runs `words` behind the wall."""

    def environment(self) -> dict[str, str]:
        """Return all environment variables that there are behind the wall."""


class Plain:
    """No wall: a process of its own, which sees and can do what the grading process can."""

    name = "none"
    cells = False

    def unavailable(self) -> str | None:
        """Return None: a process can be started everywhere."""

    def command(self, words: list[str]) -> list[str]:
        """Return the command line as it is."""
        return words

    def environment(self) -> dict[str, str]:
        """Return what Python needs to start."""
        return {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH", "HOME") if name in os.environ}


@cache
def choose(name: str) -> Sandbox:
    """Return the sandbox of a name; for "auto" the best that works here.

    Raises:
        CourseError: there is no such sandbox, or it does not work here.
    """
    if name == "none":
        return Plain()
    walls = {wall.name: wall for wall in (Bubblewrap(), Namespaces())}
    if name != "auto" and name not in walls:
        raise CourseError(f"There is no sandbox {name}: it is {', '.join(NAMES[:-1])} or {NAMES[-1]}.")
    reasons = []
    for wall in walls.values() if name == "auto" else [walls[name]]:
        reason = "It needs Linux." if sys.platform != "linux" else wall.unavailable()
        if reason is None:
            return wall
        reasons.append(f"- {wall.name}: {reason}")
    raise CourseError(NONE_HERE.format(reasons="\n".join(reasons)))
