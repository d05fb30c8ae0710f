"""The loss as a function of one logit: what a student's gives beside the reference, where the value is wrong."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from answers.entry import Answer
from course.grading.compare import Case, expectations
from course.grading.evidence import Keeper
from course.grading.outcomes import CheckFailed, NotAttempted
from course.grading.returned import Evaluation

LOGITS = np.linspace(-6, 6, 25)
HELD = 2.0  # the logit, in the right direction, of what is not varied
SIZE = 4


def keep_sweeps(
    evidence: Keeper, like: Case, reference: Answer, ask: Callable[[Sequence[Case]], Sequence[Evaluation]]
) -> None:
    """Keep a student's loss beside the reference, as functions of one logit; nothing where either gives no numbers.

    Args:
        like: a case of the check.
        ask: calls the student's loss.
    """
    if expectations(reference, like)[0].gradient is None:
        return  # a metric: it is of masks, not of logits
    for name, cases in sweeps(like, reference.make):
        try:
            yours = [evaluation.number for evaluation in ask(cases)]
        except (CheckFailed, NotAttempted):
            return
        expected = [expectations(reference, case)[0].value for case in cases]
        evidence.curve(f"loss, {name}", "logit", LOGITS.tolist(), yours=yours, expected=expected)


def sweeps(like: Case, loss: Callable[..., Any]) -> Iterator[tuple[str, list[Case]]]:
    """Yield a name and the cases along which one logit goes from -6 to 6, everything else held.

    Args:
        like: a case of the check: the new ones are of its kind, with its settings.
        loss: the reference, which says whether there is a target at all.
    """
    predicted, true = like.inputs["y_pred"], like.inputs["y_true"]
    if _ignores_target(loss):
        everywhere = [np.full((1, 1, SIZE, SIZE), logit) for logit in LOGITS]
        yield "every pixel", [_case(like, maps, _half_foreground()) for maps in everywhere]
    elif predicted.shape == true.shape:
        mask = _half_foreground()
        held = HELD * (2 * mask - 1)
        for name, label in (("the foreground pixels", 1), ("the background pixels", 0)):
            yield name, [_case(like, np.where(mask == label, logit, held), mask) for logit in LOGITS]
    else:
        classes = np.zeros((1, SIZE, SIZE), true.dtype)
        for name, channel in (("the true class", 0), ("another class", 1)):
            maps = [np.zeros((1, predicted.shape[1], SIZE, SIZE)) for _ in LOGITS]
            for logits, logit in zip(maps, LOGITS, strict=True):
                logits[:, channel] = logit
            yield name, [_case(like, logits, classes) for logits in maps]


def _case(like: Case, predicted: np.ndarray, true: np.ndarray) -> Case:
    inputs = {"y_pred": predicted.astype(np.float32), "y_true": true.astype(like.inputs["y_true"].dtype)}
    return Case(inputs, like.settings)


def _half_foreground() -> np.ndarray:
    """Return a mask `(1, 1, S, S)` whose right half is foreground."""
    mask = np.zeros((1, 1, SIZE, SIZE))
    mask[..., SIZE // 2 :] = 1
    return mask


def _ignores_target(loss: Callable[..., Any]) -> bool:
    function = loss.forward if inspect.isclass(loss) else loss
    return "y_true" not in inspect.signature(function).parameters
