"""Running a notebook from top to bottom in a real kernel, for the site and for the tests of all notebooks."""

import os
import shutil
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from course.paths import ROOT

CELL_SECONDS = 300  # on a machine that does much else; none takes a tenth of it alone
# A kernel is told not to say on the terminal that it talks without encryption: it does so on this machine alone.
QUIET = ["--IPKernelApp.log_level=ERROR"]
# Whatever wants to fetch something finds nobody there: the notebooks run offline, or not at all.
NOWHERE = "http://127.0.0.1:9"
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "HF_HUB_OFFLINE": "1",
    **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), NOWHERE),
}


def project(folder: Path, library: Path, notebook: Path) -> Path:
    """Lay out a student's project with a `lib/`, and return the assignment's notebook in it.

    Args:
        folder: an empty one.
        library: what becomes `lib/`: the solutions, or the stubs.
        notebook: of the course.
    """
    shutil.copytree(library, folder / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    for shared in ("data", "course.toml", "train.py", "predict.py"):
        (folder / shared).symlink_to(ROOT / shared)
    place = folder / "notebooks" / notebook.stem
    place.mkdir(parents=True)
    return Path(shutil.copy(notebook, place))


def run(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Run a notebook's cells in order, its results with it, and return it.

    Args:
        notebook: changed in place.
        folder: where its kernel works.

    Raises:
        CellExecutionError: of a cell; the results up to it are in the notebook.
    """
    client = NotebookClient(notebook, timeout=CELL_SECONDS, resources={"metadata": {"path": str(folder)}})
    client.extra_arguments = QUIET
    client.execute(env={**os.environ, **ENVIRONMENT})
    return notebook


def errors(notebook: NotebookNode) -> list[str]:
    """Return what went wrong in a notebook that was run: "ValueError: ..." of each cell that failed."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [f"{output.ename}: {output.evalue}" for output in outputs if output.output_type == "error"]


def lectures() -> list[Path]:
    """Return the lecture notebooks, by name."""
    return sorted((ROOT / "notebooks" / "lectures").glob("*.ipynb"))


def read(path: Path) -> NotebookNode:
    """Read a notebook."""
    return nbformat.read(path, 4)
