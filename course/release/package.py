"""Makes the students' repository: gathers it, looks through it for leaks, and only then puts it in its place."""

import ast
import re
import shutil
import subprocess
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from course.catalogue import Catalogue, load, read
from course.errors import CourseError
from course.grading.run import graders_hash
from course.grading.seeds import HiddenSeeds
from course.release import gate
from course.release.contents import FILES, LIBRARY, ORIGINALS, RECORDED, modules_for, notebook
from course.release.notebooks import student_version
from course.release.secrets import secrets
from course.release.stubs import make_stubs
from course.update.manifest import NAME, Manifest, digest, read_manifest

TEMPLATES = Path(__file__).parent / "template"
TEMPLATE = ".template"
# Where in a release each template goes.
TARGETS = {"classroom.yml": ".github/workflows/classroom.yml", "gitignore": ".gitignore"}
HEADER = re.compile(r"^\[\[?(\w+)", re.MULTILINE)
LOCK_TIMEOUT = 600
# What may lie in an earlier release beside its files: its repository, and what trying it out has left.
LEFT = {gate.GIT, ".venv", ".pytest_cache", "__pycache__", ".course", "runs", "results"}


@dataclass(frozen=True)
class Release:
    """What was released: the exercises, the number of files, and their size in bytes."""

    exercises: list[str]
    files: int
    size: int


def release(source: Path, out: Path, exercises: str, recording: bytes, seeds: HiddenSeeds | None) -> Release:
    """Make a release.

    Args:
        source: the course's folder.
        out: where it goes: a folder that is empty or not there yet, or an earlier release, which is replaced. A git
            repository in it stays.
        exercises: "1-3,6"; "" for all.
        recording: what the checks of these exercises expect: see `course.grading.recording`.
        seeds: the hidden seeds, if there are any yet.

    Raises:
        CourseError: an exercise is unknown, `out` holds something else, or the release would give something away. Then
            nothing is written.
    """
    refuse_other_folders(out)
    ids = numbers_of(exercises, load())
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".release-") as name:
        folder = Path(name) / "release"
        _gather(source, folder, ids, recording)
        hidden = secrets(source, seeds)
        gate.check(folder, hidden)
        if (out / gate.GIT).exists():
            gate.check_history(out, hidden)
        files = [path for path in folder.rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files)
        _replace(folder, out)
    return Release(ids, len(files), size)


def refuse_other_folders(out: Path) -> None:
    """Refuse to write over a folder that is no release.

    Raises:
        CourseError: a file in it is none of an earlier release.
    """
    if out.exists() and not out.is_dir():
        raise CourseError(f"{out} is a file: a release is a folder.")
    there = [path for path in out.iterdir() if path.name not in LEFT] if out.is_dir() else []
    if there and not (out / NAME).is_file():
        raise CourseError(f"{out} is not empty, and no earlier release: choose another folder, or empty it.")
    known = {NAME, *read_manifest((out / NAME).read_bytes(), str(out)).files} if there else set()
    for path in (path for top in there for path in [top, *top.rglob("*")]):
        name = path.relative_to(out).as_posix()
        if not path.is_dir() and name not in known and not LEFT & set(path.parts):
            raise CourseError(f"{out} holds {name}, which no release put there: move it, or choose another folder.")


def numbers_of(text: str, catalogue: Catalogue) -> list[str]:
    """Return the ids of exercises for "1-3,6", in the catalogue's order; all for "".

    Raises:
        CourseError: it names an exercise that there is not.
    """
    known = [exercise.id for exercise in catalogue.exercises]
    wanted: set[str] = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        first, dash, last = part.partition("-")
        if first not in known or (dash and last not in known):
            raise CourseError(f"There is no exercise {part}: write, say, 1-3,6. The exercises are {', '.join(known)}.")
        wanted |= set(known[known.index(first) : known.index(last if dash else first) + 1])
    return [id_ for id_ in known if id_ in wanted] or known


def catalogue_text(text: str, ids: list[str]) -> str:
    """Return the text of a `course.toml` without all other exercises."""
    starts = [match.start() for match in HEADER.finditer(text)] + [len(text)]
    kept = [text[: starts[0]]]
    for start, end in zip(starts, starts[1:], strict=False):
        block = text[start:end]
        if HEADER.match(block)[1] != "exercises" or tomllib.loads(block)["exercises"][0]["id"] in ids:
            kept.append(block)
    return "".join(kept)


def _gather(source: Path, folder: Path, ids: list[str], recording: bytes) -> None:
    """Write all files of a release into a folder that is not there yet."""
    folder.mkdir()
    _write(folder / "course.toml", catalogue_text((source / "course.toml").read_text(encoding="utf-8"), ids))
    catalogue = read(folder / "course.toml", source / "not there")
    for name in [*FILES, *modules_for(source, catalogue)]:
        _copy(source / name, folder / name)
    stubs = make_stubs(source / "solutions", load())
    absent = {file for file in stubs if not _is_of(file, catalogue)}
    for file, text in stubs.items():
        if file not in absent:
            text = without_modules(text, file, absent)
            for room in (LIBRARY, ORIGINALS) if file.endswith(".py") else (LIBRARY,):
                _write(folder / room / file, text)
    _write(folder / RECORDED, recording)
    given = [exercise for exercise in catalogue.exercises if notebook(source, exercise.id).is_file()]
    for exercise in given:
        path = notebook(source, exercise.id)
        name = path.relative_to(source).as_posix()
        _write(folder / name, student_version(path.read_text(encoding="utf-8"), name))
    _fill_templates(source, folder, catalogue, bool(given))
    _lock(source, folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    hashes = {path.relative_to(folder).as_posix(): digest(path.read_bytes()) for path in files}
    manifest = Manifest(course=_project(source)["version"], graders=graders_hash(), exercises=ids, files=hashes)
    _write(folder / NAME, manifest.to_json())


def _copy(path: Path, target: Path) -> None:
    """Copy a file, or a folder without hidden and compiled files."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.copytree(path, target, ignore=shutil.ignore_patterns(".*", "__pycache__"), dirs_exist_ok=True)
    elif path.is_file():
        shutil.copyfile(path, target)
    else:
        raise CourseError(f"{path} is not there, which every release holds: see course/release/contents.py.")


def _write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def _is_of(file: str, catalogue: Catalogue) -> bool:
    """Whether a file of `lib/` belongs to an exercise of a catalogue, or to all."""
    named = {other for task in load().tasks for other, _ in task.references}
    return file not in named or any(file == other for task in catalogue.tasks for other, _ in task.references)


def without_modules(text: str, file: str, absent: set[str]) -> str:
    """Return the text of an `__init__.py` that imports and lists nothing from its neighbours that are absent.

    Args:
        file: its path inside `lib/`.
        absent: paths inside `lib/`.
    """
    if Path(file).name != "__init__.py":
        return text
    lines = text.splitlines(keepends=True)
    gone: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom) and f"{Path(file).parent.as_posix()}/{node.module}.py" in absent:
            gone |= {alias.asname or alias.name for alias in node.names}
            lines[node.lineno - 1 : node.end_lineno] = [""] * (node.end_lineno - node.lineno + 1)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names = ", ".join(f'"{name}"' for name in ast.literal_eval(node.value) if name not in gone)
            replaced = [f"__all__ = [{names}]\n"] + [""] * (node.end_lineno - node.lineno)
            lines[node.lineno - 1 : node.end_lineno] = replaced
    return "".join(lines)


def _project(source: Path) -> dict:
    return tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _fill_templates(source: Path, folder: Path, catalogue: Catalogue, notebooks: bool) -> None:
    project = _project(source)
    row = "| `notebooks/` | a notebook for each exercise: `uv run --group notebooks jupyter lab` |\n"
    words = {
        "name": project["name"],
        "version": project["version"],
        "title": catalogue.title,
        "requires_python": project["requires-python"],
        "dependencies": "\n".join(f'    "{one}",' for one in project["dependencies"]),
        "tasks": _table(catalogue),
        "first": catalogue.exercises[0].id,
        "notebooks": row if notebooks else "",
    }
    for template in sorted(TEMPLATES.glob(f"*{TEMPLATE}")):
        name = template.name.removesuffix(TEMPLATE)
        text = template.read_text(encoding="utf-8")
        for word, value in words.items():
            text = text.replace(f"{{{word}}}", value)
        _write(folder / TARGETS.get(name, name), text)


def _table(catalogue: Catalogue) -> str:
    """Return the exercises with their points, as a table in Markdown."""
    rows = ["| exercise | | points | for questions |", "|---|---|---:|---:|"]
    for exercise in catalogue.exercises:
        points = sum(task.points for task in exercise.tasks)
        by_hand = sum(question.points for question in exercise.questions)
        rows.append(f"| {exercise.id} | {exercise.title} | {points} | {by_hand or ''} |")
    return "\n".join(rows)


def _lock(source: Path, folder: Path) -> None:
    """Write `uv.lock`: the versions of the course's own, without what students do not need.

    Raises:
        CourseError: uv is missing, or fails.
    """
    shutil.copyfile(source / "uv.lock", folder / "uv.lock")
    failed = None
    for words in (["uv", "lock", "--offline"], ["uv", "lock"]):
        try:
            subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True, timeout=LOCK_TIMEOUT)
            return
        except FileNotFoundError:
            raise CourseError("The release's uv.lock is written by uv, which is not there: `pip install uv`.") from None
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            failed = error.stderr or error
    raise CourseError(f"uv cannot lock the release's packages: {failed}")


def _replace(folder: Path, out: Path) -> None:
    """Put a finished release in the place of what is in a folder, but for its git repository."""
    if not out.exists():
        folder.rename(out)
        return
    for path in out.iterdir():
        if path.name in LEFT:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    for path in folder.iterdir():
        path.rename(out / path.name)
