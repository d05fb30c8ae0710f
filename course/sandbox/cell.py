"""The inner wall: a cell for one submission, and in it a worker for each check.

    zygote ── fork ── waiter ── fork ── keeper, process 1 of its own process space
                                          ├─ fork ── worker of a check
                                          └─ ...

The keeper has run nothing of the student's, so that no check meets what another one left behind. Whatever a worker
starts becomes the keeper's child in the end, and is killed with the worker; when the keeper ends, the kernel kills
what is left. A worker has /tmp and /dev/shm of its own, which vanish with its last process.
"""

import contextlib
import os
import signal
import socket
from pathlib import Path
from typing import Any

from course.sandbox import linux
from course.sandbox.enclosure import shut_in, shut_in_worker
from course.sandbox.limits import FILES, MEMORY, SUBMISSION, SUBMISSION_SIZE
from course.sandbox.memory import memory_of_others
from course.worker.forks import Worker, leave, listen, stand_alone
from course.worker.protocol import receive, send


def open_cell(request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
    """Make a cell for a submission, which comes over the descriptor. It ends when the trusted side closes that."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass  # the waiters of cells that have ended
    if os.fork() == 0:
        with leave():
            control = stand_alone(descriptors[0])
            shut_in()
            keeper = os.fork()
            if keeper:
                control.close()
                os.waitpid(keeper, 0)
            else:
                linux.die_with_parent()
                Keeper(control).keep()
    os.close(descriptors[0])
    return {}


class Keeper:
    """The first process of a cell: starts workers, watches them, and clears away what they leave."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.worker: Worker | None = None
        self.too_large = False

    def keep(self) -> None:
        """Unpack the submission, then start and end workers until the trusted side closes the channel."""
        # A first process gets no signal from its own cell, but for those that it handles, as Python does this one.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        linux.mount("", "/", "", linux.MS_REC | linux.MS_PRIVATE)
        linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
        _, files = receive(self.control)
        linux.mount_tmpfs(SUBMISSION, SUBMISSION_SIZE, FILES, 0o755)
        for name, content in files.items():
            path = Path(SUBMISSION) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.tobytes())
        flags = linux.MS_REMOUNT | linux.MS_RDONLY | linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC
        linux.mount("", SUBMISSION, "", flags)
        send(self.control, {"ready": True})
        listen(self.control, {"spawn": self.spawn, "end": self.end}, self.watch)

    def spawn(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        """Start a worker."""
        self.too_large = False
        self.worker = Worker(Path(SUBMISSION), descriptors, self._enclose)
        return {"pid": self.worker.pid}

    def _enclose(self) -> None:
        """Shut the worker in, in the worker itself, before it meets a line of the student's code."""
        self.control.close()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        shut_in_worker()

    def watch(self) -> None:
        """Kill the worker where all it started uses too much memory; no limit of the kernel counts it together."""
        if self.worker and memory_of_others() > MEMORY:
            self.too_large = True
            os.kill(-1, signal.SIGKILL)

    def end(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        """Kill the worker and all that it started, and say how it ended."""
        status, cpu = self.worker.end(everything=True)
        self.worker = None
        return {"status": status, "cpu": cpu, "too_large": self.too_large}
