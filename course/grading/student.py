"""The `student` of a check: calls a student's code in a worker, and returns plain arrays."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from course.catalogue import Task
from course.grading.crashes import diagnosis_of
from course.grading.evidence import Keeper
from course.grading.outcomes import CheckFailed, NotAttempted
from course.grading.replies import (
    GARBLED,
    MAX_RESULT,
    DatasetReply,
    EvaluationReply,
    EvaluationsReply,
    FaultReply,
    NotedReply,
    RefusalReply,
    Reply,
    RoundReply,
    RunReply,
    StructureReply,
    array_of,
    results_of,
    understood,
)
from course.grading.returned import Evaluation, Items, Round, Run, Structure
from course.grading.worker import Worker, WorkerGone
from course.report.text import harmless
from course.worker.protocol import Arrays

if TYPE_CHECKING:
    from course.grading.compare import Case

CALL_TIMEOUT = 60.0
TRAIN_TIMEOUT = 600.0
MOST_STUCK = 2  # a task whose code hangs once more is not waited for again
MAX_NAME = 200  # characters of the name of a mask

Answer = TypeVar("Answer", bound=Reply)


class Student:
    """Calls a submission's code. Every method raises NotAttempted or CheckFailed where the code does not answer.

    Args:
        worker: where the code runs.
        task: the task that is being checked.
        device: "cpu", "cuda" or "mps".
        seen: what earlier checks have found out about the submission: its networks, by request; where it hung.
    """

    def __init__(self, worker: Worker, task: Task, device: str, seen: dict[str, Any] | None = None) -> None:
        self.worker = worker
        self.task = task
        self.device = device
        self.seen = {} if seen is None else seen
        self.hints: list[str] = []
        self.evidence = Keeper()

    def beside(self, task: Task) -> "Student":
        """Return the same student at another task."""
        return Student(self.worker, task, self.device, self.seen)

    def hint(self, text: str) -> None:
        """Say something that costs no points: right but fragile, or adapted."""
        if text not in self.hints:
            self.hints.append(text)

    def evaluate(
        self,
        *,
        symbol: str | None = None,
        settings: Mapping[str, Any] | None = None,
        gradient: bool = False,
        dtype: str = "float32",
        **inputs: np.ndarray,
    ) -> Evaluation:
        """Call a loss, metric or function on arrays.

        Args:
            symbol: one of the task's symbols; by default its first.
            settings: constructor arguments of a class; keyword arguments of a function.
            gradient: also ask for the gradient with respect to the first input.
            dtype: dtype of floating inputs in the worker.
            inputs: arrays by the course's own parameter names, in the order of the specification.
        """
        header = self._target(symbol) | {
            "operation": "evaluate",
            "settings": dict(settings or {}),
            "inputs": list(inputs),
            "dtype": dtype,
            "gradient": gradient,
        }
        reply, arrays = self._ask(EvaluationReply, header, inputs)
        return _evaluation(reply, arrays, next(iter(inputs.values())))

    def evaluate_each(
        self, cases: "Sequence[Case]", *, symbol: str | None = None, gradient: bool = False, dtype: str = "float32"
    ) -> list[Evaluation]:
        """Call a loss, metric or function on each of several cases, their inputs named alike: see `evaluate`."""
        if not cases:
            return []
        header = self._target(symbol) | {
            "operation": "evaluate_each",
            "settings": [dict(case.settings) for case in cases],
            "inputs": list(cases[0].inputs),
            "dtype": dtype,
            "gradient": gradient,
        }
        inputs = {f"{n}.{name}": array for n, case in enumerate(cases) for name, array in case.inputs.items()}
        reply, arrays = self._ask(EvaluationsReply, header, inputs)
        if len(reply.calls) != len(cases):
            raise CheckFailed(GARBLED)
        firsts = [next(iter(case.inputs.values())) for case in cases]
        return [
            _evaluation(call, arrays, first, f"{number}.")
            for number, (call, first) in enumerate(zip(reply.calls, firsts, strict=True))
        ]

    def accumulate(
        self,
        batches: list[dict[str, np.ndarray]],
        questions: list[str],
        settings: Mapping[str, Any],
        update: str = "update",
    ) -> Evaluation:
        """Build the task's object, pass it batches of `y_pred` and `y_true`, and ask it questions (its methods)."""
        header = self._target(None) | {
            "operation": "accumulate",
            "settings": dict(settings),
            "update": update,
            "batches": len(batches),
            "questions": questions,
        }
        arrays = {f"{index}.{name}": array for index, batch in enumerate(batches) for name, array in batch.items()}
        reply, values = self._ask(EvaluationReply, header, arrays)
        if len(reply.values) != len(questions):
            raise CheckFailed(GARBLED)
        return _evaluation(reply, values)

    def forward(self, images: np.ndarray, settings: Mapping[str, Any] | None = None, seed: int = 0) -> np.ndarray:
        """Return the logits of a freshly built network, in evaluation mode: finite floats of any shape."""
        _, arrays = self._model(Reply, "forward", images, settings, seed)
        logits = array_of(arrays, "logits")
        if logits.dtype.kind != "f":
            raise CheckFailed(f"The network returns {logits.dtype}: expected floating point numbers, the logits.")
        if not np.isfinite(logits).all():
            raise CheckFailed("The output of a fresh network is not finite: it holds nan or infinity.")
        return logits

    def structure(self, images: np.ndarray, settings: Mapping[str, Any] | None = None, seed: int = 0) -> Structure:
        """Return how the network is made, from what it does on some images.

        Half a second of work, and several checks ask the same: the first answer stands for all of them.
        """
        digest = hashlib.sha256(images).hexdigest()
        asked = json.dumps([self._target(None), settings, seed, images.shape, digest])
        if asked not in self.seen:
            self.seen[asked], _ = self._model(StructureReply, "structure", images, settings, seed)
        reply = self.seen[asked]
        if not np.isfinite([reply.lowest, reply.highest]).all():
            raise CheckFailed("The output of a fresh network is not finite: it holds nan or infinity.")
        return Structure(**reply.model_dump())

    def receptive_field(self, size: int) -> np.ndarray:
        """Return which pixels of a `size` x `size` image the central output depends on, bool `(H, W)`."""
        asked = json.dumps([self._target(None), size])
        if asked not in self.seen:
            images = np.full((1, 3, size, size), 0.5, np.float32)
            _, arrays = self._model(Reply, "receptive_field", images, None, 0)
            self.seen[asked] = array_of(arrays, "footprint", "u", (size, size)).astype(bool)
        return self.seen[asked]

    def fit(
        self,
        arrays: Arrays,
        *,
        rounds: list[int],
        seed: int,
        batch_size: int,
        learning_rate: float,
        settings: Mapping[str, Any] | None = None,
    ) -> Iterator[Round]:
        """Train the network in rounds of so many steps; yield what came of each round.

        Args:
            arrays: see `course.worker.fitting.Fit`.
        """
        header = self._target(None) | {
            "operation": "fit",
            "settings": dict(settings or {}),
            "seed": seed,
            "batch_size": batch_size,
            "learning_rate": learning_rate,
        }
        self._ask(Reply, header, arrays)
        classes = max(2, header["settings"].get("num_classes", 1))
        for count in rounds:
            request = {"operation": "fit_steps", "count": count}
            reply, values = self._ask(RoundReply, request, {}, TRAIN_TIMEOUT)
            predictions = array_of(values, "predictions", "u")
            if predictions.size and predictions.max() >= classes:
                raise CheckFailed(f"Class {predictions.max()} is predicted, but the classes are 0 to {classes - 1}.")
            yield Round(predictions.astype(np.uint8), **reply.model_dump())

    def dataset(
        self,
        files: Mapping[str, bytes],
        *,
        settings: Mapping[str, Any],
        indices: list[int] | None = None,
        first: int = 0,
        transform: dict[str, Any] | None = None,
        root: str = "argument",
        outdone: str | None = None,
        seed: int = 0,
    ) -> Items:
        """Open the task's data set on files, and read items.

        Args:
            files: contents by path inside the data's folder; a path that ends in "/" is an empty folder.
            indices: of the items to read.
            first: where no indices are given, the first so many items are read, or all if there are fewer.
            transform: None, {"name": "resize", "size": [H, W]} or {"name": "flip"}.
            root: "argument", or the environment variable in which the folder is given.
            outdone: an environment variable that names another, empty folder, which the argument comes before.
        """
        header = self._target(None) | {
            "operation": "dataset",
            "settings": dict(settings),
            "indices": indices,
            "first": first,
            "transform": transform,
            "root": root,
            "outdone": outdone,
            "seed": seed,
        }
        reply, arrays = self._ask(None, header, as_arrays(files))
        if "raised" in reply:
            refusal = understood(RefusalReply, reply)
            return Items(raised=refusal.raised, folder=refusal.folder, where=refusal.where)
        opened = understood(DatasetReply, reply)
        if len(opened.items) != (min(first, opened.length) if indices is None else len(indices)):
            raise CheckFailed(GARBLED)
        results = [results_of(item, arrays, f"{position}.") for position, item in enumerate(opened.items)]
        parts = [[part for part in item if part is not None] for item in results]
        kinds = [[part.kind for part in item] for item in opened.items]
        dtypes = [[part.dtype for part in item] for item in opened.items]
        return Items(opened.length, parts, kinds, dtypes)

    def run(self, commands: list[list[str]], files: Mapping[str, bytes], masks: str, timeout: float) -> Run:
        """Run the submission's scripts one after the other: see `course.worker.scripts.run`."""
        header = {"operation": "run", "commands": commands, "masks": masks, "timeout": timeout}
        reply, arrays = self._ask(RunReply, header, as_arrays(files), timeout * len(commands) + CALL_TIMEOUT)
        written = {harmless(name, MAX_NAME): array_of(arrays, name) for name in arrays}
        return Run(reply.script, reply.exit_code, reply.output, written)

    def _target(self, symbol: str | None) -> dict[str, Any]:
        """Return the request's part that names what is called."""
        file, name = next((file, name) for file, name in self.task.references if symbol is None or name == symbol)
        return {"file": file, "symbol": name, "device": self.device}

    def _model(
        self,
        kind: type[Answer],
        operation: str,
        images: np.ndarray,
        settings: Mapping[str, Any] | None,
        seed: int,
    ) -> tuple[Answer, Arrays]:
        header = self._target(None) | {"operation": operation, "settings": dict(settings or {}), "seed": seed}
        return self._ask(kind, header, {"images": images})

    def _ask(
        self,
        kind: type[Answer] | None,
        header: dict[str, Any],
        arrays: Mapping[str, np.ndarray],
        timeout: float | None = None,
    ) -> tuple[Any, Arrays]:
        """Send a request, and raise what the reply says is wrong.

        Args:
            kind: what the reply must be; None: it is returned as it came.
        """
        stuck = f"{self.task.id} stuck"
        if self.seen.get(stuck, 0) == MOST_STUCK:
            raise CheckFailed(f"Not run: the code of this task did not come to an end {MOST_STUCK} times before.")
        try:
            reply, values = self.worker.request(header, dict(arrays), timeout or CALL_TIMEOUT)
        except WorkerGone as gone:
            self.seen[stuck] = self.seen.get(stuck, 0) + gone.stuck
            raise CheckFailed(str(gone)) from None
        if "fault" in reply:
            fault = understood(FaultReply, reply["fault"])
            if fault.kind == "not_attempted":
                raise NotAttempted(fault.text)
            raise CheckFailed(fault.text, diagnosis_of(fault.text))
        for note in understood(NotedReply, reply).notes:
            self.hint(note)
        return (reply if kind is None else understood(kind, reply)), values


def as_arrays(files: Mapping[str, bytes]) -> Arrays:
    """Turn files into the arrays in which they travel."""
    return {f"files/{path}": np.frombuffer(content, np.uint8) for path, content in files.items()}


def _evaluation(
    reply: EvaluationReply, arrays: Arrays, first: np.ndarray | None = None, prefix: str = ""
) -> Evaluation:
    """Return what came back.

    Args:
        first: the input whose gradient was asked for.
        prefix: of the names of the arrays.
    """
    if not reply.values:
        raise CheckFailed("Expected one number, got nothing.")
    values = results_of(reply.values, arrays, prefix)
    if sum(value.size for value in values if value is not None) > MAX_RESULT:
        raise CheckFailed(f"The result has more than {MAX_RESULT} numbers.")
    gradient = None
    if first is not None and f"{prefix}gradient" in arrays:
        gradient = array_of(arrays, f"{prefix}gradient", "f", first.shape)
    return Evaluation(
        values=values,
        kinds=[value.kind for value in reply.values],
        dtypes=[value.dtype for value in reply.values],
        gradient=gradient,
        dropped=reply.dropped,
        modified=reply.modified,
    )
