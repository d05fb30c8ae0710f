"""Finds the submissions under the paths that are to be graded."""

from dataclasses import dataclass
from pathlib import Path

from course.errors import CourseError

LIBRARY = "lib"
# A folder that holds one of these is a `lib/` itself, whatever it is called: `solutions/`, say.
ROOMS = ("losses.py", "metrics.py", "dataset", "model")
MAX_DEPTH = 3


@dataclass(frozen=True)
class Submission:
    """One student's work.

    Attributes:
        name: what it is called in all reports; unique in a run.
        folder: where it lies.
        library: its `lib/`; None where there is none.
    """

    name: str
    folder: Path
    library: Path | None


def open_submission(folder: Path, name: str | None = None) -> Submission:
    """Return the submission in a folder, looking for `lib/` some levels down as well."""
    return Submission(name or folder.name, folder, find_library(folder))


def find_library(folder: Path) -> Path | None:
    """Return the folder that plays the part of `lib/`: nearest the top, first by name."""
    level = [folder]
    for _ in range(MAX_DEPTH + 1):
        for candidate in level:
            if (candidate / LIBRARY).is_dir():
                return candidate / LIBRARY
            if any((candidate / room).exists() for room in ROOMS):
                return candidate
        level = [child for candidate in level for child in _folders(candidate)]
    return None


def find_submissions(paths: list[Path]) -> list[Submission]:
    """Return the submissions under some paths: each path is one, or a folder of them.

    Raises:
        CourseError: a path does not exist, or is no folder.
    """
    found: dict[str, Submission] = {}
    for path in paths:
        if not path.is_dir():
            what = "is not a folder" if path.exists() else "does not exist"
            raise CourseError(
                f"{path} {what}. Give a submission (a folder that holds lib/), or a folder of submissions."
            )
        path = path.resolve()
        for folder in [path] if _is_submission(path) else _folders(path):
            name = folder.name if folder.name not in found else f"{folder.parent.name}-{folder.name}"
            number = 2
            while name in found:
                name, number = f"{folder.parent.name}-{folder.name}-{number}", number + 1
            found[name] = open_submission(folder, name)
    return list(found.values())


def _is_submission(path: Path) -> bool:
    """Whether a path is a submission itself: it has a `lib/`, or rooms of one, or nothing that could be another's."""
    return any((path / name).exists() for name in (LIBRARY, *ROOMS)) or not _folders(path)


def _folders(path: Path) -> list[Path]:
    """Return the folders in a folder that can hold somebody's work; links are not followed."""
    folders = (child for child in path.iterdir() if child.is_dir() and not child.is_symlink())
    return sorted(child for child in folders if child.name[0] not in "._")
