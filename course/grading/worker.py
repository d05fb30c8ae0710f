"""A worker, as the trusted side sees it: takes requests, answers in time or is gone."""

import math
import os
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any, Protocol

from course.grading.cells import Ended, Host, TooLarge
from course.sandbox.limits import NO_MEMORY
from course.worker.packages import PACKAGE
from course.worker.protocol import Arrays, Garbled, ProtocolError, receive, send

START_TIMEOUT = 120.0
RENEW_TIMEOUT = 10.0
SUBMISSION_TIME = 3600.0  # seconds of all calls of a submission: checks that hang must not take a night
OUTPUT_KEPT = 64 * 1024
# A busy machine makes code wait, not compute: time is counted in seconds of computing, and the clock is patient.
WALL_PER_CPU = 3
# What computed for so much of its time and was not through was slowed down; what did not, waits for what never comes.
SLOWED_DOWN = 0.25
TIME_IS_UP = -24  # SIGXCPU


class WorkerGone(Exception):  # noqa: N818 - what happened, not an error of ours
    """The worker died, did not answer in time, or sent no message: the text says which, for the student.

    Attributes:
        stuck: it did not answer in time.
    """

    def __init__(self, text: str, stuck: bool = False) -> None:
        super().__init__(text)
        self.stuck = stuck


class Parent(Protocol):
    """What starts workers: see `launch.Zygote`."""

    def host(self, root: Path) -> Host:
        """Return what forks workers for the submission in a folder."""

    def spend(self, root: Path, seconds: float = 0.0) -> float:
        """Count the time of a submission's calls; return how much there has been."""


class Worker:
    """A process that runs one submission's code.

    Args:
        zygote: starts it.
        root: the submission's folder.

    Attributes:
        pid: its process id, in the cell where it lives; 0 when it has ended.
    """

    def __init__(self, zygote: Parent, root: Path) -> None:
        self._zygote = zygote
        self.root = root
        self._asked: list[tuple[dict[str, Any], Arrays, float]] = []
        self._again = False
        self._gone: str | None = None
        self.pid = 0
        self._ended = Ended(0)
        self._start()

    def _start(self) -> None:
        self._printed = bytearray()
        self._channel, theirs = socket.socketpair()
        output_read, output_write = os.pipe()
        try:
            self._host = self._zygote.host(self.root)
            self.pid = self._host.fork(self.root, theirs.fileno(), output_write)
        except TooLarge as error:
            self._gone = str(error)
        finally:
            theirs.close()
            os.close(output_write)
        self._reader = threading.Thread(target=self._drain, args=(output_read,), daemon=True)
        self._reader.start()
        if self.pid:
            self._await_ready()

    def _await_ready(self) -> None:
        """Wait until the worker is shut in: what goes wrong before that is not the student's doing."""
        self._channel.settimeout(START_TIMEOUT)
        try:
            receive(self._channel)
        except (ProtocolError, OSError):
            self.close()
            self._reader.join(1)
            raise RuntimeError(f"A worker could not be shut in: {self.printed}") from None

    @property
    def untouched(self) -> bool:
        """Whether nothing was asked of it since it was new."""
        return bool(self.pid) and not self._asked

    def renew(self) -> bool:
        """Have it forget the student's code; return whether it is as new then, and may serve another check."""
        self._asked, self._again = [], False
        try:
            return self.request({"operation": "renew"}, {}, RENEW_TIMEOUT)[0] == {"new": True}
        except WorkerGone:
            return False
        finally:
            self._asked = []

    def request(self, header: dict[str, Any], arrays: Arrays, timeout: float) -> tuple[dict[str, Any], Arrays]:
        """Send a request, and wait for its reply.

        It may compute for a third of the time. Where the time is up though it did not, because the machine is busy,
        everything that was asked so far is asked once more, of a new worker.

        Raises:
            WorkerGone: no reply came; the worker is not asked again.
        """
        if self._zygote.spend(self.root) > SUBMISSION_TIME:
            self._gone = f"Not run: the submission has used its {SUBMISSION_TIME / 60:.0f} minutes of computing."
        if self._gone:
            raise WorkerGone(self._gone)
        self._asked.append((header, arrays, timeout))
        stuck = False
        try:
            return self._ask(header, arrays, timeout)
        except TimeoutError:
            allowed = timeout / WALL_PER_CPU
            if not self._again and SLOWED_DOWN * allowed < self.close().cpu < allowed:
                return self._ask_again()
            stuck = True
            self._gone = f"The code did not finish within {timeout:.0f} seconds."
        except Garbled:
            self._gone = "The code wrote something else than an answer to the grading process, which it must not."
        except (ProtocolError, OSError):
            ended = self.close()
            stuck = ended.status == TIME_IS_UP
            self._gone = _manner(ended, timeout)
        self.close()
        raise WorkerGone(self._gone, stuck)

    def _ask(self, header: dict[str, Any], arrays: Arrays, timeout: float) -> tuple[dict[str, Any], Arrays]:
        start = time.monotonic()
        self._channel.settimeout(timeout)
        try:
            send(self._channel, header | {"cpu": math.ceil(timeout / WALL_PER_CPU)}, arrays)
            return receive(self._channel, start + timeout)
        finally:
            self._zygote.spend(self.root, time.monotonic() - start)

    def _ask_again(self) -> tuple[dict[str, Any], Arrays]:
        self._again = True
        asked, self._asked = self._asked, []
        self._start()
        return [self.request(*request) for request in asked][-1]

    @property
    def printed(self) -> str:
        """What the code printed, the first 64 KiB."""
        return self._printed.decode("utf-8", "replace")

    def close(self) -> Ended:
        """Kill the worker and everything that it started; return how it ended."""
        self._channel.close()
        if self.pid:
            pid, self.pid = self.pid, 0
            self._ended = self._host.end(pid)
        return self._ended

    def _drain(self, output: int) -> None:
        """Read all that is printed, so that the worker never waits for us; keep the beginning."""
        printed = self._printed
        with os.fdopen(output, "rb", buffering=0) as stream:
            while part := stream.read(1 << 16):
                printed += part[: OUTPUT_KEPT - len(printed)]


class LocalWorker:
    """Runs a student's code in this process, for a debugger: without any protection, and only one's own code."""

    printed = ""

    def __init__(self, root: Path) -> None:
        from course.worker.serve import Session

        self._session = Session(root)

    def request(self, header: dict[str, Any], arrays: Arrays, timeout: float) -> tuple[dict[str, Any], Arrays]:
        """Run a request here and now; nothing limits its time."""
        return self._session.answer(header, arrays)

    def close(self) -> Ended:
        """Forget the student's modules, and where they lie, so that the next worker imports its own."""
        self._session.close()
        for name in [name for name in sys.modules if name == PACKAGE or name.startswith(PACKAGE + ".")]:
            del sys.modules[name]
        return Ended(0)


def _manner(ended: Ended, timeout: float) -> str:
    """Say how a process ended."""
    if ended.too_large:
        return NO_MEMORY
    if ended.status == TIME_IS_UP:
        return f"The code computed for more than {math.ceil(timeout / WALL_PER_CPU)} seconds."
    if ended.status < 0:
        return f"The code ended the Python process by signal {-ended.status}."
    manner = f"with exit code {ended.status}" if ended.status else "(by calling exit)"
    return f"The code ended the Python process {manner}."
