"""Every case of the corpus: points, message, time, neighbours, what is left behind. The same on both sandboxes."""

import contextlib
import hashlib
import os
import secrets
import signal
import socket
import threading
import time
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from course.errors import CourseError
from course.grading import student
from course.grading.launch import Zygote, shared_zygote
from course.grading.record import Results
from course.grading.run import Settings, grade
from course.paths import ROOT
from course.sandbox.interface import choose
from course.submission.find import open_submission
from selftests.attacks import packed
from selftests.attacks.corpus import CLOCK, Case, load, write

CLASSES = ("forging", "tampering", "theft", "resources", "network", "unpacking", "accidents")
BACKENDS = ("bubblewrap", "namespaces")
ABOUT_THE_WALL = ("tampering", "theft", "resources", "network")
TASK, FULL = "2.1", 6
TIME_LIMIT = 60  # seconds for two checks, on a busy machine
PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/run", "/", "/etc", "/usr", str(ROOT), str(Path.home()))


def cases_of(name: str) -> list:
    return packed.CASES if name == "unpacking" else load(name)


@cache
def why_not(backend: str) -> str:
    """Return why a back-end cannot be used here; "" where it can."""
    try:
        choose(backend)
    except CourseError as error:
        return str(error)
    return ""


class Surroundings:
    """What a submission must not reach: listeners, a folder, a secret; and a token by which its traces are found."""

    def __init__(self, folder: Path) -> None:
        self.outside = folder / "outside"
        (self.outside / "neighbour" / "lib").mkdir(parents=True)
        (self.outside / "neighbour" / "lib" / "losses.py").write_text(packed.RIGHT)
        (self.outside / "grades.csv").write_text("0 points")
        self.secret = secrets.token_hex(16)
        self.reached: list[str] = []
        self.sockets = []
        self.port = self._listen(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
        self._listen(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", self.port))
        self.abstract = "corpus-" + secrets.token_hex(8)
        self._listen(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + self.abstract)
        here = Path.cwd()
        os.chdir(self.outside)  # the path of a socket is short
        self._listen(socket.AF_UNIX, socket.SOCK_STREAM, "socket")
        os.chdir(here)

    def _listen(self, family: int, kind: int, address: object) -> int:
        listener = socket.socket(family, kind)
        listener.bind(address)
        if kind == socket.SOCK_STREAM:
            listener.listen()
        self.sockets.append(listener)
        threading.Thread(target=self._note, args=(listener, kind), daemon=True).start()
        return listener.getsockname()[1] if family == socket.AF_INET else 0

    def _note(self, listener: socket.socket, kind: int) -> None:
        try:
            while True:
                what = listener.accept()[1] if kind == socket.SOCK_STREAM else listener.recvfrom(10)[1]
                self.reached.append(str(what))
        except OSError:
            return

    def words(self, token: str) -> dict[str, str]:
        return {
            "TOKEN": token,
            "SECRET": self.secret,
            "ROOT": str(ROOT),
            "OUTSIDE": str(self.outside),
            "PORT": str(self.port),
            "ABSTRACT": self.abstract,
            "BRACKETS": "(" * 100_000,
            "MEGABYTES": "x" * 2_000_000,
        }

    def touched(self) -> list[str]:
        """Return what was changed, and who was reached since the last call."""
        content = {path.relative_to(self.outside).as_posix() for path in self.outside.rglob("*")}
        changed = content ^ {"neighbour", "neighbour/lib", "neighbour/lib/losses.py", "grades.csv", "socket"}
        if (self.outside / "grades.csv").read_text() != "0 points":
            changed.add("grades.csv")
        reached, self.reached = self.reached, []
        return [*sorted(changed), *reached]


def left_behind(token: str) -> list[str]:
    """Return processes and files that bear a token; a killed process may take a moment."""
    deadline = time.monotonic() + 3
    while (found := traces(token)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def traces(token: str) -> list[str]:
    """Return processes and files that bear a token."""
    found = []
    for place in PLACES:
        found += [str(path) for path in Path(place).iterdir() if token in path.name or path.name.startswith("escaped")]
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if token in (path / "comm").read_text() or token.encode() in (path / "cmdline").read_bytes():
                found.append(f"process {path.name}")
        except OSError:
            continue
    return found


def grading_side() -> tuple:
    """Return what no submission may change: everything that grades, and the settings of this process."""
    digest = hashlib.sha256()
    for folder in ("tests", "solutions", "answers", "course/grading", "course/worker", "course/submission"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    variables = [os.environ.get(name) for name in ("PATH", "HOME", "PYTHONPATH", "OMP_NUM_THREADS", "COURSE_CORPUS")]
    return digest.hexdigest(), variables, Path.cwd(), signal.getsignal(signal.SIGINT), threading.active_count() < 50


@pytest.fixture(scope="session")
def surroundings(tmp_path_factory):
    made = Surroundings(tmp_path_factory.mktemp("surroundings"))
    os.environ["COURSE_CORPUS"] = made.secret
    yield made
    del os.environ["COURSE_CORPUS"]
    for listener in made.sockets:
        listener.close()


@pytest.fixture(scope="session")
def right(tmp_path_factory) -> Path:
    return write(Case("right", "", FULL), tmp_path_factory.mktemp("right") / "neighbour", {})


@pytest.fixture(scope="module")
def wall():
    """A function that returns the zygote of a back-end: one at a time, shared by all cases that run on it."""
    running: dict[str, tuple[contextlib.ExitStack, Zygote]] = {}

    def of(backend: str) -> Zygote:
        if reason := why_not(backend):
            pytest.skip(f"The sandbox {backend} does not work here: {reason}")
        if backend not in running:
            close()
            stack = contextlib.ExitStack()
            running[backend] = stack, stack.enter_context(shared_zygote(backend))
        return running[backend][1]

    def close() -> None:
        for stack, _ in running.values():
            stack.close()
        running.clear()

    yield of
    close()


def graded(address: Path | str, backend: str) -> Results:
    return grade(open_submission(address), Settings(tasks=(TASK,), sandbox=backend))


def answer_of(zygote: Zygote, folder: Path) -> tuple[float, bytes]:
    """Return value and gradient that a right neighbour gives now."""
    worker = zygote.spawn(folder)
    settings = {"file": "losses.py", "symbol": "DiceLoss", "settings": {}, "dtype": "float32", "device": "cpu"}
    request = settings | {"operation": "evaluate", "inputs": ["y_pred", "y_true"], "gradient": True}
    arrays = {"y_pred": np.linspace(-3, 3, 16, dtype=np.float32).reshape(1, 1, 4, 4)}
    arrays["y_true"] = (arrays["y_pred"] > 1).astype(np.float32)
    _, reply = worker.request(request, arrays, 60.0)
    worker.close()
    return float(reply["value0"]), reply["gradient"].tobytes()


def chosen():
    """Yield every case on the first sandbox that works; on the other one what is about its wall.

    Where no sandbox works, what needs none is graded without.
    """
    works = [backend for backend in BACKENDS if not why_not(backend)]
    for backend in BACKENDS:
        for name in CLASSES:
            for case in cases_of(name):
                if backend in works[:1] or not works or name in ABOUT_THE_WALL:
                    yield pytest.param(backend, case, id=f"{backend}-{name}-{case.name}")
    if not works:
        for name in CLASSES:
            for case in cases_of(name):
                if not case.needs:
                    yield pytest.param("none", case, id=f"none-{name}-{case.name}")


@pytest.mark.parametrize(("backend", "case"), list(chosen()))
def test_every_case_gets_what_it_deserves(wall, surroundings, right, tmp_path, monkeypatch, backend, case):
    zygote = wall(backend)
    monkeypatch.setattr(student, "CALL_TIMEOUT", case.clock)
    neighbour = answer_of(zygote, right)
    before = grading_side()
    token = "tk" + secrets.token_hex(6)
    is_plain = isinstance(case, Case)
    address = write(case, tmp_path / "work", surroundings.words(token)) if is_plain else case.make(tmp_path)
    start = time.monotonic()
    results = graded(address, backend)
    seconds = time.monotonic() - start
    (task,) = results.tasks
    shown = f"{case.must}\n{task.verdict}, {task.points} points: {task.message}\nnotes: {results.notes}"
    assert task.points == case.points, shown
    assert task.verdict == (case.verdict or ("passed" if case.points == FULL else "failed")), shown
    assert case.says in task.message, shown
    assert not case.notes or case.notes in " ".join(results.notes), shown
    assert seconds < TIME_LIMIT, shown
    for text in (*(check.message for check in task.checks if check.verdict != "passed"), *results.notes):
        assert text.isprintable(), shown
        assert 10 < len(text) < 1500, shown
        assert "Traceback" not in text, shown
    results.to_json().encode()
    assert left_behind(token) == [], shown
    assert surroundings.touched() == [], shown
    assert grading_side() == before, shown
    assert answer_of(zygote, right) == neighbour, shown


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_neighbour_in_the_same_run_keeps_its_points(wall, surroundings, right, tmp_path, monkeypatch, backend):
    wall(backend)
    first = graded(right, backend)
    for name in CLASSES:
        case = cases_of(name)[1]
        monkeypatch.setattr(student, "CALL_TIMEOUT", case.clock)
        is_plain = isinstance(case, Case)
        graded(write(case, tmp_path / name, surroundings.words(name)) if is_plain else case.make(tmp_path), backend)
    monkeypatch.setattr(student, "CALL_TIMEOUT", CLOCK)
    second = graded(right, backend)
    for results in (first, second):
        for task in results.tasks:
            task.seconds = 0
    assert first.points == FULL
    assert first == second


def test_the_corpus_is_large_and_its_names_are_unique():
    cases = [case for name in CLASSES for case in cases_of(name)]
    assert len(cases) >= 80
    assert len({case.name for case in cases}) == len(cases)
    assert all(case.must.endswith(".") for case in cases)
