"""A notebook that was made to run something in the browser of whoever looks at it, in nbgrader's own pages."""

import base64
import io

import nbformat
import numpy as np
import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from nbgrader.server_extensions.formgrader import handlers
from PIL import Image
from traitlets.config import Config

from course.nbgrader.harmless import HarmlessNotebook, markdown2html
from selftests.nbgrader.school import live

CALL = "studentWasHere()"
SCRIPT = f"<script>{CALL}</script>"
IMAGE = f"<img src=x onerror={CALL}>"


def html(text: str) -> nbformat.NotebookNode:
    return new_output("display_data", {"text/html": text})


WAYS = {
    "script in a text": new_markdown_cell(SCRIPT),
    "attribute in a text": new_markdown_cell(f'<p onmouseover="{CALL}">x</p>'),
    "link in a text": new_markdown_cell(f"[x](javascript:{CALL})"),
    "link in HTML": new_markdown_cell(f'<a href="  javascript:{CALL}">x</a>'),
    "frame in a text": new_markdown_cell(f'<iframe srcdoc="{SCRIPT}"></iframe>'),
    "half a tag before a formula": new_markdown_cell(f"<img src=x onerror={CALL} $a$"),
    "raw cell": new_raw_cell(SCRIPT, metadata={"raw_mimetype": "text/html"}),
    "result": new_code_cell("1", outputs=[html(SCRIPT)]),
    "result that is an image": new_code_cell("1", outputs=[html(IMAGE)]),
    "JavaScript": new_code_cell("1", outputs=[new_output("display_data", {"application/javascript": CALL})]),
    "drawing": new_code_cell("1", outputs=[new_output("display_data", {"image/svg+xml": f"<svg>{SCRIPT}</svg>"})]),
    "markdown as a result": new_code_cell("1", outputs=[new_output("display_data", {"text/markdown": SCRIPT})]),
    "LaTeX as a result": new_code_cell("1", outputs=[new_output("display_data", {"text/latex": SCRIPT})]),
    "picture's text": new_code_cell("1", outputs=[new_output("display_data", {"image/png": f'x"> {SCRIPT}'})]),
    "picture's size": new_code_cell(
        "1",
        outputs=[
            new_output(
                "display_data",
                {"image/png": "aGk="},
                metadata={"image/png": {"width": f'1"> {SCRIPT}', "height": 1}},
            )
        ],
    ),
    "number of a cell": new_code_cell("1") | {"execution_count": SCRIPT},
    "tag": new_code_cell("1", metadata={"tags": [f'"> {SCRIPT}']}),
    "stream": new_code_cell("1", outputs=[new_output("stream", name="stdout", text=SCRIPT)]),
    "error": new_code_cell("1", outputs=[new_output("error", ename="x", evalue=SCRIPT, traceback=[SCRIPT])]),
}
LIVE_WITHOUT = {"script in a text", "attribute in a text", "frame in a text", "result", "result that is an image"}
LIVE_WITHOUT |= {"JavaScript", "link in HTML"}


def page(cell: nbformat.NotebookNode, harmless: bool, template: str) -> str:
    """Return nbgrader's page for a notebook with one cell, as its formgrader or its feedback makes it."""
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.from_dict(cell)]  # not checked, as little as what a kernel answers
    notebook.metadata = nbformat.from_dict({"language_info": {"name": f'python"> {SCRIPT}'}, "title": SCRIPT})
    config = Config()
    config.HTMLExporter.template_name = template
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    config.HTMLExporter.extra_template_paths = [f"{handlers.static_path}/node_modules/bootstrap/dist/css"]
    known = {"score": 0, "max_score": 0, "late_penalty": 0, "notebook": "n", "index": 0, "total": 1}
    if harmless:
        config.HTMLExporter.sanitize_html = True
        config.HTMLExporter.filters = {"markdown2html": markdown2html}
        notebook, _ = HarmlessNotebook().preprocess(notebook, {})
    text, _ = HTMLExporter(config=config).from_notebook_node(notebook, known | {"nbgrader": known})
    return text


@pytest.mark.parametrize("way", WAYS)
def test_nothing_of_a_student_runs(way: str):
    assert live(page(WAYS[way], harmless=True, template="feedback")) == []
    assert live(page(WAYS[way], harmless=True, template="formgrade")) == []


@pytest.mark.filterwarnings("ignore:No lexer")
@pytest.mark.parametrize("way", sorted(LIVE_WITHOUT))
def test_without_our_part_it_would(way: str):
    assert live(page(WAYS[way], harmless=False, template="feedback"))


def test_what_shapes_a_text_stays():
    text = markdown2html("## Head\n\n**b** and `a < b`\n\n| a | b |\n|--|--|\n| 1 | 2 |\n\n$$\\frac{a}{b}$$\n\n- one\n")
    for part in ("<h2>", "<strong>b</strong>", "a &lt; b", "<th>", "<td>", "$$\\frac{a}{b}$$", "<li>"):
        assert part in text
    assert "&lt;p&gt;" not in text


def test_pictures_and_texts_of_cells_stay():
    outputs = [
        new_output("stream", name="stderr", text="a warning"),
        new_output("execute_result", {"text/plain": "5", "text/html": "<b>5</b>"}, execution_count=3),
        new_output("display_data", {"image/png": "aGk=\n", "text/plain": "<Figure>"}),
    ]
    notebook = nbformat.v4.new_notebook(cells=[new_code_cell("x", outputs=outputs, execution_count=3)])
    cell = HarmlessNotebook().preprocess(notebook, {})[0].cells[0]
    assert [output.output_type for output in cell.outputs] == ["stream", "execute_result", "display_data"]
    assert cell.outputs[0].name == "stderr"
    assert dict(cell.outputs[1].data) == {"text/plain": "5"}
    assert cell.outputs[2].data["image/png"] == "aGk=\n"
    assert cell.execution_count == 3


def test_wide_pictures_are_fitted_into_the_page():
    for width, shown in ((2000, {"image/png": {"width": 860}}), (300, {})):
        stream = io.BytesIO()
        Image.fromarray(np.zeros((2, width), np.uint8)).save(stream, "PNG")
        output = new_output("display_data", {"image/png": base64.b64encode(stream.getvalue()).decode()})
        notebook = nbformat.v4.new_notebook(cells=[new_code_cell("x", outputs=[output])])
        assert HarmlessNotebook().preprocess(notebook, {})[0].cells[0].outputs[0].metadata == shown
