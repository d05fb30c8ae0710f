"""The example submissions, made from the solutions, the stubs and the answer bank.

Five made-up students: one who has everything right, one who is half-way, one who made mistakes that many make, one
whose file is no Python, and one who tries to get away with ending the grader.
"""

from pathlib import Path

from course.catalogue import Catalogue
from course.grading.bank import load_bank, with_answer
from course.release.stubs import BEGIN, END, make_stubs

PARTIAL = ("losses.py", "dataset/PhCDataset.py", "model/EncDecModel.py")

# (task, symbol, name): mistakes of the answer bank.
TYPICAL = (
    ("1.1", "PhC", "bilinear-mask"),
    ("2.1", "DiceLoss", "sigmoid-forgotten"),
    ("2.2", "FocalLoss", "scalar-factor"),
    ("2.3", "BCELoss_TotalVariation", "regulariser-nothing"),
    ("3.1", "UNet", "no-skips"),
    ("6.1", "Facade", "ids-from-one"),
    ("7.2", "iou", "background-agrees"),
)

BROKEN = ("model/UNetModel.py", "        e0 = F.relu(self.enc_conv0(x))\n", "        e0 = ....\n")

HOSTILE = '''"""Losses."""

import os

os._exit(0)  # an exit code of 0 is a pass, is it not?
'''

Files = dict[str, str]


def make_examples(solutions: Path, catalogue: Catalogue) -> Files:
    """Return the text of every file of the examples, keyed by its path: "perfect/lib/losses.py"."""
    stubs = make_stubs(solutions, catalogue)
    del stubs["README.md"]
    solved = {file: without_markers((solutions / file).read_text(encoding="utf-8")) for file in stubs}
    file, right, wrong = BROKEN
    examples = {
        "perfect": solved,
        "partial": stubs | {name: solved[name] for name in PARTIAL},
        "typical-mistakes": _with_mistakes(solved, catalogue),
        "broken": solved | {file: _replace_once(solved[file], right, wrong)},
        "hostile": solved | {"losses.py": HOSTILE},
    }
    return {f"{name}/lib/{path}": text for name, files in examples.items() for path, text in files.items()}


def without_markers(source: str) -> str:
    """Return a solution as a student would hand it in."""
    lines = source.splitlines(keepends=True)
    return "".join(line for line in lines if line.strip() not in (BEGIN, END))


def _with_mistakes(solved: Files, catalogue: Catalogue) -> Files:
    files = dict(solved)
    bank = {(answer.task, answer.symbol, answer.name): answer for answer in load_bank()}
    for key in TYPICAL:
        answer = bank[key]
        file = next(file for file, symbol in catalogue.task(answer.task).references if symbol == answer.symbol)
        files[file] = with_answer(files[file], answer)
    return files


def _replace_once(text: str, old: str, new: str) -> str:
    if old not in text:
        raise LookupError(f"The solution no longer has the line {old.strip()!r}: choose another one to break.")
    return text.replace(old, new, 1)
