"""Grades a student's own tasks in a process of its own, which keeps everything warm between two saves.

pytest takes the terminal's output away while it runs, and a training uses the processor for itself: so the checks run
in a child process, and this side stays free to draw, and to hear keys.
"""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course.errors import CourseError
from course.student.home import Home

if TYPE_CHECKING:
    from course.grading.record import Results

POLL = 0.1  # seconds in which Ctrl-C is heard
END_TIME = 5.0  # seconds in which the process must have tidied up
LOG = "grader.log"
GONE = (
    "The process that runs the checks has ended, perhaps for want of memory: `uv run course doctor` shows what there "
    "is, and {log} what it said last."
)


class Cancelled(Exception):  # noqa: N818 - what happened, not an error
    """The grading of a task was broken off."""


class Grader:
    """A process that grades tasks of one folder, one at a time.

    Args:
        home: the student's folder.
        device: where the student's code runs.

    It is a context: at its end the process and everything that it has started are gone.

    Raises:
        CourseError: the system is none on which checks run.
    """

    def __init__(self, home: Home, device: str = "cpu") -> None:
        if os.name != "posix":
            raise CourseError("The checks need Linux or macOS. On Windows work in WSL: docs/students.md says how.")
        self._log = home.remembered(LOG)
        home.remember(LOG, "")
        self._arguments = home.folder, device, self._log
        self._process: Any = None
        self._busy = False
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would copy this process's threads and terminal
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, *self._arguments), daemon=True)
        with _no_interrupt():
            self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def grade(self, task_id: str, advance: Callable[[float], None] = lambda points: None) -> "Results":
        """Grade one task, and return its record.

        Args:
            advance: called with the points of each check that has ended, whatever its verdict.

        Raises:
            Cancelled: `cancel` was called from another thread.
            CourseError: the checks cannot run.
        """
        from course.grading.record import Results

        if not self._process.is_alive():
            self._start()
        self._busy = True
        try:
            self._pipe.send(task_id)
            while True:
                while not self._pipe.poll(POLL):
                    if not self._process.is_alive():
                        raise EOFError
                kind, content = self._pipe.recv()
                if kind == "points":
                    advance(content)
                    continue
                self._busy = False
                if kind == "cancelled":
                    raise Cancelled
                if kind == "error":
                    raise CourseError(content)
                results = Results.model_validate_json(content[0])
                results.files = content[1]
                return results
        except (EOFError, OSError):
            self._process.kill()  # perhaps only its end of the pipe is gone: the next task finds a new process
            self._process.join()
            raise CourseError(GONE.format(log=self._log)) from None

    def cancel(self) -> None:
        """Break off what is being graded. May be called from any thread, and at any time."""
        if os.name == "posix" and self._process.is_alive():
            os.kill(self._process.pid, signal.SIGINT)

    def close(self) -> None:
        """End the process. What idles is killed, so that nobody waits for its libraries to say goodbye."""
        self._pipe.close()
        if self._busy:
            self._process.terminate()
            self._process.join(END_TIME)
        self._process.kill()
        self._process.join()

    def __enter__(self) -> "Grader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextlib.contextmanager
def _no_interrupt() -> Iterator[None]:
    """Start a process that does not hear Ctrl-C before it is ready for it."""
    if os.name != "posix":
        yield
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


class LocalGrader:
    """Grades tasks in this process, where a debugger stops in the student's code. Nothing limits its time."""

    def __init__(self, home: Home, device: str = "cpu") -> None:
        self._home = home
        self._device = device

    def grade(self, task_id: str) -> "Results":
        """Grade one task, and return its record."""
        from course.grading.run import Settings, grade
        from course.submission.find import open_submission

        settings = Settings(device=self._device, tasks=(task_id,), sandbox="none", in_process=True)
        return grade(open_submission(self._home.folder), settings)


def serve(pipe: Any, folder: Path, device: str, log: Path) -> None:
    """Grade tasks until the pipe is closed: what the process does.

    Args:
        log: where everything goes that is printed on this side: the terminal belongs to the other.
    """
    print_to(log)
    busy = threading.Event()

    def interrupt(*_: object) -> None:
        if busy.is_set():
            busy.clear()
            raise KeyboardInterrupt

    def leave(*_: object) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGINT, interrupt)  # a cancelled training, or Ctrl-C in the terminal that both share
    signal.signal(signal.SIGTERM, leave)
    if os.name == "posix":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    if sys.platform == "linux":
        from course.sandbox.linux import die_with_parent

        die_with_parent()
    with contextlib.suppress(EOFError, OSError, SystemExit):
        for warm in _zygotes():
            if warm:
                _warm_up()
            while _answer(pipe, folder, device, busy):
                pass
    os._exit(0)  # without what libraries have to say at the end


def print_to(log: Path) -> None:
    """Send everything that this process and its children print to a file."""
    try:
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError:
        output = os.open(os.devnull, os.O_WRONLY)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)


def _zygotes() -> Iterator[bool]:
    """Yield inside a zygote's life, and in that of a new one whenever the last was interrupted.

    Who interrupts a conversation cannot know how far it was.
    """
    from course.grading.launch import shared_zygote

    first = True
    while True:
        with shared_zygote("none"):
            yield first
        first = False


def _warm_up() -> None:
    """Import what every check needs, while the zygote imports what the student's code needs."""
    from course.catalogue import load
    from course.grading.oracles import oracle_for
    from course.grading.seeds import PUBLIC_SEED

    oracle_for(PUBLIC_SEED, load().tasks[0])


def _answer(pipe: Any, folder: Path, device: str, busy: threading.Event) -> bool:
    """Grade one task; return whether the zygote can still be used."""
    from course.grading.run import Settings, grade
    from course.submission.find import open_submission

    task_id = pipe.recv()
    cancelled = False
    busy.set()
    try:
        settings = Settings(device=device, tasks=(task_id,), sandbox="none")
        results = grade(open_submission(folder), settings, lambda points: pipe.send(("points", points)))
    except CourseError as error:
        pipe.send(("error", str(error)))
        return True
    except KeyboardInterrupt:
        cancelled = True
    finally:
        cancelled = cancelled or not busy.is_set()  # pytest ends quietly when it is interrupted
        busy.clear()
    pipe.send(("cancelled", None) if cancelled else ("results", (results.to_json(), results.files)))
    return not cancelled
