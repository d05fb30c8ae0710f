"""Lays submissions out as nbgrader wants them: `submitted/<student>/ex02/ex02.ipynb`, and lib/ beside it.

nbgrader copies whatever it finds there, and follows links. So nothing is unpacked here that is not a plain file.
"""

import shutil
import tempfile
from pathlib import Path

from course.errors import CourseError
from course.nbgrader.names import student_of
from course.submission.find import Submission
from course.submission.listing import Refused, Source
from course.submission.stage import stage
from course.submission.unpack import LIBRARY, open_source


def collect(submission: Submission, assignments: list[str], folder: Path) -> list[str]:
    """Lay out one submission, in place of what was there of it before.

    Args:
        assignments: "ex02" and so on; a notebook of this name counts, wherever it lies in the submission.
        folder: nbgrader's folder of submitted work.

    Returns:
        the assignments whose notebook was there.

    Raises:
        CourseError: the submission cannot be opened, or its name can be no student's id.
    """
    found, student = [], student_of(submission.name)
    with tempfile.TemporaryDirectory() as staged:
        stage(submission, Path(staged))
        try:
            with open_source(submission.path, submission.commit) as source:
                for name in assignments:
                    target = folder / student / name
                    shutil.rmtree(target, ignore_errors=True)
                    content = _notebook(source, f"{name}.ipynb")
                    if content is None:
                        continue
                    target.mkdir(parents=True)
                    (target / f"{name}.ipynb").write_bytes(content)
                    shutil.copytree(Path(staged) / LIBRARY, target / LIBRARY)
                    found.append(name)
        except Refused as refused:
            raise CourseError(f"{submission.name} was refused. {refused}") from None
    return found


def _notebook(source: Source, name: str) -> bytes | None:
    """Return the notebook of a name that lies nearest the top and can be read."""
    paths = [path for path in source.notebooks if path.rpartition("/")[2] == name]
    for path in sorted(paths, key=lambda path: (path.count("/"), path)):
        try:
            return source.read(path)
        except Refused:
            continue
    return None
