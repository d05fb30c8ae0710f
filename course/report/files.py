"""Reads records, and writes records and reports such that a reader never meets half of one."""

import io
import os
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from course.errors import CourseError

if TYPE_CHECKING:
    from course.grading.record import Results

RECORD = "results.json"
MAX_PICTURE = 1024 * 1024


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file under another name, then rename it; a text in UTF-8, with its line ends as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content.encode() if isinstance(content, str) else content)
    Path(name).chmod(0o644)
    Path(name).replace(path)


def write_record(folder: Path, record: "Results") -> None:
    """Write a record into its folder, and the pictures of its evidence beside it: the record last."""
    from course.grading.record import PICTURES

    if record.files:
        write_atomically(folder / PICTURES, _zipped(record.files))
    else:
        (folder / PICTURES).unlink(missing_ok=True)
    write_atomically(folder / RECORD, record.to_json() + "\n")


def read_record(folder: Path) -> "Results":
    """Read back what `write_record` wrote. A picture that cannot be read is left out.

    Raises:
        CourseError: there is no record, or it is none of this version.
    """
    from course.grading.record import PICTURES, SCHEMA, Results

    path = folder / RECORD
    try:
        record = Results.model_validate_json(path.read_bytes())
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise CourseError(
            f"{path} is no record of `course grade`, or is broken: grade this submission again."
        ) from None
    if record.schema_ != SCHEMA:
        raise CourseError(f"{path} was written by another version of the course: grade this submission again.")
    record.files = _unzipped(folder / PICTURES, record.pictures)
    return record


def record_folders(folder: Path) -> list[Path]:
    """Return the folders with a record in a folder of results, by name.

    Raises:
        CourseError: there is none.
    """
    found = sorted(path.parent for path in folder.glob(f"*/{RECORD}")) or ([folder] if _holds(folder) else [])
    if not found:
        raise CourseError(f"There is no record in {folder}: give the folder that `course grade --out` wrote.")
    return found


def _holds(folder: Path) -> bool:
    return (folder / RECORD).is_file()


def _zipped(files: dict[str, bytes]) -> bytes:
    """Return a zip archive that depends on its files alone, and not on the time."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name])
    return content.getvalue()


def _unzipped(path: Path, names: set[str]) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            known = {info.filename for info in archive.infolist() if info.file_size <= MAX_PICTURE}
            return {name: archive.read(name) for name in sorted(names & known)}
    except (OSError, zipfile.BadZipFile):
        return {}
