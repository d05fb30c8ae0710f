"""Finds the submissions under the paths that are to be graded."""

from dataclasses import dataclass
from pathlib import Path

from course.errors import CourseError
from course.report.text import harmless_line
from course.submission.listing import ARCHIVES, OTHER_ARCHIVES
from course.submission.repository import is_repository
from course.submission.unpack import LIBRARY, ROOMS

MAX_NAME = 80


@dataclass(frozen=True)
class Submission:
    """One student's work.

    Attributes:
        name: what it is called in all reports, and what the folder of its results is called; unique in a run.
        path: where it lies: a folder, an archive, or a git repository.
        commit: of a git repository or bundle; empty: what lies in the folder, or what is checked out.
    """

    name: str
    path: Path
    commit: str = ""

    @property
    def address(self) -> str:
        """Path and commit, as `open_submission` reads them."""
        return f"{self.path}@{self.commit}" if self.commit else str(self.path)


def open_submission(address: str | Path) -> Submission:
    """Return the submission at a path, or at PATH@COMMIT.

    Raises:
        CourseError: there is nothing.
    """
    path, commit = Path(address), ""
    if not path.exists() and "@" in str(address):
        before, _, commit = str(address).rpartition("@")
        path = Path(before)
    if not path.exists():
        raise CourseError(f"{address} does not exist. {WHAT}")
    path = path.resolve()
    return Submission(_name(path), path, commit)


WHAT = "Give a submission (a folder that holds lib/, a .zip, a .tar.gz, a git bundle), or a folder of submissions."


def find_submissions(paths: list[Path]) -> list[Submission]:
    """Return the submissions under some paths: each path is one, or a folder of them.

    Raises:
        CourseError: a path does not exist, or is no folder and no archive.
    """
    found: dict[str, Submission] = {}
    for given in paths:
        first = open_submission(given)
        if not first.path.is_dir() and not _is_archive(first.path):
            raise CourseError(f"{given} is no folder and no archive. {WHAT}")
        inside = [first] if first.commit or _is_submission(first.path) else _within(first.path)
        for submission in inside:
            name, number = submission.name, 1
            while name.casefold() in found:
                number += 1
                parent = _name(submission.path.parent)
                name = f"{parent}-{submission.name}" + (f"-{number - 1}" if number > 2 else "")
            found[name.casefold()] = Submission(name, submission.path, submission.commit)
    return list(found.values())


def _within(folder: Path) -> list[Submission]:
    """Return the submissions in a folder of them. A folder that holds one archive and no more stands for it."""
    submissions = []
    for path in _candidates(folder):
        inside = _visible(path)
        only = inside[0] if len(inside) == 1 and _is_archive(inside[0]) else path
        submissions.append(Submission(_name(path), only))
    return submissions


def _is_submission(path: Path) -> bool:
    """Whether a path is a submission itself: it has a `lib/`, or rooms of one, or nothing that could be another's."""
    if not path.is_dir() or is_repository(path):
        return True
    names = {child.name.lower() for child in _visible(path)}
    return bool(names & {LIBRARY, *ROOMS}) or not _candidates(path)


def _candidates(path: Path) -> list[Path]:
    """Return the folders and archives in a folder that can be somebody's work; links are not followed."""
    return [child for child in _visible(path) if child.is_dir() or _is_archive(child)]


def _visible(path: Path) -> list[Path]:
    """Return what lies in a folder, but for links and what is hidden; nothing where it cannot be read."""
    try:
        children = list(path.iterdir())
    except OSError:
        return []
    return sorted(child for child in children if not child.is_symlink() and child.name[0] not in "._")


def _is_archive(path: Path) -> bool:
    """Whether a file is called like an archive. One that cannot be read is a submission too: it says so."""
    return path.is_file() and path.name.lower().endswith((*ARCHIVES, *OTHER_ARCHIVES))


def _name(path: Path) -> str:
    """Return what a submission is called: a name for a folder of results, harmless where it is shown."""
    name = path.name
    if not path.is_dir():
        ending = next((end for end in (*ARCHIVES, *OTHER_ARCHIVES) if name.lower().endswith(end)), "")
        name = name[: len(name) - len(ending)]
    name = harmless_line(name, MAX_NAME).replace("\\", "_").strip()
    return name if name.strip(".") else "submission"
