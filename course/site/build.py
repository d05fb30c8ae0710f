"""From the project's notebooks and handbooks to a folder of static pages."""

import importlib.util
import io
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import nbformat

from course.errors import CourseError
from course.nbgrader.tidy import assignments
from course.paths import ROOT
from course.site.results import kept_of, page_of
from course.site.running import lectures

SOURCES = ROOT / "site"
MARK = ".course-site"  # lies in a folder that a build made, which the next build may replace
TERMINAL = re.compile(r"\x1b\[[0-9;]*m")


def build(out: Path, execute: bool, say: Callable[[str], None]) -> int:
    """Build the site, and return the number of its pages.

    Args:
        out: the folder to make; one that an earlier build made is replaced.
        execute: run the notebooks whose results are not there, or out of date.
        say: called with what is being done.

    Raises:
        CourseError: Sphinx is not installed, `out` holds something else, or a page has a link to nothing, a formula
            that cannot be drawn, or any other fault.
    """
    if importlib.util.find_spec("sphinx") is None or importlib.util.find_spec("myst_nb") is None:
        raise CourseError("The site needs Sphinx, which is not installed. Install it with `uv sync --group site`.")
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / MARK).is_file())):
        raise CourseError(f"{out} exists, and no site lies in it. Give another folder, or remove it yourself.")
    with tempfile.TemporaryDirectory(prefix="course-site-") as folder:
        sources, pages = Path(folder) / "sources", Path(folder) / "pages"
        lay_out(sources, execute, say)
        say("Writing the pages ...")
        faults = write(sources, pages, Path(folder) / "doctrees")
        if faults:
            listed = "\n".join(faults)
            raise CourseError(f"The site has {len(faults)} faults. Mend them in the files named:\n{listed}")
        shutil.rmtree(out, ignore_errors=True)
        (pages / MARK).touch()
        shutil.copytree(pages, out)
    return len(list(out.rglob("*.html")))


def lay_out(sources: Path, execute: bool, say: Callable[[str], None]) -> None:
    """Put everything that becomes a page into one folder: what `site/` has, the handbooks, and the notebooks."""
    shutil.copytree(SOURCES, sources, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "docs", sources / "docs")
    for folder, paths in (("lectures", lectures()), ("exercises", assignments())):
        (sources / folder).mkdir()
        for path in paths:
            if execute and not kept_of(path).is_file():
                say(f"Running {path.stem} ...")
            nbformat.write(page_of(path, execute), sources / folder / path.name)


def write(sources: Path, pages: Path, doctrees: Path) -> list[str]:
    """Let Sphinx write the pages, and return its warnings: each a fault, named by the file it is in."""
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    warnings = io.StringIO()
    with patch_docutils(), docutils_namespace():
        app = Sphinx(sources, sources, pages, doctrees, "html", status=None, warning=warnings, freshenv=True)
        app.build()
    lines = TERMINAL.sub("", warnings.getvalue()).splitlines()
    return [line.replace(f"{sources}/", "") for line in lines if line.strip()]
