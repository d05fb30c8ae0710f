"""Notebooks as students get them: without answers, results, and whatever else an editor wrote into the file."""

import json
import re
from typing import Any

from course.errors import CourseError

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# What may stand in a cell's metadata: nbgrader needs its own to find the cell again, tags hide or fold cells.
CELL_METADATA = {"nbgrader", "tags"}
REGION = re.compile(
    r"^(?P<indent>[ \t]*)###\s*BEGIN (?P<kind>SOLUTION|HIDDEN TESTS)\s*$.*?^[ \t]*###\s*END (?P=kind)[ \t]*$\n?",
    re.MULTILINE | re.DOTALL,
)
LEFT = re.compile(r"\b(BEGIN|END)[\s_-]*(SOLUTION|HIDDEN)", re.IGNORECASE)
STAND_INS = {"code": "# Write your code here.\nraise NotImplementedError\n", "markdown": "*Write your answer here.*"}


def student_version(text: str, name: str) -> str:
    """Return a notebook without its solutions, hidden tests, outputs and metadata.

    A cell that nbgrader calls a solution loses what stands between the markers, or all of it where there are none.

    Args:
        text: the notebook's JSON.
        name: of the file, for messages.

    Raises:
        CourseError: it is no notebook, or a marker has no partner.
    """
    try:
        notebook = json.loads(text)
        cells = notebook["cells"]
    except (ValueError, KeyError, TypeError):
        raise CourseError(f"{name} is no notebook in the format that Jupyter writes today.") from None
    for number, cell in enumerate(cells, start=1):
        _clean(cell, f"{name}, cell {number}")
    notebook["metadata"] = METADATA
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def source_of(cell: dict[str, Any]) -> str:
    """Return the text of a cell, which may be kept as a list of lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def _clean(cell: dict[str, Any], where: str) -> None:
    kind = cell["cell_type"]
    source = source_of(cell)
    cleaned = REGION.sub(_stand_in, source)
    graded = cell.get("metadata", {}).get("nbgrader", {})
    if graded.get("solution") and cleaned == source:
        cleaned = STAND_INS.get(kind, "")
        cell.pop("attachments", None)
    if LEFT.search(cleaned):
        raise CourseError(f"{where}: a marker of a solution or of hidden tests has no partner, so nothing is removed.")
    cell["source"] = cleaned.splitlines(keepends=True)
    cell["metadata"] = {key: value for key, value in cell.get("metadata", {}).items() if key in CELL_METADATA}
    if kind == "code":
        cell["outputs"], cell["execution_count"] = [], None


def _stand_in(region: re.Match) -> str:
    if region["kind"] != "SOLUTION":
        return ""
    return "".join(region["indent"] + line for line in STAND_INS["code"].splitlines(keepends=True))
