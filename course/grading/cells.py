"""The trusted side of a cell: sends a submission in, and asks for workers."""

import hashlib
import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from course.sandbox.limits import MIB, SUBMISSION_SIZE
from course.worker.protocol import receive, send

TIMEOUT = 60.0


class TooLarge(Exception):  # noqa: N818 - what happened, not an error of ours
    """A submission is larger than a cell takes."""


@dataclass(frozen=True)
class Ended:
    """How a worker ended.

    Attributes:
        status: its exit status, negative for a signal.
        cpu: seconds that it computed.
        too_large: it was killed because it used too much memory.
    """

    status: int
    cpu: float = 0.0
    too_large: bool = False


class Host(Protocol):
    """What forks workers and ends them."""

    def fork(self, root: Path, channel: int, output: int) -> int:
        """Fork a worker that serves on a channel; return its process id."""

    def end(self, pid: int) -> Ended:
        """Kill a worker and what it started; return how it ended."""


def ask(control: socket.socket, request: dict[str, Any], descriptors: list[int] | None = None) -> dict[str, Any]:
    """Send a request with descriptors over a control socket, and return the reply."""
    socket.send_fds(control, [json.dumps(request).encode()], descriptors or [])
    message = control.recv(4096)
    if not message:
        raise RuntimeError("The process that starts workers has ended: its own message is above.")
    return json.loads(message)


class Cell:
    """Where the workers of one submission live, one at a time: see `course.sandbox.cell`.

    Args:
        zygote: its control socket.
        root: the submission's folder.

    Raises:
        TooLarge: the submission is.

    Attributes:
        busy: a worker runs in it.
    """

    def __init__(self, zygote: socket.socket, root: Path) -> None:
        self._stamps = stamps_of(root)  # before the files are read: what changes afterwards has another one
        files = files_of(root)
        self._content = digest(files)
        self.busy = False
        self._control, theirs = socket.socketpair()
        self._control.settimeout(TIMEOUT)
        ask(zygote, {"op": "open"}, [theirs.fileno()])
        theirs.close()
        send(self._control, {}, {name: np.frombuffer(content, np.uint8) for name, content in files.items()})
        receive(self._control)

    def holds(self, root: Path) -> bool:
        """Whether it was made for what is in a folder now."""
        stamps = stamps_of(root)
        if stamps != self._stamps and digest(files_of(root)) != self._content:
            return False
        self._stamps = stamps
        return True

    def fork(self, root: Path, channel: int, output: int) -> int:
        """Fork a worker that serves on a channel; return its process id inside the cell."""
        self.busy = True
        return ask(self._control, {"op": "spawn"}, [channel, output])["pid"]

    def end(self, pid: int) -> Ended:
        """Kill everything in the cell; return how the worker ended."""
        ended = Ended(**ask(self._control, {"op": "end"}))
        self.busy = False  # not where that failed: such a cell is not used again
        return ended

    def close(self) -> None:
        """End the cell: its keeper, all that is left in it, when its worker was ended."""
        self._control.close()


def files_of(root: Path) -> dict[str, bytes]:
    """Read the files of a submission.

    Raises:
        TooLarge: they are more than a cell takes.
    """
    paths = [path for path in sorted(root.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
    if sum(path.stat().st_size for path in paths) > SUBMISSION_SIZE // 2:
        raise TooLarge(
            f"The submission is too large: its Python files have more than {SUBMISSION_SIZE // 2 // MIB} MB."
        )
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def stamps_of(root: Path) -> list[tuple[str, int, int]]:
    """Return what differs when a file in a folder was written: cheaper than reading it."""
    stamps = []
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)  # noqa: PTH118 - as many paths as checks: pathlib takes ten times as long
            status = os.stat(path)  # noqa: PTH116
            stamps.append((path, status.st_size, status.st_ctime_ns))
    return sorted(stamps)


def digest(files: dict[str, bytes]) -> str:
    """Return a hash of names and contents."""
    total = hashlib.sha256()
    for name, content in files.items():
        total.update(f"{len(name)} {len(content)} {name}".encode() + content)
    return total.hexdigest()
