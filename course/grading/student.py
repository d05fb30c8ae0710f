"""The `student` of a check: calls a student's code in a worker, and returns plain arrays."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from course.catalogue import Task
from course.grading.launch import Worker, WorkerGone
from course.grading.outcomes import CheckFailed, NotAttempted
from course.worker.protocol import Arrays

CALL_TIMEOUT = 60.0
TRAIN_TIMEOUT = 600.0


@dataclass
class Evaluation:
    """What came back from one call.

    Attributes:
        values: the results as arrays, in order; None for a result that is no number and no tensor.
        kinds: "tensor", "number", or the name of the Python type, for each result.
        dtypes: dtype of each result, as torch or numpy calls it.
        gradient: gradient of the sum of the result with respect to the first input; None where there is none.
        dropped: settings that the constructor has no parameter for.
        modified: inputs that were changed in place.
    """

    values: list[np.ndarray | None]
    kinds: list[str]
    dtypes: list[str]
    gradient: np.ndarray | None
    dropped: list[str]
    modified: list[str]

    @property
    def number(self) -> float:
        """The one number that came back.

        Raises:
            CheckFailed: what came back is not one number.
        """
        value = self.values[0] if len(self.values) == 1 else None
        if value is None:
            raise CheckFailed(f"Expected one number, got {', '.join(self.kinds) or 'nothing'}.")
        if value.size != 1:
            raise CheckFailed(f"Expected one number, got {_a_map(value)}: take the mean over all pixels.")
        return float(value.reshape(()))


@dataclass
class Structure:
    """How a network is made: see `course.worker.models.structure`, whose reply this is."""

    calls: list[dict[str, Any]]
    unused: list[str]
    idle: list[str]
    called_twice: list[str]
    heights: list[int]
    skips: list[int]
    bypass: bool
    lowest: float
    highest: float

    def named(self, name: str) -> list[dict[str, Any]]:
        """Return the calls of one function, in order."""
        return [call for call in self.calls if call["name"] == name]


@dataclass
class Round:
    """What came of one round of training: see `course.worker.fitting.Fit.steps`, whose reply this is."""

    predictions: np.ndarray
    loss: float
    lowest: float
    highest: float


@dataclass
class Items:
    """What a data set gave: its length, and for each index read the parts of the item.

    Attributes:
        parts: the parts of each item that are numbers, as arrays.
        kinds: "tensor", "number", or the name of the Python type, for every part of each item.
        dtypes: dtype of every part; "" where it has none.
        raised: the text of the error with which the data set refused its folder: then the rest is empty.
        folder: the folder that it refused.
        where: the error again, with the student's file and line.
    """

    length: int = 0
    parts: list[list[np.ndarray]] = field(default_factory=list)
    kinds: list[list[str]] = field(default_factory=list)
    dtypes: list[list[str]] = field(default_factory=list)
    raised: str | None = None
    folder: str = ""
    where: str = ""


@dataclass
class Run:
    """How the scripts of a submission ended: exit code and last output of the last one that ran, and its masks."""

    script: str
    exit_code: int
    output: str
    masks: Arrays


class Student:
    """Calls a submission's code. Every method raises NotAttempted or CheckFailed where the code does not answer.

    Args:
        worker: where the code runs.
        task: the task that is being checked.
        device: "cpu", "cuda" or "mps".
    """

    def __init__(self, worker: Worker, task: Task, device: str) -> None:
        self.worker = worker
        self.task = task
        self.device = device
        self.hints: list[str] = []

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
        reply, arrays = self._ask(header, inputs)
        return _evaluation(reply, arrays)

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
        reply, values = self._ask(header, arrays)
        return _evaluation(reply, values)

    def forward(self, images: np.ndarray, settings: Mapping[str, Any] | None = None, seed: int = 0) -> np.ndarray:
        """Return the logits of a freshly built network, in evaluation mode."""
        return self._model("forward", images, settings, seed)[1]["logits"]

    def parameters(self, settings: Mapping[str, Any] | None = None) -> int:
        """Return the number of parameters of the network."""
        images = np.zeros((1, 3, 128, 128), np.float32)
        return self._model("forward", images, settings, 0)[0]["parameters"]

    def structure(self, images: np.ndarray, settings: Mapping[str, Any] | None = None, seed: int = 0) -> Structure:
        """Return how the network is made, from what it does on some images."""
        return Structure(**self._model("structure", images, settings, seed)[0])

    def receptive_field(self, size: int) -> np.ndarray:
        """Return which pixels of a `size` x `size` image the central output depends on, bool `(H, W)`."""
        images = np.full((1, 3, size, size), 0.5, np.float32)
        return self._model("receptive_field", images, None, 0)[1]["footprint"].astype(bool)

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
        self._ask(header, arrays)
        for count in rounds:
            reply, values = self._ask({"operation": "fit_steps", "count": count}, {}, TRAIN_TIMEOUT)
            yield Round(values["predictions"], **reply)

    def dataset(
        self,
        files: Mapping[str, bytes],
        *,
        settings: Mapping[str, Any],
        indices: list[int],
        transform: dict[str, Any] | None = None,
        root: str = "argument",
        seed: int = 0,
    ) -> Items:
        """Open the task's data set on files, and read items.

        Args:
            files: contents by path inside the data's folder; a path that ends in "/" is an empty folder.
            transform: None, {"name": "resize", "size": [H, W]} or {"name": "flip"}.
            root: "argument", or the environment variable in which the folder is given.
        """
        header = self._target(None) | {
            "operation": "dataset",
            "settings": dict(settings),
            "indices": indices,
            "transform": transform,
            "root": root,
            "seed": seed,
        }
        reply, arrays = self._ask(header, as_arrays(files))
        if "raised" in reply:
            return Items(raised=str(reply["raised"]), folder=str(reply["folder"]), where=str(reply["where"]))
        parts = [
            [arrays[f"{position}.value{part}"] for part in range(len(kinds)) if f"{position}.value{part}" in arrays]
            for position, kinds in enumerate(reply["items"])
        ]
        kinds = [[str(part["kind"]) for part in item] for item in reply["items"]]
        dtypes = [[str(part["dtype"]) for part in item] for item in reply["items"]]
        return Items(int(reply["length"]), parts, kinds, dtypes)

    def run(self, commands: list[list[str]], files: Mapping[str, bytes], masks: str, timeout: float) -> Run:
        """Run the submission's scripts one after the other: see `course.worker.scripts.run`."""
        header = {"operation": "run", "commands": commands, "masks": masks, "timeout": timeout}
        reply, arrays = self._ask(header, as_arrays(files), timeout * len(commands) + CALL_TIMEOUT)
        return Run(str(reply.get("script", "")), int(reply["exit_code"]), str(reply["output"]), arrays)

    def _target(self, symbol: str | None) -> dict[str, Any]:
        """Return the request's part that names what is called."""
        file, name = next((file, name) for file, name in self.task.references if symbol is None or name == symbol)
        return {"file": file, "symbol": name, "device": self.device}

    def _model(
        self, operation: str, images: np.ndarray, settings: Mapping[str, Any] | None, seed: int
    ) -> tuple[dict[str, Any], Arrays]:
        header = self._target(None) | {"operation": operation, "settings": dict(settings or {}), "seed": seed}
        return self._ask(header, {"images": images})

    def _ask(self, header: dict[str, Any], arrays: Mapping[str, np.ndarray], timeout: float = CALL_TIMEOUT) -> Any:
        """Send a request, and raise what the reply says is wrong."""
        try:
            reply, values = self.worker.request(header, dict(arrays), timeout)
        except WorkerGone as gone:
            raise CheckFailed(str(gone)) from None
        fault = reply.get("fault")
        if fault is None:
            return reply, values
        if fault["kind"] == "not_attempted":
            raise NotAttempted(str(fault["text"]))
        raise CheckFailed(str(fault["text"]))


def as_arrays(files: Mapping[str, bytes]) -> Arrays:
    """Turn files into the arrays in which they travel."""
    return {f"files/{path}": np.frombuffer(content, np.uint8) for path, content in files.items()}


def _evaluation(reply: dict[str, Any], arrays: Arrays) -> Evaluation:
    kinds = [str(value["kind"]) for value in reply["values"]]
    return Evaluation(
        values=[arrays.get(f"value{index}") for index in range(len(kinds))],
        kinds=kinds,
        dtypes=[str(value["dtype"]) for value in reply["values"]],
        gradient=arrays.get("gradient"),
        dropped=list(reply["dropped"]),
        modified=list(reply["modified"]),
    )


def _a_map(value: np.ndarray) -> str:
    return f"an array of shape {tuple(value.shape)}" if value.size else "an empty array"
