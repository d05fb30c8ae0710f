"""Keeps a student's notebook from running anything in the browser of whoever marks it.

The formgrader shows it in the instructor's own session: a script in it could give marks. nbgrader's pages put a
notebook's texts, and much of its metadata, into HTML as they are. What a kernel answers is the student's as well:
whatever is not of the expected kind is left out.
"""

import base64
import re
from typing import Any

import bleach
from nbconvert import filters
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor

from course.release.notebooks import METADATA

PNG, JPEG = PICTURES = ("image/png", "image/jpeg")
WIDEST = 860  # pixels: nbgrader's pages let wider pictures stick out
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")
TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "hr", "i", "li", "ol", "p"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "pre", "s", "span", "strong", "sub", "sup", "u", "ul"),
    *("table", "tbody", "td", "th", "thead", "tr"),
}
ATTRIBUTES = {"a": ["href", "title"], "abbr": ["title"], "td": ["align"], "th": ["align"]}


def markdown2html(source: str) -> str:
    """Return a text as HTML in which only what shapes a text is left. It takes the place of nbconvert's own."""
    return bleach.clean(filters.markdown2html(source), tags=TAGS, attributes=ATTRIBUTES)


class HarmlessNotebook(NbGraderPreprocessor):
    """Keeps of a student's notebook texts, code and, of what its cells show, texts and pictures."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Go through a notebook that has been run."""
        nb.metadata = NotebookNode(METADATA)
        return super().preprocess(nb, resources)

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        """Go through a cell."""
        if cell.cell_type == "raw":
            cell.cell_type = "markdown"
        cell.metadata = NotebookNode({key: cell.metadata[key] for key in ("nbgrader",) if key in cell.metadata})
        cell.pop("attachments", None)
        if cell.cell_type == "code":
            cell.execution_count = _count(cell.get("execution_count"))
            cell.outputs = [kept for output in cell.outputs if (kept := _output(output))]
        return cell, resources


def _output(output: NotebookNode) -> NotebookNode | None:
    """Return a result with nothing in it but text and pictures; None where that leaves nothing."""
    kind = output.get("output_type")
    if kind == "stream":
        return new_output("stream", name="stderr" if output.get("name") == "stderr" else "stdout", text=_text(output))
    if kind == "error":
        lines = [str(line) for line in output.get("traceback", [])]
        return new_output("error", ename=str(output.ename), evalue=str(output.evalue), traceback=lines)
    data = output.get("data", {})
    kept = {name: data[name] for name in PICTURES if isinstance(data.get(name), str) and BASE64.fullmatch(data[name])}
    if isinstance(data.get("text/plain"), str):
        kept["text/plain"] = data["text/plain"]
    if not kept:
        return None
    metadata = {PNG: {"width": WIDEST}} if _width(kept.get(PNG, "")) > WIDEST else {}
    if kind == "execute_result":
        return new_output(kind, kept, metadata=metadata, execution_count=_count(output.get("execution_count")))
    return new_output("display_data", kept, metadata=metadata)


def _width(picture: str) -> int:
    """Return how wide a PNG picture says that it is."""
    try:
        return int.from_bytes(base64.b64decode(picture[:32])[16:20], "big")
    except ValueError:
        return 0


def _text(output: NotebookNode) -> str:
    text = output.get("text", "")
    return text if isinstance(text, str) else "".join(map(str, text))


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) else None
