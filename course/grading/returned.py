"""What the calls of `student` return: plain numbers and arrays, already checked for their types."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from course.grading.outcomes import CheckFailed
from course.worker.protocol import Arrays


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
    """How a network is made: see `course.worker.structure.structure`, whose reply this is."""

    calls: list[dict[str, Any]]
    unused: list[str]
    idle: list[str]
    called_twice: list[str]
    strays: int
    bends: bool
    heights: list[int]
    skips: list[int]
    bypass: bool
    shared: list[str]
    nearness: float
    steady: bool
    rows: int
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
    probabilities: bool
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


def _a_map(value: np.ndarray) -> str:
    return f"an array of shape {tuple(value.shape)}" if value.size else "an empty array"
