"""The `oracle` of a check in a student's copy, where neither solutions nor the answer bank are: it looks things up.

What the known answers give for the public seed was recorded when the course was released (`course.grading.recording`):
values, sketches of gradients, and the sentences about the known mistakes. Everything else, which inputs are drawn and
how results are compared, is the same as where the marks are given.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open

from course.catalogue import Task
from course.errors import CourseError
from course.grading.compare import Case
from course.grading.expected import Expected
from course.grading.judging import Oracle, Results
from course.grading.outcomes import Diagnosis
from course.grading.seeds import PUBLIC_SEED
from course.grading.sketch import Sketch

FORMAT = "segmentation-course-recording/1"
# Safetensors keeps no order among several entries of its header: there is one.
HEADER = "recording"


class NotRecorded(CourseError):  # noqa: N818 - what happened
    """A check asks for something that was not recorded."""


@dataclass
class Recording:
    """What is in the file: arrays by name, and a table.

    Attributes:
        table: "mistakes": task, name and sentence of each; "questions": for each question its rows, one for each
            variant of an answer: the name of a right answer or the number of a mistake, and for arrays also their
            shapes.
        arrays: for a question `values` (rows, cases) and `errors` (rows, cases, 2); where gradients are compared `sums`
            (rows, cases, 16) and `largest` (rows, cases); the first right answer's gradients; and where answers have a
            free weight, the same for the weight 0 under `none.values`, ...
    """

    table: dict[str, Any]
    arrays: dict[str, np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.arrays[name]

    def get(self, name: str) -> np.ndarray | None:
        """Return an array, None where it was not recorded."""
        return self.arrays.get(name)


@cache
def read(path: Path) -> Recording:
    """Read a recording.

    Raises:
        CourseError: there is none, or it cannot be read.
    """
    again = "`git checkout` brings it back, `course update` brings a new one"
    try:
        with safe_open(path, "numpy") as file:
            table = json.loads(file.metadata()[HEADER])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no dictionary
    except FileNotFoundError:
        raise CourseError(f"{path} is missing, in which stands what the checks expect: {again}.") from None
    except Exception as error:
        raise CourseError(
            f"{path}, in which stands what the checks expect, cannot be read ({error}): {again}."
        ) from None
    if table.get("format") != FORMAT:
        raise CourseError(f"{path} is not of the kind {FORMAT} that this version of the course reads: {again}.")
    return Recording(table, arrays)


def question(kind: str, task: str, symbol: str, cases: Sequence[Case]) -> str:
    """Return the name of a question: that of everything its answer depends on.

    Args:
        kind: "right", "turned", "wrong" or "arrays".
    """
    words = [kind, task, symbol, *(case.key for case in cases)]
    return hashlib.blake2b("\0".join(words).encode(), digest_size=12).hexdigest()


class RecordedOracle(Oracle):
    """Looks up what the known answers give.

    Args:
        path: the recording.
    """

    def __init__(self, seed: int, task: Task, path: Path) -> None:
        super().__init__(seed, task)
        self.recording = read(path)

    def mistake(self, name: str) -> Diagnosis:
        """Return the name and the sentence of a known mistake."""
        entries = sorted(self.recording.table["mistakes"], key=lambda entry: entry[0] != self.task.id)
        sentence = next((sentence for _, other, sentence in entries if other == name), None)
        if sentence is None:
            raise NotRecorded(f"No mistake called {name} was recorded: bring back tests/ with `git checkout tests`.")
        return Diagnosis(name, sentence)

    def right(self, symbol: str, cases: Sequence[Case]) -> list[tuple[Diagnosis, list[Expected]]]:
        """Look up the answers that earn the points."""
        return self._values("right", symbol, cases)

    def right_or_not_at_all(self, symbol: str, cases: Sequence[Case]) -> list[tuple[Diagnosis, list[Expected]]]:
        """Look up the answers that earn the points, for prediction and target in each other's place."""
        return self._values("turned", symbol, cases)

    def wrong(self, symbol: str, cases: Sequence[Case]) -> list[tuple[Diagnosis, list[Expected]]]:
        """Look up the known mistakes."""
        return self._values("wrong", symbol, cases)

    def results_of_mistakes(
        self, symbol: str, asked: Case, compute: Callable[[Any], Sequence[Any]]
    ) -> list[tuple[Diagnosis, Results]]:
        """Look up the known mistakes' arrays."""
        key = self._key("arrays", symbol, [asked])
        results = []
        position = 0
        for mistake, shapes in self.recording.table["questions"][key]:
            arrays = []
            for shape in shapes:
                size = int(np.prod(shape))
                arrays.append(self.recording[f"{key}.numbers"][position : position + size].reshape(shape))
                position += size
            results.append((self._numbered(mistake), arrays))
        return results

    def _numbered(self, mistake: int) -> Diagnosis:
        _, name, sentence = self.recording.table["mistakes"][mistake]
        return Diagnosis(name, sentence)

    def _key(self, kind: str, symbol: str, cases: Sequence[Case]) -> str:
        key = question(kind, self.task.id, symbol, cases)
        if key in self.recording.table["questions"]:
            return key
        if self.seed != PUBLIC_SEED:
            raise NotRecorded(
                f"What this check expects is recorded for the seed {PUBLIC_SEED} and not for {self.seed}: leave out "
                "`--seed`. Only who has the solutions can check with others."
            )
        raise NotRecorded(
            f"What is to be expected of {symbol} is not recorded for these inputs. A file of tests/ or course/ was "
            "changed (`git status` shows it, `git checkout` brings it back), or NumPy is another one (`uv sync`)."
        )

    def _values(self, kind: str, symbol: str, cases: Sequence[Case]) -> list[tuple[Diagnosis, list[Expected]]]:
        key = self._key(kind, symbol, cases)
        known = []
        for row, answer in enumerate(self.recording.table["questions"][key]):
            entry = self._numbered(answer) if kind == "wrong" else Diagnosis(answer, "")
            known.append((entry, [self._expected(key, row, number, case) for number, case in enumerate(cases)]))
        return known

    def _expected(self, key: str, row: int, number: int, case: Case, part: str = "") -> Expected:
        """Look up what one answer gives for one case.

        Args:
            part: "none.": with the weight 0, where the answer has a weight that may be any.
        """
        value = float(self.recording[f"{key}.{part}values"][row, number])
        value_error, gradient_error = map(float, self.recording[f"{key}.{part}errors"][row, number])
        gradient = self.recording.get(f"{key}.gradient.{number}") if row == 0 and not part else None
        sums = self.recording.get(f"{key}.{part}sums")
        if gradient is None and sums is not None:
            largest = float(self.recording[f"{key}.{part}largest"][row, number])
            if not np.isnan(largest):
                shape = next(iter(case.inputs.values())).shape
                gradient = Sketch(shape, largest, sums[row, number].astype(np.float64))
        without = None if part else self.recording.get(f"{key}.none.values")
        none = None
        if without is not None and not np.isnan(without[row, number]):
            none = self._expected(key, row, number, case, "none.")
        return Expected(value, gradient, value_error, gradient_error, none)
