"""What `nbgrader generate_feedback` shows in the graded cell of a task: the verdict of the course's graders."""

from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

from course.grading.record import Results, TaskResult
from course.nbgrader.names import task_of_cell
from course.report.table import number
from course.report.text import harmless

NOT_GRADED = "Not graded."
SIGNS = {
    "passed": "passed",
    "failed": "FAILED",
    "not_attempted": "not attempted",
    "grader_error": "could not be graded",
}


class TrustedResults(NbGraderPreprocessor):
    """Puts what the graders found under each task's cell, in place of anything that the notebook itself printed."""

    results = Unicode("results", help="The folder that `course grade --out` wrote.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Show a notebook's results."""
        path = Path(self.results) / resources["nbgrader"]["student"] / "results.json"
        record = Results.model_validate_json(path.read_bytes()) if path.is_file() else None
        found = {task.id: task for task in record.tasks} if record else {}
        for cell in nb.cells:
            task = task_of_cell(cell) if cell.cell_type == "code" else None
            if task:
                text = summary(found[task.id]) if task.id in found else NOT_GRADED
                cell.outputs = [new_output("stream", name="stdout", text=text + "\n")]
        return nb, resources


def summary(task: TaskResult) -> str:
    """Return what a student is told about a task: each check, what came where it failed, and the known mistake."""
    lines = [f"{task.id} {task.symbol}: {number(task.points)} of {number(task.max_points)} points"]
    if task.diagnosis:
        lines.append(f"Diagnosis, {task.diagnosis.name}: {task.diagnosis.sentence}")
    for check in task.checks:
        bonus = ", bonus" if check.bonus else ""
        lines.append(
            f"- {SIGNS[check.verdict]} ({number(check.points)} of {number(check.max_points)}{bonus}): {check.sentence}"
        )
        if check.message and check.verdict != "passed":
            lines.append("    " + check.message.replace("\n", "\n    "))
    return "\n".join(harmless(line) for line in lines)
