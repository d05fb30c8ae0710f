"""What is made once for all these tests, and by all processes that share them."""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from course.grading.recording import record
from course.paths import ROOT


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A folder that all processes of a run share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if hasattr(request.config, "workerinput") else base) / "release"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def recorded(shared: Path) -> Path:
    """The recording for the public seed."""
    path = shared / "recorded.safetensors"
    with (shared / "recorded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            path.write_bytes(record())
    return path


@pytest.fixture
def submission(tmp_path: Path) -> Callable[..., Path]:
    """Make a submission: the solutions, with some files of lib/ replaced."""

    def make(files: dict[str, str] | None = None, name: str = "submission") -> Path:
        folder = tmp_path / name
        shutil.copytree(ROOT / "solutions", folder / "lib", ignore=shutil.ignore_patterns("__pycache__"))
        for file, text in (files or {}).items():
            (folder / "lib" / file).write_text(text, encoding="utf-8")
        return folder

    return make
