"""Forks workers and ends them: what the zygote and the keeper of a cell have in common."""

import contextlib
import json
import os
import select
import signal
import socket
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from course.worker.protocol import send
from course.worker.serve import serve

MAX_CONTROL = 64 * 1024
MOST_DESCRIPTORS = 1 << 20
LOOK = 0.1  # seconds between two looks at a worker

Operation = Callable[[dict[str, Any], list[int]], dict[str, Any]]


def listen(control: socket.socket, operations: dict[str, Operation], look: Callable[[], None] | None = None) -> None:
    """Do what the control socket asks for until it is closed; `look` is called ten times a second between."""
    while True:
        while look and not select.select([control], [], [], LOOK)[0]:
            look()
        message, descriptors, _, _ = socket.recv_fds(control, MAX_CONTROL, 2)
        if not message:
            return
        request = json.loads(message)
        reply = operations[request["op"]](request, descriptors)
        control.sendall(json.dumps(reply).encode())


@contextlib.contextmanager
def leave() -> Iterator[None]:
    """Never return from this block: a forked process ends with it."""
    status = 1
    try:
        yield
        status = 0
    except BaseException:
        traceback.print_exc()
    os._exit(status)


class Worker:
    """A forked process that serves one submission's code.

    Args:
        root: the submission's folder.
        descriptors: of the channel to serve on, and of the pipe for all that is printed.
        enclose: called in the worker before anything of the student's is run.
    """

    def __init__(self, root: Path, descriptors: list[int], enclose: Callable[[], None]) -> None:
        self.pid = os.fork()
        if self.pid == 0:
            with leave():
                os.setsid()
                redirect(descriptors[1])
                enclose()
                channel = stand_alone(descriptors[0])
                send(channel, {"ready": True})
                serve(channel, root)
        for descriptor in descriptors:
            os.close(descriptor)

    def end(self, everything: bool) -> tuple[int, float]:
        """Kill the worker and its process group, or everything that this process may kill.

        Returns:
            the worker's exit status, as `os.waitstatus_to_exitcode` gives it, and the seconds it computed.
        """
        pid, status, usage = os.wait4(self.pid, os.WNOHANG)
        while True:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(-1 if everything else -self.pid, signal.SIGKILL)
            if pid == 0:
                pid, status, usage = os.wait4(self.pid, 0)
            if not everything or not _reap():
                return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime


def _reap() -> bool:
    """Wait for a child that was killed; return whether there was one."""
    try:
        os.wait()
    except ChildProcessError:
        return False
    return True


def redirect(output: int) -> None:
    """Read nothing, and send everything that is printed to `output`."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(null)


def stand_alone(descriptor: int) -> socket.socket:
    """Close everything but standard input, output and error, and one socket, which is returned."""
    if descriptor != 3:
        os.dup2(descriptor, 3, inheritable=False)
    most = os.sysconf("SC_OPEN_MAX")
    os.closerange(4, most if most > 0 else MOST_DESCRIPTORS)
    return socket.socket(fileno=3)
