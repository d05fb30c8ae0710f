from pathlib import Path

import pytest

from course.submission.find import open_submission
from course.submission.stage import stage


@pytest.fixture
def staged(tmp_path):
    """Stage a submission; return its Python files, without the course's own, and the notes."""

    def run(address: str | Path) -> tuple[dict[str, str], list[str]]:
        folder = tmp_path / "staged"
        folder.mkdir()
        notes = stage(open_submission(address), folder)
        paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        files = {name: path.read_bytes() for name, path in paths.items() if not name.startswith("course_")}
        return {name: text.decode("latin-1") for name, text in files.items() if text}, notes

    return run
