"""The class of `school.py`: made once, also where several processes run the tests."""

import json
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from selftests.nbgrader.school import Class, take_through


@pytest.fixture(scope="session")
def school(tmp_path_factory) -> Class:
    """The class after feedback. Do not change anything in it."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if base.name.startswith("popen-") else base
    root = base / "nbgrader-class"
    with FileLock(str(base / "nbgrader-class.lock")):
        if not root.exists():
            unfinished = base / "nbgrader-class-unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            take_through(unfinished)
            unfinished.rename(root)
    return Class(root)


@pytest.fixture
def own_school(school: Class, tmp_path: Path) -> Class:
    """A copy of the class, for tests that change it."""
    shutil.copytree(school.root, tmp_path / "class")
    return Class(tmp_path / "class")


@pytest.fixture(scope="session")
def records(school: Class) -> dict[str, dict[str, float]]:
    """What the graders gave: points by student and task."""
    found = {}
    for path in school.results.glob("*/results.json"):
        record = json.loads(path.read_text())
        found[record["submission"]] = {task["id"]: task["points"] for task in record["tasks"]}
    return found
