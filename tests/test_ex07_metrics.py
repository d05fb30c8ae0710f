"""Exercise 7.1 to 7.3: metrics.

What earns the points: counts over all pixels of the batch, or the mean of the images' own scores, as long as it is
the same in every check; a tiny or a whole 1 added against division by zero. What is 0 / 0 may be nan or a number
between 0 and 1, and an error there costs nothing. Numbers may come as tensors, numpy or Python numbers.
Masks are floats, and also bools and integers: what breaks on these only because the counts do keeps its point, and so
does in 7.2 what raises an error; a wrong number does not.
"""

import numpy as np
import pytest
import torch

from course.catalogue import load
from course.grading.compare import Case
from course.grading.outcomes import CheckFailed, NotAttempted
from course.grading.student import Evaluation, Student
from course.worker.adapt import arrange, construct
from tests.masks import (
    CLASSES,
    IGNORE,
    circles,
    empty,
    fifteen_and_fourteen,
    of_one_class,
    opposite,
    perfect,
    random_batches,
    random_masks,
    without_axes,
)

OTHER_IGNORE, A_CLASS = 9, 0  # labels that may not count in the place of 255: no class, and a class
OTHER_TYPES = {"bools": np.bool_, "integers": np.int64}


@pytest.mark.task("7.1", points=1)
def test_confusion_counts(student, oracle):
    """The four counts are true positives, false positives, false negatives, true negatives, in this order."""
    cases = random_masks(oracle.generator("counts"))
    for case in [*cases, without_axes(cases[0])]:
        tensors = [torch.from_numpy(array) for array in case.inputs.values()]
        recognise = oracle.recogniser("confusion_counts", case, lambda make, t=tensors: _as_list(make(*t)))
        got = student.evaluate(symbol="confusion_counts", **case.inputs)
        predicted, actual = (array > 0.5 for array in case.inputs.values())
        want = [np.sum(predicted & actual), np.sum(predicted & ~actual)]
        want += [np.sum(~predicted & actual), np.sum(~predicted & ~actual)]
        if not np.array_equal(_numbers(got), np.array(want)):
            message = f"Expected (TP, FP, FN, TN) = {tuple(map(int, want))}, got {_shown(got)}."
            raise CheckFailed(message, recognise(got.values))
    _check_other_types(student, oracle, "confusion_counts", cases[0])


@pytest.mark.task("7.1", points=1)
def test_pixel_accuracy(student, oracle):
    """The pixel accuracy is the share of pixels that are right."""
    cases = [*random_masks(oracle.generator("accuracy")), opposite()]
    oracle.judge(student, cases, symbol="pixel_accuracy")
    _check_other_types(student, oracle, "pixel_accuracy", cases[0])


@pytest.mark.task("7.1", points=1)
def test_sensitivity(student, oracle):
    """The sensitivity is the share of the true foreground that was found; without any it has none, or one in [0, 1]."""
    cases = [*random_masks(oracle.generator("sensitivity")), opposite()]
    oracle.judge(student, cases, symbol="sensitivity")
    _check_other_types(student, oracle, "sensitivity", cases[0])
    _check_undefined(student, oracle, "sensitivity", of_one_class(0), "a truth without foreground")


@pytest.mark.task("7.1", points=1)
def test_specificity(student, oracle):
    """The specificity is the share of the true background left alone; without any it has none, or one in [0, 1]."""
    cases = [*random_masks(oracle.generator("specificity")), opposite()]
    oracle.judge(student, cases, symbol="specificity")
    _check_other_types(student, oracle, "specificity", cases[0])
    _check_undefined(student, oracle, "specificity", of_one_class(1), "a truth without background")


@pytest.mark.task("7.2", points=1)
def test_iou(student, oracle):
    """The intersection over union, of one image and of several, is that of the foreground."""
    cases = [*random_masks(oracle.generator("iou")), opposite(), perfect()]
    oracle.judge(student, cases, symbol="iou")
    _check_other_types(student, oracle, "iou", cases[0])


@pytest.mark.task("7.2", points=1)
def test_iou_worked_examples(student, oracle):
    """Two discs that share 972 of 1542 pixels have J = 0.6304; two empty ones have none, or one in [0, 1]."""
    oracle.judge(student, [circles(), fifteen_and_fourteen()], symbol="iou")
    _check_undefined(student, oracle, "iou", empty(), "two empty masks")


@pytest.mark.task("7.2", points=1)
def test_dice(student, oracle):
    """The Dice coefficient, of one image and of several, is that of the foreground."""
    cases = [*random_masks(oracle.generator("dice")), opposite(), perfect()]
    oracle.judge(student, cases, symbol="dice")
    _check_other_types(student, oracle, "dice", cases[0])


@pytest.mark.task("7.2", points=1)
def test_dice_worked_examples(student, oracle):
    """Masks of 15 and 14 pixels that share 12 have D = 24/29 = 0.8276; two empty ones have none, or one in [0, 1]."""
    oracle.judge(student, [circles(), fifteen_and_fourteen()], symbol="dice")
    _check_undefined(student, oracle, "dice", empty(), "two empty masks")


@pytest.mark.task("7.3", points=1)
def test_matrix(student, oracle):
    """`matrix` counts pairs of true class (row) and predicted class (column) over all batches."""
    _judge_matrix(student, oracle, random_batches(oracle.generator("matrix")), ["matrix"])


@pytest.mark.task("7.3", points=1)
def test_mean_iou_over_the_set(student, oracle):
    """iou() and mean_iou() are computed once, from the counts of all batches: no mean of the batches' scores."""
    _judge_matrix(student, oracle, random_batches(oracle.generator("mean")), ["iou", "mean_iou"])


@pytest.mark.task("7.3", points=1)
def test_ignored_pixels(student, oracle):
    """Pixels whose true label is 255 do not count, whatever was predicted there; pixel_accuracy() leaves them out."""
    questions = ["matrix", "pixel_accuracy", "iou", "mean_iou"]
    _judge_matrix(student, oracle, random_batches(oracle.generator("counted")), questions)
    try:
        _judge_matrix(student, oracle, random_batches(oracle.generator("ignored"), ignored=0.3), questions)
    except CheckFailed as failed:
        if failed.diagnosis:
            raise
        raise CheckFailed(failed.message, oracle.diagnosis("ignored-pixels-not-left-out")) from None
    if _can_be_told(student):
        _check_told(student, oracle, questions)


def _check_told(student, oracle, questions: list[str]) -> None:
    """Another label than 255 does not count when the constructor is told so; if it is a class, that is worth a hint."""
    for ignore in (OTHER_IGNORE, A_CLASS):
        batches = random_batches(oracle.generator(f"ignored {ignore}"), ignored=0.3, ignore=ignore)
        try:
            _judge_matrix(student, oracle, batches, questions, ignore=ignore)
        except CheckFailed as failed:
            if ignore == OTHER_IGNORE:
                raise CheckFailed(failed.message, oracle.diagnosis("ignore-index-hard-coded")) from None
            student.hint(f"Right, but fragile: with ignore_index={ignore}, which is a class. {failed.message}")


@pytest.mark.task("7.3", points=1)
def test_absent_class(student, oracle):
    """A class that is neither true nor predicted anywhere has no score, nan; one that is only predicted has 0."""
    _judge_matrix(student, oracle, random_batches(oracle.generator("present")), ["iou", "mean_iou"])
    for absent in (2, CLASSES - 1):
        batches = random_batches(oracle.generator(f"without {absent}"), absent=absent)
        try:
            _judge_matrix(student, oracle, batches, ["iou", "mean_iou"])
        except CheckFailed as failed:
            if "Error: " not in failed.message:
                raise
            raise CheckFailed(failed.message, oracle.diagnosis("breaks-without-a-class")) from None
    invented = random_batches(oracle.generator("invented"), absent=1)
    invented[0]["y_pred"][0, -1] = 1
    _judge_matrix(student, oracle, invented, ["iou", "mean_iou"])


def _check_undefined(student, oracle, symbol: str, case: Case, what: str) -> None:
    """What is 0 / 0 is undefined: nan, or what a definition makes of it. Who raises, or has a number, gets a hint."""
    try:
        number = student.evaluate(symbol=symbol, **case.inputs).number
    except CheckFailed as failed:
        student.hint(
            f"Right, but fragile: {symbol} of {what} raises an error. Such an image then ends the evaluation of a "
            f"whole data set; the score is undefined there, which is nan. {failed.message}"
        )
        return
    if np.isnan(number):
        return
    if not -1e-6 <= number <= 1 + 1e-6:
        message = f"{symbol} of {what} is {number}: expected nan, or a number from 0 to 1."
        raise CheckFailed(message, oracle.diagnosis("undefined-as-a-code"))
    student.hint(
        f"{symbol} of {what} is {number:.4g} here. The course calls it undefined, which is nan: any number moves the "
        "mean over the images."
    )


def _check_other_types(student, oracle, symbol: str, case: Case) -> None:
    """Masks of bools and of integers give what those of floats give.

    A ratio that breaks where the counts break as well is only told so: one slip costs one point.
    """
    for called, dtype in OTHER_TYPES.items():
        failed = _broken_by(student, symbol, case, dtype)
        if failed is None:
            continue
        message = f"For masks of {called}: {failed.message}"
        if symbol != "confusion_counts" and _counts_broken_by(student, case, dtype):
            student.hint(f"Right, but for what breaks in confusion_counts, and costs a point there. {message}")
            return
        loud = "Error: " in failed.message
        if loud and symbol in ("iou", "dice"):
            student.hint(f"Right, but fragile: it takes floats alone, say `(logits > 0).float()`. {message}")
            return
        silent = not loud and dtype is np.bool_
        raise CheckFailed(message, oracle.diagnosis("bools-added") if silent else failed.diagnosis)


def _broken_by(student: Student, symbol: str, case: Case, dtype: type) -> CheckFailed | None:
    """Return what is wrong when masks are of another type than float, None where nothing is."""
    expected = _numbers(student.evaluate(symbol=symbol, **case.inputs))
    masks = {name: array.astype(dtype) for name, array in case.inputs.items()}
    try:
        got = _numbers(student.evaluate(symbol=symbol, **masks))
    except CheckFailed as failed:
        return failed
    if got.shape == expected.shape and np.allclose(got, expected, atol=1e-5):
        return None
    return CheckFailed(f"{symbol} gives {_rounded(got)}, and for the same masks of floats {_rounded(expected)}.")


def _counts_broken_by(student: Student, case: Case, dtype: type) -> bool:
    """Whether masks of this type break the counts, which masks of floats do not."""
    try:
        return _broken_by(student.beside(load().task("7.1")), "confusion_counts", case, dtype) is not None
    except (CheckFailed, NotAttempted):
        return False


def _judge_matrix(student, oracle, batches: list[dict], questions: list[str], ignore: int = IGNORE) -> None:
    """Compare the answers to some questions with those computed from one matrix over all batches.

    Args:
        ignore: the label that does not count.
    """
    settings = {"num_classes": CLASSES} | ({} if ignore == IGNORE else {"ignore_index": ignore})
    arrays = {f"{index}.{name}": array for index, batch in enumerate(batches) for name, array in batch.items()}
    asked = Case(arrays, settings | {"questions": questions})
    recognise = oracle.recogniser("ConfusionMatrix", asked, lambda make: _asked(make, batches, questions, settings))
    got = student.accumulate(batches, questions, settings)
    want = _answers(batches, ignore)
    for index, question in enumerate(questions):
        value = got.values[index]
        if value is None:
            raise CheckFailed(f"{question} gives {got.kinds[index]}, expected numbers.")
        if value.shape != want[question].shape:
            raise CheckFailed(
                f"{question} has shape {value.shape}, expected {want[question].shape}.",
                recognise(got.values),
            )
        if not np.allclose(value.astype(float), want[question], atol=1e-5, equal_nan=True):
            raise CheckFailed(
                f"Over {len(batches)} batches, {question} is {_rounded(value)}, expected {_rounded(want[question])}.",
                recognise(got.values),
            )


def _can_be_told(student) -> bool:
    """Whether the constructor takes another label that does not count than 255."""
    every_class = np.arange(CLASSES).reshape(1, 2, 2)
    batch = {"y_pred": every_class, "y_true": every_class}
    settings = {"num_classes": CLASSES, "ignore_index": OTHER_IGNORE}
    return "ignore_index" not in student.accumulate([batch], ["pixel_accuracy"], settings).dropped


def _answers(batches: list[dict], ignore: int) -> dict[str, np.ndarray]:
    """Return matrix, iou, mean_iou and pixel_accuracy over all batches, from their definitions."""
    y_pred, y_true = (np.concatenate([batch[name].ravel() for batch in batches]) for name in ("y_pred", "y_true"))
    matrix = np.zeros((CLASSES, CLASSES))
    counted = y_true != ignore
    np.add.at(matrix, (y_true[counted], y_pred[counted]), 1)
    intersection = np.diagonal(matrix)
    union = matrix.sum(0) + matrix.sum(1) - intersection
    iou = np.where(union > 0, intersection / np.maximum(union, 1), np.nan)
    accuracy = np.array(intersection.sum() / matrix.sum())
    return {"matrix": matrix, "iou": iou, "mean_iou": np.array(np.nanmean(iou)), "pixel_accuracy": accuracy}


def _asked(make: type, batches: list[dict], questions: list[str], settings: dict) -> list:
    """Return what a known answer says to the same questions."""
    target, _ = construct(make, settings)
    for batch in batches:
        target.update(*arrange(target.update, {name: torch.from_numpy(array) for name, array in batch.items()}))
    attributes = [getattr(target, question) for question in questions]
    return [attribute() if callable(attribute) else attribute for attribute in attributes]


def _numbers(got: Evaluation) -> np.ndarray:
    """Return the results as one list of numbers, also where they came as one tensor."""
    if any(value is None for value in got.values):
        raise CheckFailed(f"Expected four numbers, got {', '.join(got.kinds)}.")
    return np.concatenate([np.ravel(value) for value in got.values])


def _as_list(result) -> list:
    return list(result) if isinstance(result, tuple) else [result]


def _shown(got: Evaluation) -> str:
    return ", ".join(str(value.tolist()) for value in got.values)


def _rounded(value: np.ndarray) -> list | float:
    return np.round(value.astype(float), 4).tolist()
