"""The zygote, from which workers are forked: the seam at which a sandbox is put around a student's code."""

import contextlib
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from course.grading.cells import Cell, Ended, Host, ask
from course.grading.worker import START_TIMEOUT, Worker
from course.sandbox import selftest
from course.sandbox.interface import DEFAULT, Sandbox, choose

END_TIMEOUT = 10.0


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
        self._idle: Worker | None = None
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
        # A worker keeps what memory it had: getting a network's maps anew for every layer takes as long as computing
        # them. (In bytes; glibc's.)
        environment |= {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 31)}
        # torch.jit.script leaves functions and networks as they are: compiled ones cannot be looked into.
        environment["PYTORCH_JIT"] = "0"
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

    def spawn(self, root: Path) -> Worker:
        """Fork a worker for the submission in a folder."""
        return Worker(self, root)

    def lend(self, root: Path) -> Worker:
        """Return a worker for a check: the one of the check before, if it is as new, or else one that is."""
        idle, self._idle = self._idle, None
        if idle and idle.root == root and self._unchanged(root) and (idle.untouched or idle.renew()):
            return idle
        if idle:
            idle.close()
        return self.spawn(root)

    def take_back(self, worker: Worker) -> None:
        """Keep a worker for the next check."""
        self.rest()
        self._idle = worker

    def rest(self) -> None:
        """End the worker that was kept: nothing of a submission's runs any more."""
        if self._idle:
            self._idle.close()
            self._idle = None

    def _unchanged(self, root: Path) -> bool:
        """Whether a worker that was forked before would import what is in the folder now."""
        return not self.sandbox.cells or (self._cell is not None and self._cell.holds(root))

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
        self.rest()
        if self._cell:
            self._cell.close()
        self._control.close()
        try:
            self._process.wait(END_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


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
