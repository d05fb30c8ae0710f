"""Carries an update out, and says what came of it."""

import ast
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from course.catalogue import Catalogue, read
from course.errors import CourseError
from course.report.files import write_atomically
from course.update.manifest import NAME, Manifest, read_manifest
from course.update.plan import Plan, plan
from course.update.source import Source

# Git does not see this folder.
ASIDE = ".course/before-update"
DEFINITION = re.compile(r"^(?:class|def|async def)\s+(\w+)", re.MULTILINE)


@dataclass
class Report:
    """What an update did.

    Attributes:
        exercises: those that are new.
        added: files that were not there before.
        renewed: how many files are new versions.
        removed: how many files are gone.
        sentences: what the student should know: what stays as it is though there is a new one, what was put aside.
        sync: packages have changed.
    """

    exercises: list[str]
    added: list[str]
    renewed: int
    removed: int
    sentences: list[str] = field(default_factory=list)
    sync: bool = False


def manifest_of(home: Path) -> Manifest:
    """Return the manifest of a student's copy.

    Raises:
        CourseError: it is none.
    """
    path = home / NAME
    if not path.is_file():
        raise CourseError(
            f"{home} is no student's copy: there is no {NAME} in it. `course update` brings such a copy up to date; "
            "the course's own repository is changed by its authors."
        )
    return read_manifest(path.read_bytes(), str(home))


def update(home: Path, source: Source) -> Report:
    """Bring a student's copy up to a release.

    Everything is read and verified before anything is written; the manifest is written last, so that an update that was
    broken off is done again by the same command.

    Raises:
        CourseError: this is no student's copy, or the release is damaged: then nothing is changed.
    """
    old, new = manifest_of(home), source.manifest
    steps = plan(home, old, new)
    contents = {path: source.read(path) for path in steps.of("add", "renew", "replace")}
    for path in steps.of("keep"):
        contents[path] = source.read(path)
    try:
        _write(home, steps, contents)
        write_atomically(home / NAME, new.to_json())
    except OSError as error:
        raise CourseError(
            f"{error.filename or home} cannot be written: {error.strerror}. Mend this, and give the same command "
            "again, which goes on where it was."
        ) from None
    return _report(home, steps, old, source, contents)


def _write(home: Path, steps: Plan, contents: dict[str, bytes]) -> None:
    for path in steps.of("replace", "drop"):
        write_atomically(home / ASIDE / path, (home / path).read_bytes())
    for path in steps.of("add", "renew", "replace"):
        write_atomically(home / path, contents[path])
    for path in steps.of("remove", "drop"):
        (home / path).unlink()


def _report(home: Path, steps: Plan, old: Manifest, source: Source, contents: dict[str, bytes]) -> Report:
    new = source.manifest
    report = Report(
        exercises=[exercise for exercise in new.exercises if exercise not in old.exercises],
        added=steps.of("add"),
        renewed=len(steps.of("renew", "replace")),
        removed=len(steps.of("remove", "drop")),
        sync="uv.lock" in steps.of("add", "renew"),
    )
    catalogue = read(home / "course.toml", home / "solutions")
    for path in steps.of("keep"):
        report.sentences.append(f"{path} is yours and stays as it is; {_news(path, home, contents[path], catalogue)}")
    for path in steps.of("replace"):
        report.sentences.append(f"{path} was changed here, and is now that of the release: yours is in {ASIDE}/{path}.")
    for path in steps.of("drop"):
        report.sentences.append(
            f"{path} was changed here, and is no longer part of the course: it is in {ASIDE}/{path}."
        )
    return report


def _news(path: str, home: Path, content: bytes, catalogue: Catalogue) -> str:
    """Say what the release has in a file that the student has changed."""
    text = content.decode("utf-8", "replace")
    mine = (home / path).read_text(encoding="utf-8", errors="replace")
    if path == "pyproject.toml":
        return _packages(mine, text)
    if path.endswith(".py"):
        new = [name for name in _definitions(text) if name not in _definitions(mine)]
        tasks = [catalogue.task_of(path.removeprefix("lib/"), name) for name in new] if path.startswith("lib/") else []
        wanted = sorted({task.id for task in tasks if task})
        if wanted:
            commands = " and ".join(f"`uv run course reset {task}`" for task in wanted)
            return f"new in it: {', '.join(new)}. {commands} puts the stub there, and keeps a copy of your file."
        if new:
            return f"the release has {', '.join(new)} in it besides: look there if you need it."
    return "the release has another one: look there if you need it."


def _definitions(text: str) -> list[str]:
    """Return the classes and functions of a file, also of one that is no Python at the moment."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return DEFINITION.findall(text)
    return [node.name for node in body if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))]


def _packages(mine: str, text: str) -> str:
    """Say which packages the release needs that the student's pyproject.toml does not ask for."""
    try:
        asked = tomllib.loads(mine)["project"]["dependencies"]
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        return "it cannot be read, so that nobody knows which packages are missing in it."
    new = [one for one in tomllib.loads(text)["project"]["dependencies"] if one not in asked]
    if not new:
        return "it asks for all that is needed."
    return "the release needs besides: " + ", ".join(f"`uv add '{one}'`" for one in new) + "."
