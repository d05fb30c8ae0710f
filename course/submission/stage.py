"""Prepares a submission for grading: a clean folder with the student's Python files, and nothing else."""

import shutil
import stat
from pathlib import Path

from course.paths import ROOT
from course.submission.find import LIBRARY, Submission

SCRIPTS = ("train.py", "predict.py")
COURSE_PREFIX = "course_"
MAX_FILE = 1024 * 1024
MAX_FILES = 500


def stage(submission: Submission, folder: Path) -> list[str]:
    """Copy a submission into an empty folder.

    What is copied: regular `.py` files of its `lib/`, each at most 1 MB, and its `train.py` and `predict.py`. Beside
    them stand the course's own scripts, as `course_train.py` and `course_predict.py`.

    Returns:
        a sentence for each thing that was left out.
    """
    notes: list[str] = []
    (folder / LIBRARY).mkdir()
    for script in SCRIPTS:
        shutil.copyfile(ROOT / script, folder / (COURSE_PREFIX + script))
    if submission.library is None:
        return [f"There is no {LIBRARY}/ in {submission.name}."]
    for path in sorted(submission.library.rglob("*.py"))[:MAX_FILES]:
        relative = path.relative_to(submission.library)
        _copy(path, folder / LIBRARY / relative, f"{LIBRARY}/{relative.as_posix()}", notes)
    for room in (LIBRARY, f"{LIBRARY}/dataset", f"{LIBRARY}/model"):
        if (folder / room).is_dir():
            # Without it the folder is no package, and Python would rather take any other `lib` on its path.
            (folder / room / "__init__.py").touch()
    for script in SCRIPTS:
        path = submission.library.parent / script
        if submission.library.name == LIBRARY and path.exists():
            _copy(path, folder / script, script, notes)
    return notes


def _copy(path: Path, target: Path, name: str, notes: list[str]) -> None:
    """Copy one file, if it is a plain file of a sensible size."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        notes.append(f"{name} was left out: it is not a plain file.")
    elif status.st_size > MAX_FILE:
        notes.append(f"{name} was left out: it is larger than 1 MB.")
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
