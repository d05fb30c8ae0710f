"""Workers in each sandbox that works on this machine, and the code that they run."""

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from course.errors import CourseError
from course.grading.launch import Zygote, shared_zygote
from course.grading.worker import Worker
from course.sandbox.interface import choose

REQUEST = {
    "operation": "evaluate",
    "file": "code.py",
    "symbol": "attempt",
    "settings": {},
    "inputs": ["x"],
    "dtype": "float32",
    "device": "cpu",
    "gradient": False,
}


@pytest.fixture(scope="session", params=["bubblewrap", "namespaces"])
def zygote(request) -> Iterator[Zygote]:
    try:
        choose(request.param)
    except CourseError as error:
        pytest.skip(str(error))
    with shared_zygote(request.param) as running:
        yield running


class Code:
    """A submission whose function `attempt` has this body."""

    request = REQUEST
    x = np.zeros(1)

    def __init__(self, zygote: Zygote, root: Path, body: str) -> None:
        (root / "lib").mkdir(parents=True)
        (root / "lib" / "code.py").write_text("def attempt(x):\n" + textwrap.indent(textwrap.dedent(body), "    "))
        self.zygote = zygote
        self.root = root
        self.workers: list[Worker] = []

    def spawn(self) -> Worker:
        self.workers.append(self.zygote.spawn(self.root))
        return self.workers[-1]

    def reply(self, timeout: float = 60.0, **changes: Any) -> dict[str, Any]:
        """Run it in a fresh worker, and return the header of the reply."""
        worker = self.spawn()
        try:
            return worker.request(REQUEST | changes, {"x": self.x}, timeout)[0]
        finally:
            worker.close()

    def value(self, timeout: float = 60.0, **settings: Any) -> float:
        """Run it in a fresh worker, and return the number that it returns."""
        worker = self.spawn()
        reply, arrays = worker.request(REQUEST | {"settings": settings}, {"x": self.x}, timeout)
        worker.close()
        assert "fault" not in reply, reply["fault"]["text"]
        return float(arrays["value0"])

    def fault(self, timeout: float = 60.0) -> str:
        """Run it in a fresh worker, and return the sentence about what went wrong."""
        return self.reply(timeout)["fault"]["text"]


@pytest.fixture
def code(zygote: Zygote, tmp_path: Path) -> Iterator[Callable[[str], Code]]:
    made: list[Code] = []

    def make(body: str) -> Code:
        made.append(Code(zygote, tmp_path / f"submission{len(made)}", body))
        return made[-1]

    yield make
    for submission in made:
        for worker in submission.workers:
            worker.close()
