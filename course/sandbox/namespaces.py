"""The wall that Python builds with the kernel's namespaces, where bubblewrap is not installed."""

import os
import sys

from course.sandbox import view
from course.sandbox.bubblewrap import REHEARSAL, rehearse


class Namespaces:
    """The wall of `course.sandbox.wall` around the zygote."""

    name = "namespaces"
    cells = True

    def unavailable(self) -> str | None:
        """Return why it cannot be used here; None where it can."""
        return rehearse(self.command(REHEARSAL), self.environment())

    def command(self, words: list[str]) -> list[str]:
        """Return the command line that runs `words` behind the wall."""
        uid = view.unprivileged_uid() if os.getuid() == 0 else os.getuid()
        return [sys.executable, "-I", "-m", "course.sandbox.wall", str(uid), *words]

    def environment(self) -> dict[str, str]:
        """Return all environment variables that there are behind the wall."""
        return view.environment()
