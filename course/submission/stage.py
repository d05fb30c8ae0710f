"""Prepares a submission for grading: a clean folder with the student's Python files, and nothing else."""

import hashlib
import shutil
from pathlib import Path

from course.catalogue import load
from course.paths import ROOT
from course.report.text import harmless_line
from course.submission.find import Submission
from course.submission.listing import Refused, Source
from course.submission.unpack import LIBRARY, find_library, open_source
from course.worker.encoding import wrong_encoding

SCRIPTS = ("train.py", "predict.py")
COURSE_PREFIX = "course_"
MAX_FILES = 500


def stage(submission: Submission, folder: Path) -> list[str]:
    """Copy a submission into an empty folder.

    What is copied: plain `.py` files of its `lib/`, each at most 1 MB, and its `train.py` and `predict.py`. Beside
    them stand the course's own scripts, as `course_train.py` and `course_predict.py`.

    Returns:
        a sentence for each thing that was left out, or that is worth knowing.
    """
    (folder / LIBRARY).mkdir()
    for script in SCRIPTS:
        shutil.copyfile(ROOT / script, folder / (COURSE_PREFIX + script))
    try:
        with open_source(submission.path, submission.commit) as source:
            notes = [*source.notes, *_copy_all(source, submission.name, folder)]
    except Refused as refused:
        notes = [f"{submission.name} was refused. {refused}"]
    for room in (LIBRARY, f"{LIBRARY}/dataset", f"{LIBRARY}/model"):
        if (folder / room).is_dir():
            # Without it the folder is no package, and Python would rather take any other `lib` on its path.
            (folder / room / "__init__.py").touch()
    return notes


def content_of(folder: Path) -> str:
    """Return a hash of the student's files in a folder that `stage` has filled: names and contents."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        if not path.name.startswith(COURSE_PREFIX):
            name, content = path.relative_to(folder).as_posix().encode(), path.read_bytes()
            digest.update(f"{len(name)} {len(content)} ".encode() + name + content)
    return digest.hexdigest()


def _copy_all(source: Source, name: str, folder: Path) -> list[str]:
    """Copy what is graded, and return the notes about it."""
    library = find_library(source.paths)
    if library is None:
        return [f"There is no {LIBRARY}/ in {name}."]
    notes = []
    if library.rstrip("/").split("/")[-1] != LIBRARY or library.count("/") > 1:
        notes.append(f"{harmless_line(library or 'the submission itself', 200)} was graded as {LIBRARY}/.")
    within = [path for path in source.paths if path.startswith(library)]
    if len(within) > MAX_FILES:
        notes.append(f"Of {len(within)} Python files the first {MAX_FILES} were taken.")
    names = {path: LIBRARY + "/" + name for path, name in _course_names(within[:MAX_FILES], library, notes).items()}
    outside = library.removesuffix("/").rpartition("/")[0] + "/" if library.count("/") > 1 else ""
    if library.rstrip("/").split("/")[-1].lower() == LIBRARY:
        names |= {outside + script: script for script in SCRIPTS if outside + script in source.paths}
    for path, target in names.items():
        shown = harmless_line(target, 100)
        try:
            content = source.read(path)
            (folder / target).parent.mkdir(parents=True, exist_ok=True)
            (folder / target).write_bytes(content)
        except Refused as refused:
            notes.append(f"{shown} was left out: {refused}.")
        except OSError as error:  # say, a file and a folder of one name
            notes.append(f"{shown} was left out: {error.strerror}.")
        else:
            notes += [f"{shown}{wrong}" for wrong in [wrong_encoding(content)] if wrong]
    return notes


def _course_names(paths: list[str], library: str, notes: list[str]) -> dict[str, str]:
    """Return the name inside lib/ for each file; one that differs from the course's by case alone gets the course's."""
    inside = {path: path.removeprefix(library) for path in paths}
    for wanted in {file for task in load().tasks for file, _ in task.references}:
        if wanted in inside.values():
            continue
        close = [path for path, name in inside.items() if name.lower() == wanted.lower()]
        if len(close) == 1:
            notes.append(f"{harmless_line(inside[close[0]])} was graded as {wanted}: rename it.")
            inside[close[0]] = wanted
    return inside
