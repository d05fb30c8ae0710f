"""A release works where nothing else is: its own tests run on the stubs and on solutions that are dropped in.

The environment's packages are those of this one; the course itself is found in the release and nowhere else.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course.grading.bank import load_bank
from course.paths import ROOT
from course.release.package import release, without_modules
from selftests.release.conftest import SEEDS

TIMEOUT = 900


@pytest.fixture
def home(released: Path, tmp_path: Path) -> Path:
    """A student's fresh copy."""
    return Path(shutil.copytree(released, tmp_path / "home"))


def run(home: Path, *words: str) -> subprocess.CompletedProcess:
    """Run a module of the copy, in which `course` is the copy's and not this project's."""
    start = "import runpy, sys; sys.path[:] = [sys.argv[1], *[p for p in sys.path if p != sys.argv[2]]]; "
    start += "module = sys.argv[3]; sys.argv = [module, *sys.argv[4:]]; runpy.run_module(module, run_name='__main__')"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COURSE"))}
    environment |= {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(home), "COLUMNS": "120"}
    return subprocess.run(
        [sys.executable, "-c", start, str(home), str(ROOT), *words],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )


def course(home: Path, *words: str) -> subprocess.CompletedProcess:
    """Run a command of the copy."""
    (home / "course" / "start.py").write_text("from course.cli.main import main\n\nmain()\n", encoding="utf-8")
    return run(home, "course.start", *words)


def verdicts(home: Path, tasks: str = "") -> dict[str, str]:
    """Grade the copy with its own graders, and return the verdict on each task."""
    done = course(home, "grade", ".", "--out", "results", "--sandbox", "none", "--jobs", "1", "--tasks", tasks)
    (path,) = (home / "results").glob("*/results.json")
    record = json.loads(path.read_text(encoding="utf-8"))
    assert done.returncode == 0, done.stdout + done.stderr
    return {task["id"]: task["verdict"] for task in record["tasks"]}


def solve(home: Path) -> None:
    shutil.copytree(ROOT / "solutions", home / "lib", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))


def pytest_in(home: Path, *words: str) -> subprocess.CompletedProcess:
    return run(home, "pytest", "-q", "-p", "no:cacheprovider", *words)


def test_nothing_is_attempted_in_a_fresh_copy(home: Path) -> None:
    assert set(verdicts(home).values()) == {"not_attempted"}
    fresh = pytest_in(home, "--tasks", "7")
    assert fresh.returncode == 1 and re.search(r"^\d+ failed(, \d+ deselected)? in ", fresh.stdout, re.M), fresh.stdout


def test_the_solutions_pass(home: Path) -> None:
    """All of them, also those that train."""
    solve(home)
    solved = pytest_in(home)
    assert solved.returncode == 0 and re.search(r"^\d+ passed(, \d+ warnings?)? in ", solved.stdout, re.M), (
        solved.stdout
    )


def test_a_mistake_has_its_name_there(home: Path) -> None:
    solve(home)
    path = home / "lib" / "losses.py"
    path.write_text(path.read_text(encoding="utf-8") + MISTAKE, encoding="utf-8")
    done = pytest_in(home, "--tasks", "2.1")
    live = next(a for a in load_bank() if (a.task, a.name) == ("2.1", "sigmoid-forgotten"))
    assert live.sentence in " ".join(done.stdout.split()), done.stdout
    assert "Traceback" not in done.stdout + done.stderr


MISTAKE = """

class DiceLoss(nn.Module):
    def forward(self, y_pred, y_true):
        return 1 - (2 * (y_pred * y_true).sum() + 1) / (y_pred.sum() + y_true.sum() + 1)
"""


def test_another_seed_is_refused_in_a_sentence(home: Path) -> None:
    solve(home)
    done = pytest_in(home, "--tasks", "2.1", "--seed", "7")
    assert "is recorded for the seed 0 and not for 7" in done.stdout
    assert "Traceback" not in done.stdout and "recorded.py:" not in done.stdout


def test_the_students_commands_are_there_and_the_instructors_are_not(home: Path) -> None:
    done = course(home, "--help")
    assert done.returncode == 0, done.stderr
    for command in ("list", "check", "hint", "show", "reset", "update", "data"):
        assert re.search(rf"│ {command} ", done.stdout), command
    for command in ("stubs", "release", "examples", "nbgrader", "demo"):
        assert not re.search(rf"│ {command} ", done.stdout), command


def test_course_check_works(home: Path) -> None:
    fresh = course(home, "check", "2")
    assert fresh.returncode == 1 and "2.1 Dice loss: not written yet." in fresh.stdout, fresh.stdout + fresh.stderr
    solve(home)
    solved = course(home, "check", "2")
    assert solved.returncode == 0, solved.stdout + solved.stderr


def test_the_lock_fits_the_project(released: Path) -> None:
    done = subprocess.run(["uv", "lock", "--check", "--offline"], cwd=released, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_link_of_the_documents_leads_somewhere(released: Path) -> None:
    for path in [released / "README.md", *sorted((released / "docs").glob("*.md"))]:
        for link in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            if "://" not in link:
                assert (path.parent / link).exists(), f"{path.name}: {link}"


def test_the_readme_has_no_blanks_left(released: Path) -> None:
    for name in ("README.md", "pyproject.toml", ".github/workflows/classroom.yml"):
        assert not re.search(r"\{\w+\}", (released / name).read_text(encoding="utf-8")), name


def test_a_part_of_the_exercises_is_a_whole_release(recorded: Path, tmp_path: Path) -> None:
    home = tmp_path / "part"
    release(ROOT, home, "1-2,7", recorded.read_bytes(), SEEDS)
    assert not list(home.rglob("*UNet*"))
    listed = {path.name for path in (home / "tests").glob("test_*.py")}
    assert {name[:9] for name in listed} == {"test_ex01", "test_ex02", "test_ex07"}
    solve(home)
    assert pytest_in(home, "--tasks", "1.1,1.3,2,7").returncode == 0


def test_packages_that_are_not_chosen_are_not_imported() -> None:
    """A package of lib/ imports its modules: those of other exercises are not there."""
    text = (ROOT / "lib" / "model" / "__init__.py").read_text(encoding="utf-8")
    left = without_modules(text, "model/__init__.py", {"model/DilatedNetModel.py", "model/EncDecModel.py"})
    assert "UNet2" in left and "EncDec" not in left and "DilatedNet" not in left
    assert without_modules(text, "model/__init__.py", set()) == text
