"""What a worker may answer. A student's code shares a process with it, so an answer is checked like a stranger's.

Only shapes and types are checked here: whether the numbers are right is for the checks. An answer that no worker of the
course gives is a failed check, never a fault of the graders.
"""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from course.grading.outcomes import CheckFailed
from course.report.text import harmless
from course.worker.protocol import Arrays

GARBLED = "The answer that came back is none that the course's worker gives: the code has interfered with it."
MAX_WORD = 200
MAX_MEMBERS = 10_000
MAX_RESULT = 1_000_000  # numbers in the result of a loss or metric: one is expected
NUMBERS = "fiub"  # numpy's letters for floats, integers, truth values: no objects, no complex numbers

Text = Annotated[str, AfterValidator(harmless)]
Word = Annotated[str, AfterValidator(lambda text: harmless(text, MAX_WORD))]
Words = Annotated[list[Word], Field(max_length=MAX_MEMBERS)]
Size = Annotated[int, Field(ge=-(2**62), le=2**62)]
Sizes = Annotated[list[Size], Field(max_length=MAX_MEMBERS)]


class Reply(BaseModel):
    """An answer: its keys must be there, and have these types."""

    model_config = ConfigDict(strict=True)


class NotedReply(Reply):
    """Any answer: what was adapted to give it."""

    notes: Annotated[list[Text], Field(max_length=20)] = []


class FaultReply(Reply):
    """The student's code does not do what was asked."""

    kind: Word
    text: Text


class ValueKind(Reply):
    """What one result is."""

    kind: Word
    dtype: Word


Kinds = Annotated[list[ValueKind], Field(max_length=MAX_MEMBERS)]


class EvaluationReply(Reply):
    """Of `evaluate` and `accumulate`."""

    values: Kinds
    dropped: Words
    modified: Words


class EvaluationsReply(Reply):
    """Of `evaluate_each`."""

    calls: Annotated[list[EvaluationReply], Field(max_length=MAX_MEMBERS)]


class CallReply(Reply):
    """One call that a network made."""

    name: Word
    height_in: Size
    height_out: Size
    stride: Size
    dilation: Size
    kernel: Size


class StructureReply(Reply):
    """Of `structure`."""

    calls: Annotated[list[CallReply], Field(max_length=MAX_MEMBERS)]
    unused: Words
    idle: Words
    called_twice: Words
    strays: Size
    bends: bool
    heights: Sizes
    skips: Sizes
    bypass: bool
    shared: Words
    nearness: float
    steady: bool
    rows: Size
    lowest: float
    highest: float


class RoundReply(Reply):
    """Of `fit_steps`."""

    loss: float
    probabilities: bool
    lowest: float
    highest: float


class DatasetReply(Reply):
    """Of `dataset`, where it opened."""

    length: Size
    items: Annotated[list[Kinds], Field(max_length=MAX_MEMBERS)]


class RefusalReply(Reply):
    """Of `dataset`, where it refused the folder."""

    raised: Text
    folder: Text
    where: Text


class RunReply(Reply):
    """Of `run`."""

    exit_code: Size
    output: Annotated[str, AfterValidator(lambda text: harmless(text, 4000))]
    script: Word = ""


Expected = TypeVar("Expected", bound=Reply)


def understood(kind: type[Expected], reply: Any) -> Expected:
    """Read an answer.

    Raises:
        CheckFailed: it is none of this kind.
    """
    try:
        return kind.model_validate(reply)
    except ValidationError:
        raise CheckFailed(GARBLED) from None


def array_of(arrays: Arrays, name: str, kinds: str = NUMBERS, shape: Sequence[int] | None = None) -> np.ndarray:
    """Return an array of an answer.

    Args:
        kinds: numpy's letters for the dtypes that it may have.
        shape: the shape that it must have.

    Raises:
        CheckFailed: it is not there, or is another.
    """
    array = arrays.get(name)
    if array is None or array.dtype.kind not in kinds or (shape is not None and array.shape != tuple(shape)):
        raise CheckFailed(GARBLED)
    return array


def results_of(kinds: list[ValueKind], arrays: Arrays, prefix: str = "") -> list[np.ndarray | None]:
    """Return the arrays of some results; None for a result that is no number and no tensor.

    Raises:
        CheckFailed: an array is missing, or is not what is said of it.
    """
    results: list[np.ndarray | None] = []
    for index, value in enumerate(kinds):
        if value.kind not in ("tensor", "number"):
            results.append(None)
            continue
        if value.dtype.startswith("complex"):
            raise CheckFailed("The result is a complex number.")
        array = array_of(arrays, f"{prefix}value{index}")
        # Half precision travels as float32: numpy has no bfloat16.
        travels = {"bfloat16": "float32", "float16": "float32"} if value.kind == "tensor" else {}
        if str(array.dtype) != travels.get(value.dtype, value.dtype):
            raise CheckFailed(GARBLED)
        results.append(array)
    return results
