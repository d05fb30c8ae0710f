"""What is made once for all these tests, and by all processes that share them."""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from course.grading.recording import record
from course.grading.seeds import HiddenSeeds
from course.paths import ROOT
from course.release.package import release
from course.release.secrets import Secrets, secrets

SEEDS = HiddenSeeds("0f1e2d3c4b5a69788796a5b4c3d2e1f0" * 2)


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
    return made_once(shared / "recorded.safetensors", lambda path: path.write_bytes(record()))


@pytest.fixture(scope="session")
def released(shared: Path, recorded: Path) -> Path:
    """The real release of all exercises. No test changes it."""
    return made_once(shared / "released", lambda path: release(ROOT, path, "", recorded.read_bytes(), SEEDS))


@pytest.fixture(scope="session")
def hidden() -> Secrets:
    """What must not get out."""
    return secrets(ROOT, SEEDS)


def made_once(path: Path, make: Callable[[Path], object]) -> Path:
    """Make a file or folder, unless another process has done so."""
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            make(path)
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
