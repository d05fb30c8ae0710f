"""What a student's repository holds, and what it never holds. This is the one place where it is written down.

Of the course's own modules a student gets those that the student's commands, the chosen graders and the scripts import,
and no others: a module that is new here is no student's until something of theirs needs it.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from course.catalogue import Catalogue
from course.errors import CourseError

# Commands that a student has. `course grade` among them: it grades one's own folder, and the classroom's workflow.
COMMANDS = ("list", "check", "hint", "show", "reset", "watch", "doctor", "job", "solution", "grade", "data", "update")
# Programs, and modules that are started by their names.
SCRIPTS = ("train.py", "predict.py", "measure.py")
STARTED = (
    "course.cli.main",
    "course.grading.plugin",
    "course.notebook",
    "course.report.classroom",
    "course.sandbox.wall",
    "course.worker.zygote",
)
# Taken as they are, folders as a whole.
FILES = (
    *SCRIPTS,
    "LICENSE",
    "data/cells",
    "data/facades",
    "data/phc",
    "data/manifest.json",
    "docs/data.md",
    "docs/grading.md",
    "docs/metrics.md",
    "docs/students.md",
    "docs/training.md",
    "docs/images",
)
# Rooms that students write in, and everything else that only a release has.
LIBRARY = "lib"
NOTEBOOKS = "notebooks"
ORIGINALS = "course/originals"
RECORDED = "tests/recorded.safetensors"
MADE = (
    "README.md",
    "course.toml",
    "pyproject.toml",
    "uv.lock",
    ".gitignore",
    ".github/workflows/classroom.yml",
    "release.json",
)

DATA = (".json", ".csv", ".toml")
IMPORTED = re.compile(r"(?:from|import) (course(?:\.\w+)*)")

# Code of the course in which, or in a folder of which, a student's module never is.
INSTRUCTORS = ("answers", "benchmarks", "course.demo", "course.nbgrader", "course.release", "selftests", "solutions")
# Modules of instructors that a student's module imports inside a function, where the solutions are.
GUARDED = {
    "course.grading.oracle": "course.grading.oracles",
    "course.release.stubs": "course.student.originals",
}


def modules_for(source: Path, catalogue: Catalogue) -> set[str]:
    """Return the paths of all modules of the course that a student needs, inside its folder.

    With a module go the data that lie beside it under its name, as `reference.json` beside `reference.py`.

    Args:
        source: the course's folder.
        catalogue: the chosen exercises.

    Raises:
        CourseError: a student's module imports an instructor's.
    """
    commands = [f"course.cli.{name}" for name in COMMANDS if (source / f"course/cli/{name}.py").is_file()]
    scripts = {script: source / script for script in SCRIPTS}
    started = {name: _file(source, name) for name in (*STARTED, *commands)}
    tests = {f"tests.{path.stem}": path for path in graders(source, catalogue)}
    reached: set[Path] = set()
    waiting = [*scripts.items(), *started.items(), *tests.items(), *_of_notebooks(source, catalogue)]
    while waiting:
        name, path = waiting.pop()
        if path in reached:
            continue
        reached |= {path, *_packages(source, path)}
        for other in _imports(path):
            file = _file(source, other)
            if file is None or GUARDED.get(other) == name:
                continue
            if any(f"{other}.".startswith(f"{theirs}.") for theirs in INSTRUCTORS):
                raise CourseError(
                    f"{path.relative_to(source)} is needed by students, and imports {other}, which they do not have. "
                    "Import it inside a function where the solutions are, and say so in course/release/contents.py."
                )
            waiting.append((other, file))
    data = {path.with_suffix(kind) for path in reached for kind in DATA if path.with_suffix(kind).is_file()}
    return {path.relative_to(source).as_posix() for path in reached | data}


def graders(source: Path, catalogue: Catalogue) -> list[Path]:
    """Return the files of checks of a catalogue's exercises."""
    wanted = {f"test_ex{int(exercise.id):02}" for exercise in catalogue.exercises}
    return [path for path in sorted((source / "tests").glob("test_*.py")) if path.name[:9] in wanted]


def notebook(source: Path, exercise: str) -> Path:
    """Return where the notebook of an exercise is, if it has one."""
    name = f"ex{int(exercise):02}"
    return source / NOTEBOOKS / name / f"{name}.ipynb"


def _of_notebooks(source: Path, catalogue: Catalogue) -> Iterator[tuple[str, Path]]:
    """Yield the modules of the course that the notebooks import."""
    for path in (notebook(source, exercise.id) for exercise in catalogue.exercises):
        if path.is_file():
            for name in set(IMPORTED.findall(path.read_text(encoding="utf-8"))):
                if file := _file(source, name):
                    yield name, file


def _file(source: Path, module: str) -> Path | None:
    """Return the file of a module of the course, None for any other module."""
    path = source / module.replace(".", "/")
    for file in (path.with_name(path.name + ".py"), path / "__init__.py"):
        if file.is_file():
            return file
    return None


def _packages(source: Path, path: Path) -> Iterator[Path]:
    """Yield the `__init__.py` of all packages that a module lies in."""
    for folder in path.relative_to(source).parents[:-1]:
        yield source / folder / "__init__.py"


def _imports(path: Path) -> Iterator[str]:
    """Yield the names of all modules that a file imports anywhere, but for those that only type checkers see."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing = [node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)]
    unseen = {inner for node in typing for statement in node.body for inner in ast.walk(statement)}
    for node in ast.walk(tree):
        if node in unseen:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
