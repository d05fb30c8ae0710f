"""Networks and losses that are right only together: a sigmoid in the network, and losses that expect probabilities.

The course puts the sigmoid into the losses. Who consistently puts it into the networks has done nothing wrong, as long
as nobody applies a second one.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from course.catalogue import Task, load
from course.grading.compare import Case
from course.grading.expected import ROUNDING_MARGIN, Tolerance
from course.grading.outcomes import CheckFailed, Diagnosis, NotAttempted
from course.grading.student import Evaluation, Student

LOSSES = {"1.2": "BCELoss", "2.1": "DiceLoss", "2.2": "FocalLoss"}
NETWORKS = {"1.3": "EncDec", "3.1": "UNet", "4.1": "UNet2", "5.1": "DilatedNet"}
SIZE = 64
# Of a loss that expects probabilities, on a target and its opposite as predictions: nearly nothing, and a lot.
LITTLE, MUCH = 0.01, 0.1
CERTAIN = 1e-4

EXPECTS_PROBABILITIES = Diagnosis(
    "expects-probabilities",
    "This is right for probabilities, but it gets logits: any real number. The sigmoid belongs into the loss here. "
    "(Without one it is right only together with a network that ends in a sigmoid, and yours do not.)",
)


def _there(symbols: dict[str, str]) -> list[tuple[Task, str]]:
    """Return the tasks that this copy of the course has, each with its symbol: a release may have fewer exercises."""
    return [(task, symbols[task.id]) for task in load().tasks if task.id in symbols]


def network_with_sigmoid(student: Student) -> str | None:
    """Return the name of one of the submission's networks that ends in a sigmoid, None where there is none."""
    images = np.random.default_rng(0).standard_normal((2, 3, SIZE, SIZE), dtype=np.float32)
    for task, network in _there(NETWORKS):
        try:
            seen = student.beside(task).structure(images, {"in_channels": 3, "num_classes": 1})
        except (CheckFailed, NotAttempted):
            continue
        if 0 <= seen.lowest < seen.highest <= 1:
            return network
    return None


def beside_such_a_network(student: Student) -> bool:
    """Whether what expects probabilities is right because a network of the submission returns them; say so."""
    network = network_with_sigmoid(student)
    if network:
        student.hint(
            f"It expects probabilities, which your `{network}` returns: together that is right. Where they are rounded "
            "to 0 and 1, only losses of logits stay right."
        )
    return network is not None


def loss_of_probabilities(student: Student) -> str | None:
    """Return the name of one of the submission's losses that expects probabilities, None where there is none."""
    target = (np.random.default_rng(0).random((2, 1, 8, 8)) < 0.4).astype(np.float32)
    certain = target.clip(CERTAIN, 1 - CERTAIN)
    for task, loss in _there(LOSSES):
        other = student.beside(task)
        try:
            right = other.evaluate(y_pred=certain, y_true=target).number
            wrong = other.evaluate(y_pred=1 - certain, y_true=target).number
        except (CheckFailed, NotAttempted):
            continue
        if abs(right) < LITTLE and wrong > MUCH:
            return loss
    return None


def on_probabilities(
    cases: Sequence[Case], ask: Callable[[Sequence[Case]], Sequence[Evaluation]], tolerance: Tolerance
) -> tuple[list[Evaluation], Tolerance]:
    """Call a loss on probabilities in the place of logits.

    Returns:
        what came back, gradients with respect to the logits; and the tolerance, with the rounding of probabilities near
        1 added. Nothing where the loss fails, or nothing can be learned from it.
    """
    probabilities = [1 / (1 + np.exp(-case.inputs["y_pred"].astype(np.float64))) for case in cases]
    turned = [
        Case(case.inputs | {"y_pred": p.astype(np.float32)}, case.settings)
        for case, p in zip(cases, probabilities, strict=True)
    ]
    try:
        evaluations = ask(turned)
    except CheckFailed:
        return [], tolerance
    chained = [
        got if got.gradient is None else replace(got, gradient=got.gradient * p * (1 - p))
        for got, p in zip(evaluations, probabilities, strict=True)
    ]
    if not any(got.gradient is not None and np.any(got.gradient) for got in chained):
        return [], tolerance
    rounding = ROUNDING_MARGIN * float(np.finfo(np.float32).eps) / min(float((1 - p).min()) for p in probabilities)
    return chained, tolerance.plus(rounding)
