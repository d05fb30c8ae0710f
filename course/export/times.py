"""When submissions were handed in: from a file of the learning platform, or from what was handed in itself."""

import csv
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from course.errors import CourseError
from course.submission.find import Submission
from course.submission.listing import Refused
from course.submission.repository import checked_out, git, git_folder, is_repository, take_over, unbundle

BUNDLE = b" git bundle"


def read_times(path: Path) -> dict[str, datetime]:
    """Read a CSV file with the columns `submission` and `time`.

    Times are ISO 8601 with their offset, as 2026-12-18T23:59:00+01:00 or 2026-12-18 22:59:00 UTC.

    Raises:
        CourseError: it cannot be read, or holds something else.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CourseError(f"{path} cannot be read as CSV: {error}.") from None
    if rows and not {"submission", "time"} <= set(rows[0]):
        raise CourseError(f"{path} needs the columns submission and time; it has {', '.join(map(str, rows[0]))}.")
    return {(row["submission"] or "").strip(): _time(row["time"] or "", path) for row in rows}


def _time(text: str, path: Path) -> datetime:
    cleaned = text.strip().removesuffix(" UTC") + ("+00:00" if text.strip().endswith(" UTC") else "")
    try:
        time = datetime.fromisoformat(cleaned)
    except ValueError:
        raise CourseError(f"{path}: {text!r} is no time. Write it as 2026-12-18T23:59:00+01:00.") from None
    if time.tzinfo is None:
        raise CourseError(f"{path}: {text!r} has no time zone. Write it as 2026-12-18T23:59:00+01:00.")
    return time


def handed_in(submission: Submission) -> datetime:
    """Return when a submission was made, by what it says of itself.

    Of git it is the commit's time, of an archive the file's, of a folder that of its newest file. A student can set
    the first, and copying files can change the others: the platform's own times (`read_times`) are better.

    Raises:
        CourseError: it cannot be told.
    """
    path = submission.path
    try:
        if path.is_dir() and (submission.commit or is_repository(path)):
            return _committed(path, submission.commit or "HEAD", bundle=False)
        if path.is_dir():
            return _modified(max(_stamps(path), default=path.stat().st_mtime))
        with path.open("rb") as stream:
            is_bundle = BUNDLE in stream.read(20)
        return _committed(path, submission.commit, bundle=True) if is_bundle else _modified(path.stat().st_mtime)
    except (OSError, Refused, ValueError) as error:
        raise CourseError(f"When {submission.name} was handed in cannot be told: {error} Use --times.") from None


def _stamps(folder: Path) -> list[float]:
    """Return the times of the files in a folder; links are not followed."""
    return [
        os.lstat(Path(parent) / name).st_mtime
        for parent, _, names in os.walk(folder)
        for name in names
        if not (Path(parent) / name).is_symlink()
    ]


def _modified(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)


def _committed(path: Path, commit: str, bundle: bool) -> datetime:
    """Return the time of a commit, from objects that were taken over into a repository of our own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if bundle:
            heads = unbundle(path, folder)
            commit = commit or checked_out(heads)
        else:
            git(folder, "init", "--quiet", "--bare", ".")
            take_over(git_folder(path), folder)
        digest = git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}").decode()
        return datetime.fromisoformat(git(folder, "show", "-s", "--format=%cI", digest.strip()).decode().strip())
