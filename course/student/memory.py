"""What became of each task when it was last checked, and for which files that still holds."""

import json
import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

from course.catalogue import Catalogue, Task
from course.student.depends import fingerprint
from course.student.home import Home

if TYPE_CHECKING:
    from course.grading.record import TaskResult

NAME = "checked.json"


class Memory:
    """Results of earlier checks.

    Args:
        home: the student's folder, which also holds the memory.
        catalogue: says which files a task depends on.
    """

    def __init__(self, home: Home, catalogue: Catalogue) -> None:
        self.home = home
        self.catalogue = catalogue
        try:
            kept = json.loads(home.recall(NAME) or "{}")
        except ValueError:
            kept = {}
        self._kept: dict[str, dict] = kept if isinstance(kept, dict) else {}

    def of(self, task: Task) -> "TaskResult | None":
        """Return a task's result, where neither the files that it depends on nor the graders have changed since."""
        from pydantic import ValidationError

        from course.grading.record import TaskResult

        kept = self._kept.get(task.id)
        if not isinstance(kept, dict) or kept.get("key") != self.key(task):
            return None
        try:
            return TaskResult.model_validate(kept["result"])
        except (KeyError, ValidationError):
            return None

    def key(self, task: Task) -> str:
        """Return what the result of a check that begins now will hold for."""
        from course.grading.run import graders_hash

        versions = f"{platform.python_version()} {version('torch')} {version('torchvision')}"
        return f"{graders_hash()} {versions} {fingerprint(task, self.catalogue, self.home)}"

    def keep(self, task: Task, key: str, result: "TaskResult") -> None:
        """Remember a result.

        Args:
            key: what `key` returned before the check began: a file may have been saved in the meantime.
        """
        if result.verdict == "grader_error":
            self._kept.pop(task.id, None)
        else:
            self._kept[task.id] = {"key": key, "result": result.model_dump(mode="json")}
        self.home.remember(NAME, json.dumps(self._kept))
