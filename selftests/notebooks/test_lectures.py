"""The lecture notebooks: run from top to bottom in a real kernel, offline, and what they demonstrate."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

from course.nbgrader.tidy import assignments, tidy
from course.site.running import errors, lectures, read, run

PATHS = {path.stem: path for path in lectures()}

# What each must have shown at its end: known from elsewhere (counted by hand, other libraries, torch's own sources).
SHOWN = {
    "building-blocks": [
        "12 of 16 numbers have no influence",
        "average unpooling / adjoint: [4.0]",
        "torch's indices, torch.int64:   6.42 MB, 2 times less",
        r"tried: the formulas above are wrong for 0, those without d and o for [1-9]\d",
        "5 x 5 becomes (1, 1) by dilation 2, and (11, 11) by the transposed one",
        "rate 18: 1.00 of 9 weights meet a pixel on average; the same as a 1 x 1 convolution: True",
    ],
    "losses-under-imbalance": [
        "foreground: 1.01% of the pixels",
        r"where at least 10% of the circles are 0\.8\d\d",
        "0.25 on both   foreground pixel against background pixel: 1.00 : 1",
        "soft Dice 0.711",
        "of the mask: Dice 0.889, IoU 0.80",
        "intersection 12, union 17, areas 15 and 14",
        "IoU 0.7059, Dice 0.8276",
        "the textbook's Dice: nan",
        "Dice loss, smooth 1e-06: 1.0000",
    ],
    "skip-ablation": [
        "EncDec 260,865 parameters",
        "UNet   372,033 parameters",
        "no skips,  12 channels: 8,197 parameters",
    ],
    "classical-methods": [
        "regions before: 1081 (with diagonal neighbours joined 1031); printed: 15",
        "with_counts: 2 regions after",
        "the same mask: True",
        "IoU with the discs: 0.807 before, 0.998 after",
        "mask of 0 and 255: 0 of 1081 regions dropped",
    ],
    "pitfalls": [
        "values in the files:   [0, 1]",
        "not one below 0 among 122,880",
        r"cut at one half: 0\.[678]",
        "4 of 4 validation images are training images",
        "{64: 128, 100: 128, 128: 128, 256: 128}",
        "4. loading it the safe way: Weights only load failed",
    ],
}


def code(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def written(cell: nbformat.NotebookNode, stream: str) -> str:
    return "".join(output.text for output in cell.outputs if output.get("name") == stream)


def test_all_five_are_there():
    assert set(PATHS) == set(SHOWN)


@pytest.mark.parametrize("name", PATHS)
def test_it_is_tidy_and_without_results(name: str):
    text = PATHS[name].read_text(encoding="utf-8")
    assert tidy(text, name) == text
    assert not any(cell.outputs for cell in code(read(PATHS[name])))


@pytest.mark.parametrize("name", PATHS)
def test_it_runs_to_the_end_and_shows_what_it_promises(name: str):
    notebook = run(read(PATHS[name]), PATHS[name].parent)
    assert errors(notebook) == []
    assert all(cell.execution_count for cell in code(notebook))
    assert [written(cell, "stderr") for cell in code(notebook) if written(cell, "stderr")] == []
    pictures = [output for cell in code(notebook) for output in cell.outputs if "image/png" in output.get("data", {})]
    assert len(pictures) >= 6
    text = "".join(written(cell, "stdout") for cell in code(notebook))
    for promised in SHOWN[name]:
        assert promised in text or re.search(promised, text), f"{promised!r} is not in\n{text}"


@pytest.mark.parametrize("name", PATHS)
def test_it_tells_formula_question_and_measurement(name: str):
    text = "\n".join(cell.source for cell in read(PATHS[name]).cells if cell.cell_type == "markdown")
    assert text.startswith("# ")
    assert "## To think about" in text
    assert text.count("?") >= 6


def test_the_diagnoses_of_the_pitfalls_are_folded_and_come_after_all_cases():
    cells = read(PATHS["pitfalls"]).cells
    starts = [number for number, cell in enumerate(cells) if re.match(r"## Case \d", cell.source)]
    diagnoses = [number for number, cell in enumerate(cells) if "<summary><b>Case" in cell.source]
    assert len(starts) == len(diagnoses) == 5
    assert max(starts) < min(diagnoses)
    for number in diagnoses:
        assert "</details>" in cells[number].source
        assert cells[number + 1].metadata.tags == ["hide-cell"]


@pytest.mark.parametrize("path", [*lectures(), *assignments()], ids=lambda path: path.stem)
def test_no_cell_prints_a_result_that_was_not_computed(path: Path):
    """A number with two decimals in a text that is printed was typed in: only a claim that is being checked may be."""
    for cell in code(read(path)):
        lines = [line for line in cell.source.splitlines() if not line.startswith("%")]
        for call in ast.walk(ast.parse("\n".join(lines))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "print":
                texts = [node.value for node in ast.walk(call) if isinstance(node, ast.Constant)]
                typed = " ".join(text for text in texts if isinstance(text, str) and not text.startswith("."))
                assert "printed" in typed or not re.search(r"\d\.\d\d", typed), ast.unparse(call)
