"""Starts workers, and talks to them: the seam at which a sandbox is put around a student's code."""

import contextlib
import math
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from course.grading.cells import Cell, Ended, Host, TooLarge, ask
from course.sandbox import selftest
from course.sandbox.interface import DEFAULT, Sandbox, choose
from course.sandbox.limits import NO_MEMORY
from course.worker.loading import PACKAGE
from course.worker.protocol import Arrays, Garbled, ProtocolError, receive, send

START_TIMEOUT = 120.0
END_TIMEOUT = 10.0
SUBMISSION_TIME = 3600.0  # seconds of all calls of a submission: checks that hang must not take a night
OUTPUT_KEPT = 64 * 1024
# A busy machine makes code wait, not compute: time is counted in seconds of computing, and the clock is patient.
WALL_PER_CPU = 3
# What computed for so much of its time and was not through was slowed down; what did not, waits for what never comes.
SLOWED_DOWN = 0.25
TIME_IS_UP = -24  # SIGXCPU


class WorkerGone(Exception):  # noqa: N818 - what happened, not an error of ours
    """The worker died, did not answer in time, or sent no message: the text says which, for the student."""


class Zygote:
    """The process from which workers are forked. One for each grading process, started when first needed.

    Args:
        sandbox: the wall around it.

    Raises:
        CourseError: the sandbox does not hold.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._cell: Cell | None = None
        self._spent: tuple[Path | None, float] = None, 0.0
        with selftest.planted_secret() as secret, tempfile.TemporaryDirectory(prefix="probe-") as folder:
            self._start()
            if sandbox.cells:
                self._test(Path(folder), secret)

    def _test(self, folder: Path, secret: str) -> None:
        selftest.make_submission(folder)
        try:
            worker = self.spawn(folder)
            selftest.check(worker, self.sandbox.name, secret)
            worker.close()
        except BaseException:
            self.close()
            raise

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        environment = self.sandbox.environment()
        # One thread for each worker: two workers with two OpenMP threads each on two cores wait for each other.
        environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
        # The order of a set of words must not differ between two runs. (Started with -I, Python would not listen.)
        environment["PYTHONHASHSEED"] = "0"
        words = [sys.executable, "-s", "-P", "-m", "course.worker.zygote", str(theirs.fileno())]
        self._process = subprocess.Popen(
            self.sandbox.command([*words, "cells"] if self.sandbox.cells else words),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env=environment,
            cwd="/",
        )
        theirs.close()
        ours.settimeout(START_TIMEOUT)
        self._control = ours

    def spawn(self, root: Path) -> "Worker":
        """Fork a worker for the submission in a folder."""
        return Worker(self, root)

    def host(self, root: Path) -> Host:
        """Return what forks workers for a submission: this process itself, or a cell where there is a sandbox."""
        if self._process.poll() is not None:
            self._control.close()
            self._cell = None
            self._start()
        if not self.sandbox.cells:
            return self
        if self._cell and not self._cell.busy:
            if self._cell.holds(root):
                return self._cell
            self._cell.close()
        self._cell = Cell(self._control, root)
        return self._cell

    def spend(self, root: Path, seconds: float = 0.0) -> float:
        """Count the time of a submission's calls; return how much there has been. One submission comes at a time."""
        before = self._spent[1] if self._spent[0] == root else 0.0
        self._spent = root, before + seconds
        return self._spent[1]

    def fork(self, root: Path, channel: int, output: int) -> int:
        """Fork a worker that serves on a channel; return its process id."""
        return ask(self._control, {"op": "spawn", "root": str(root)}, [channel, output])["pid"]

    def end(self, pid: int) -> Ended:
        """Kill a worker and everything in its process group; return how it ended."""
        return Ended(**ask(self._control, {"op": "end", "pid": pid}))

    def close(self) -> None:
        """End the zygote."""
        if self._cell:
            self._cell.close()
        self._control.close()
        try:
            self._process.wait(END_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Worker:
    """A process that runs one submission's code."""

    def __init__(self, zygote: Zygote, root: Path) -> None:
        self._zygote = zygote
        self._root = root
        self._asked: list[tuple[dict[str, Any], Arrays, float]] = []
        self._again = False
        self._gone: str | None = None
        self._pid = 0
        self._ended = Ended(0)
        self._start()

    def _start(self) -> None:
        self._printed = bytearray()
        self._channel, theirs = socket.socketpair()
        output_read, output_write = os.pipe()
        try:
            self._host = self._zygote.host(self._root)
            self._pid = self._host.fork(self._root, theirs.fileno(), output_write)
        except TooLarge as error:
            self._gone = str(error)
        finally:
            theirs.close()
            os.close(output_write)
        self._reader = threading.Thread(target=self._drain, args=(output_read,), daemon=True)
        self._reader.start()
        if self._pid:
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

    def request(self, header: dict[str, Any], arrays: Arrays, timeout: float) -> tuple[dict[str, Any], Arrays]:
        """Send a request, and wait for its reply.

        It may compute for a third of the time. Where the time is up though it did not, because the machine is busy,
        everything that was asked so far is asked once more, of a new worker.

        Raises:
            WorkerGone: no reply came; the worker is not asked again.
        """
        if self._zygote.spend(self._root) > SUBMISSION_TIME:
            self._gone = f"Not run: the submission has used its {SUBMISSION_TIME / 60:.0f} minutes of computing."
        if self._gone:
            raise WorkerGone(self._gone)
        self._asked.append((header, arrays, timeout))
        try:
            return self._ask(header, arrays, timeout)
        except TimeoutError:
            allowed = timeout / WALL_PER_CPU
            if not self._again and SLOWED_DOWN * allowed < self.close().cpu < allowed:
                return self._ask_again()
            self._gone = f"The code did not finish within {timeout:.0f} seconds."
        except Garbled:
            self._gone = "The code wrote something else than an answer to the grading process, which it must not."
        except (ProtocolError, OSError):
            self._gone = _manner(self.close(), timeout)
        self.close()
        raise WorkerGone(self._gone)

    def _ask(self, header: dict[str, Any], arrays: Arrays, timeout: float) -> tuple[dict[str, Any], Arrays]:
        start = time.monotonic()
        self._channel.settimeout(timeout)
        try:
            send(self._channel, header | {"cpu": math.ceil(timeout / WALL_PER_CPU)}, arrays)
            return receive(self._channel, start + timeout)
        finally:
            self._zygote.spend(self._root, time.monotonic() - start)

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
        if self._pid:
            pid, self._pid = self._pid, 0
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
        """Forget the student's modules, so that the next worker imports them afresh."""
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


@contextlib.contextmanager
def shared_zygote(sandbox: str = DEFAULT) -> Iterator[Zygote]:
    """Yield this process's zygote. The outermost user starts and ends it; the others borrow it.

    Raises:
        CourseError: the sandbox does not work here.
    """
    if sandbox in _shared:
        yield _shared[sandbox]
        return
    _shared[sandbox] = Zygote(choose(sandbox))
    try:
        yield _shared[sandbox]
    finally:
        _shared.pop(sandbox).close()


_shared: dict[str, Zygote] = {}
