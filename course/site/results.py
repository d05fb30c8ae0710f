"""Results of notebooks, kept between builds: the notebooks themselves are committed without any.

A kept result belongs to the text it was computed from. After a change of the notebook, of the solutions or of what the
lectures share, it is out of date, and the page shows the notebook without results until it is run again.
"""

import hashlib
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course.nbgrader.names import task_of_cell
from course.paths import ROOT
from course.release.notebooks import student_version
from course.site.running import project, read, run

KEPT = ROOT / ".course" / "executed"


def page_of(path: Path, execute: bool) -> NotebookNode:
    """Return a notebook as it is shown: an assignment without its answers, either with results where there are any.

    Args:
        path: of a lecture, or of an assignment's notebook.
        execute: run it, unless there are results of this very text.
    """
    kept = kept_of(path)
    if kept.is_file():
        return read(kept)
    if not execute:
        return _shown(path)
    notebook = _run_lecture(path) if path.parent.name == "lectures" else _run_assignment(path)
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.glob(f"{path.stem}-*.ipynb"):
        old.unlink()
    nbformat.write(notebook, kept)
    return notebook


def kept_of(path: Path) -> Path:
    """Return where the results of a notebook as it is now are kept, if they are."""
    files = [path, *sorted((ROOT / "solutions").rglob("*.py")), ROOT / "notebooks" / "lectures" / "lecture.py"]
    fingerprint = hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]
    return KEPT / f"{path.stem}-{fingerprint}.ipynb"


def _shown(path: Path) -> NotebookNode:
    return nbformat.reads(student_version(path.read_text(encoding="utf-8"), path.name), 4)


def _run_lecture(path: Path) -> NotebookNode:
    return run(_shown(path), path.parent)


def _run_assignment(path: Path) -> NotebookNode:
    """Run an assignment with the solutions; its checks are shown and not run, their results are each student's own."""
    notebook = _shown(path)
    checks = [cell for cell in notebook.cells if cell.cell_type == "code" and task_of_cell(cell)]
    sources = [cell.source for cell in checks]
    for cell in checks:
        cell.source = ""
    with tempfile.TemporaryDirectory(prefix="site-") as folder:
        run(notebook, project(Path(folder), ROOT / "solutions", path).parent)
    for cell, source in zip(checks, sources, strict=True):
        cell.source = source
    return notebook
