"""The wall that bubblewrap builds."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from course.sandbox import view

# A worker's cell is made of namespaces inside the wall: what this asks for is what the cell needs.
REHEARSAL = [sys.executable, "-I", "-c", "from course.sandbox.enclosure import rehearse; rehearse()"]
REHEARSAL_TIMEOUT = 60


@dataclass(frozen=True)
class Mount:
    """A folder that can be seen behind the wall beside what always can.

    Attributes:
        source: where it lies.
        target: where it is behind the wall.
    """

    source: Path
    target: str
    writable: bool = False


class Bubblewrap:
    """bubblewrap around the zygote: https://github.com/containers/bubblewrap."""

    name = "bubblewrap"
    cells = True

    def unavailable(self) -> str | None:
        """Return why it cannot be used here; None where it can."""
        needed = ["bwrap", *(["setpriv"] if os.getuid() == 0 else [])]
        missing = [program for program in needed if shutil.which(program) is None]
        if missing:
            return f"The program {missing[0]} is not installed."
        return rehearse(self.command(REHEARSAL), self.environment())

    def command(self, words: list[str], mounts: tuple[Mount, ...] = ()) -> list[str]:
        """Return the command line that runs `words` behind the wall.

        bubblewrap started by root would leave the process inside with root's files and without a limit on processes:
        a first one shows only what may be seen, then the user changes, then a second one is started by that user.
        """
        as_root = os.getuid() == 0
        second = tuple(Mount(Path(mount.target), mount.target, mount.writable) for mount in mounts)
        inner = [
            *(_program("bwrap"), *_view(second if as_root else mounts)),
            *("--proc", "/proc", "--remount-ro", "/dev", "--remount-ro", "/"),
            *("--unshare-all", "--cap-drop", "ALL", "--new-session", "--die-with-parent", "--", *words),
        ]
        if not as_root:
            return inner
        uid = str(view.unprivileged_uid())
        return [
            *(_program("bwrap"), *_view(mounts), "--bind", "/proc", "/proc", "--die-with-parent"),
            *("--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--"),
            *(_program("setpriv"), "--reuid", uid, "--regid", uid, "--clear-groups", "--inh-caps=-all", "--"),
            *inner,
        ]

    def environment(self) -> dict[str, str]:
        """Return all environment variables that there are behind the wall."""
        return view.environment()


def rehearse(command: list[str], environment: dict[str, str]) -> str | None:
    """Build a wall and a cell with nothing in it. Return what went wrong; None where nothing did."""
    try:
        done = subprocess.run(
            command,
            env=environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=REHEARSAL_TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        return f"It did not start within {REHEARSAL_TIMEOUT} seconds."
    if done.returncode == 0:
        return None
    lines = (done.stderr or done.stdout).strip().splitlines()
    return lines[-1] if lines else f"It ended with exit code {done.returncode}."


def _view(mounts: tuple[Mount, ...]) -> list[str]:
    """Return the options that show what may be seen; /tmp first, because some of it may lie there."""
    options = ["--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp"]
    for folder in view.folders():
        options += ["--perms", "0755", "--dir", str(folder)]
    for path in view.read_only():
        options += ["--ro-bind", str(path), str(path)]
    for path, target in view.links().items():
        options += ["--symlink", target, path]
    for mount in mounts:
        options += ["--bind" if mount.writable else "--ro-bind", str(mount.source), mount.target]
    return options


def _program(name: str) -> str:
    return shutil.which(name) or name
