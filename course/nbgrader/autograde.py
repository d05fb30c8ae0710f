"""What `nbgrader autograde` does differently here: it runs notebooks behind the wall, and gives no marks for tasks.

The points of a task come from the course's graders, through `course nbgrader marks`. Autograding runs the student's
notebook only so that whoever marks the questions sees what it shows. nbgrader's own way, to look at what a graded cell
prints, would let the student's code give itself points.
"""

import time
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute, SaveAutoGrades
from traitlets import Bool, Integer

from course.nbgrader.kernel import EnclosedKernelManager
from course.nbgrader.names import task_of_cell


class EnclosedExecute(Execute):
    """Runs a student's notebook behind the wall; the graded cells of tasks are left out.

    A kernel that dies, and a notebook that takes too long, leave the remaining cells without results: it can still be
    marked by hand.
    """

    coalesce_streams = Bool(True)  # what a cell prints in one piece, as Jupyter shows it
    # A busy machine is nobody's fault: seconds for the kernel's start, and for what it shows to arrive.
    startup_timeout = Integer(300).tag(config=True)
    iopub_timeout = Integer(60).tag(config=True)
    total_time = Integer(900, help="Seconds that all cells of a notebook may take together.").tag(config=True)
    output_limit = Integer(16 * 1024 * 1024, help="Characters of results that are kept of a notebook.").tag(config=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, kernel_manager_class=EnclosedKernelManager)

    def preprocess(self, nb: NotebookNode, resources: dict, km: Any = None) -> tuple[NotebookNode, dict]:
        """Run a notebook."""
        self._stopped = ""
        self._shown = 0
        self._until = time.monotonic() + self.total_time
        return super().preprocess(nb, resources, km)

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        """Run a cell."""
        if cell.cell_type != "code" or task_of_cell(cell) or self._stopped:
            return cell, resources
        if time.monotonic() > self._until:
            return self._stop(cell, f"The notebook took longer than {self.total_time} seconds."), resources
        try:
            return super().preprocess_cell(cell, resources, index)
        except DeadKernelError:
            return self._stop(cell, "The kernel ended while it ran this cell."), resources
        except CellTimeoutError:
            return self._stop(cell, "The kernel did not answer any more."), resources

    def _stop(self, cell: NotebookNode, reason: str) -> NotebookNode:
        self._stopped = f"{reason} The cells from here on were not run."
        self.log.warning(self._stopped)
        cell.outputs.append(new_output("error", ename="Stopped", evalue=self._stopped, traceback=[self._stopped]))
        return cell

    def process_message(self, msg: dict, cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        """Take a message of the kernel; what is shown beyond the limit is dropped."""
        if msg["msg_type"] in ("stream", "display_data", "execute_result", "update_display_data", "error"):
            self._shown += len(str(msg["content"]))
            if self._shown > self.output_limit:
                return None
        return super().process_message(msg, cell, cell_index)


class SaveQuestionGrades(SaveAutoGrades):
    """Writes into the gradebook what autograding may know: which questions have no answer. Tasks are left alone."""

    def _add_score(self, cell: NotebookNode, resources: dict) -> None:
        if task_of_cell(cell) is None:
            super()._add_score(cell, resources)
