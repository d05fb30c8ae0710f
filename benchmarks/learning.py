"""How long the checks take that train a network: for the reference, and for typical wrong answers.

    uv run python -m benchmarks.learning

A training ends as soon as the bar is reached, or when the output does not change any more. Compare the rows with each
other, on a quiet machine.
"""

import shutil
import tempfile
from pathlib import Path

from course.catalogue import load
from course.grading.bank import load_bank, submit
from course.grading.launch import shared_zygote
from course.grading.record import TaskResult
from course.grading.run import Settings, grade
from course.paths import ROOT
from course.submission.find import Submission

LEARNING = {"1.3": "1.4", "3.1": "3.2", "4.1": "4.2", "5.1": "5.2"}
WRONG = ("ends-in-sigmoid", "ends-in-relu", "layer-called-twice", "no-skips", "constant-output")


def main() -> None:
    """Train the references and the known mistakes, and print a table."""
    answers = [a for a in load_bank() if a.task in LEARNING and a.verdict == "mistake" and a.name in WRONG]
    print("| task | answer | verdict | seconds | steps | IoU |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="learning-") as name, shared_zygote("none"):
        reference = Path(name) / "reference"
        shutil.copytree(ROOT / "solutions", reference / "lib", ignore=shutil.ignore_patterns("__pycache__"))
        for task in [*LEARNING.values(), "6.3"]:
            show("reference", result_of(reference, task))
        for answer in answers:
            folder = submit(answer, Path(name) / f"{answer.task}-{answer.name}", load())
            show(answer.name, result_of(folder, LEARNING[answer.task]))


def result_of(folder: Path, task: str) -> TaskResult:
    """Return what came of a task."""
    return grade(Submission(folder.name, folder), Settings(tasks=(task,), sandbox="none")).tasks[0]


def show(answer: str, result: TaskResult) -> None:
    """Print a row."""
    kept = [curve for check in result.checks if check.evidence for curve in check.evidence.curves]
    training = next((curve for curve in kept if curve.name == "training"), None)
    steps, iou = (f"{training.x[-1]:.0f}", f"{training.lines['IoU'][-1]:.2f}") if training else ("", "")
    print(f"| {result.id} | {answer} | {result.verdict} | {result.seconds:.1f} | {steps} | {iou} |", flush=True)


if __name__ == "__main__":
    main()
