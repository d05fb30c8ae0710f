"""A student's folder, made of an example submission, and one warm grading process for a whole file of tests."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from course.catalogue import Catalogue, load
from course.paths import ROOT
from course.student.grader import Grader
from course.student.home import Home


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """One folder for all tests of a file: its lib/ is that of whichever example was put there last."""
    folder = tmp_path_factory.mktemp("student")
    (folder / "lib").mkdir()
    return Home(folder)


@pytest.fixture
def student(shared_home: Home) -> Callable[[str], Home]:
    """Put an example submission into the folder, with nothing remembered."""

    def put(example: str) -> Home:
        for name in ("lib", ".course"):
            shutil.rmtree(shared_home.folder / name, ignore_errors=True)
        shutil.copytree(
            ROOT / "examples" / "submissions" / example / "lib",
            shared_home.lib,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        for script in ("train.py", "predict.py"):
            shutil.copy(ROOT / script, shared_home.folder)
        return shared_home

    return put


@pytest.fixture(scope="module")
def grader(shared_home: Home) -> Iterator[Grader]:
    with Grader(shared_home) as running:
        yield running


def edit(path: Path, old: str, new: str) -> None:
    """Replace one place of a file, as an editor does it: a new file takes the place of the old one."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
    other = path.with_name(path.name + ".new")
    other.write_text(text.replace(old, new), encoding="utf-8")
    other.replace(path)
