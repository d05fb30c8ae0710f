"""The `oracle` of a check: what was to be expected, computed with the solutions and the answer bank."""

import zlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from answers.entry import Answer
from course.catalogue import Task
from course.grading.bank import answers_to, load_bank
from course.grading.compare import Case, Expected, Tolerance, expectations, matches, tolerance_of
from course.grading.outcomes import CheckFailed, Diagnosis
from course.grading.solutions import reference
from course.grading.student import Evaluation, Student


class LiveOracle:
    """Knows the right answers, computes them afresh for every input.

    Args:
        seed: draws all inputs; another seed, another set of hidden tests.
        task: the task that is being checked.
    """

    def __init__(self, seed: int, task: Task) -> None:
        self.seed = seed
        self.task = task

    def generator(self, name: str) -> np.random.Generator:
        """Return a source of random numbers of its own for a name, so that no check depends on another."""
        return np.random.default_rng([self.seed, zlib.crc32(f"{self.task.id} {name}".encode())])

    def diagnosis(self, name: str) -> Diagnosis:
        """Return the answer bank's sentence about a known mistake, of this task or else of any."""
        entries = sorted(load_bank(), key=lambda answer: answer.task != self.task.id)
        entry = next((answer for answer in entries if answer.name == name and answer.verdict == "mistake"), None)
        if entry is None:
            raise LookupError(f"The answer bank has no mistake called {name}.")
        return Diagnosis(entry.name, entry.sentence)

    def recognise(
        self, symbol: str, results: Sequence[np.ndarray | None], compute: Callable[[Any], Sequence[Any]]
    ) -> Diagnosis | None:
        """Return which known mistake gives the same results, for what is more than one number.

        Args:
            results: what came back.
            compute: what the class or function of a known mistake gives when it is used in the same way.
        """
        for answer in answers_to(self.task.id, symbol, "mistake"):
            try:
                expected = [np.asarray(value, dtype=float) for value in compute(answer.make)]
            except Exception:
                continue  # this mistake gives no result here
            if len(expected) == len(results) and all(map(_same, results, expected)):
                return Diagnosis(answer.name, answer.sentence)
        return None

    def judge(
        self, student: Student, cases: Sequence[Case], *, symbol: str | None = None, gradient: bool = False
    ) -> None:
        """Call the student's code on all cases, and compare it with every known answer.

        Right is what agrees with one and the same accepted answer on every case: the value, and with `gradient` also
        the gradient with respect to the first input.

        Raises:
            CheckFailed: it agrees with none; the diagnosis names the known mistake that it agrees with.
        """
        symbol = symbol or self.task.symbols[0]
        evaluations = [
            student.evaluate(symbol=symbol, settings=case.settings, gradient=gradient, **case.inputs) for case in cases
        ]
        self.compare(evaluations, cases, symbol=symbol, gradient=gradient)

    def compare(self, evaluations: Sequence[Evaluation], cases: Sequence[Case], *, symbol: str, gradient: bool) -> None:
        """Compare results with every known answer: see `judge`."""
        _refuse_what_is_no_number(evaluations)
        right = self._known(self._accepted(symbol), cases)
        tolerance = tolerance_of([expected for _, expected in right])
        if any(matches(evaluations, expected, tolerance, gradient) for _, expected in right):
            return
        wrong = self._known(answers_to(self.task.id, symbol, "mistake"), cases)
        named = next((a for a, expected in wrong if matches(evaluations, expected, tolerance, gradient)), None)
        diagnosis = Diagnosis(named.name, named.sentence) if named else None
        if gradient and diagnosis is None and any(matches(evaluations, e, tolerance, False) for _, e in right):
            raise _wrong_gradient(evaluations)
        raise CheckFailed(self._difference(evaluations, cases, right, tolerance), diagnosis)

    def _accepted(self, symbol: str) -> list[Answer]:
        """Return the reference and the accepted alternatives, as far as the catalogue's policy allows them."""
        answers = [reference(self.task, symbol), *answers_to(self.task.id, symbol, "accepted")]
        return [a for a in answers if self.task.accept is None or a.name in self.task.accept]

    def _known(self, answers: Sequence[Answer], cases: Sequence[Case]) -> list[tuple[Answer, list[Expected]]]:
        """Return each answer, once for each of its variants, with what it gives case by case."""
        known = []
        for answer in answers:
            by_case = [expectations(answer, case) for case in cases]
            known += [(answer, list(by_variant)) for by_variant in zip(*by_case, strict=True)]
        return known

    def _difference(
        self,
        evaluations: Sequence[Evaluation],
        cases: Sequence[Case],
        right: list[tuple[Answer, list[Expected]]],
        tolerance: Tolerance,
    ) -> str:
        """Say where the results first leave the reference."""
        for got, case, want in zip(evaluations, cases, right[0][1], strict=True):
            if not tolerance.same_value(got.number, want):
                shape = tuple(next(iter(case.inputs.values())).shape)
                settings = "".join(f", {name}={value}" for name, value in case.settings.items())
                return f"For inputs of shape {shape}{settings} expected {want.value:.4f}, got {got.number:.4f}."
        return "Every value agrees with the reference, but not every gradient."


def _same(got: np.ndarray | None, expected: np.ndarray) -> bool:
    """Whether two arrays are the same, up to rounding; nan equals nan."""
    return got is not None and got.shape == expected.shape and np.allclose(got, expected, atol=1e-5, equal_nan=True)


def _refuse_what_is_no_number(evaluations: Sequence[Evaluation]) -> None:
    for evaluation in evaluations:
        if not np.isfinite(evaluation.number):
            raise CheckFailed(f"Expected a finite number, got {evaluation.number}.")
        if evaluation.modified:
            raise CheckFailed(
                f"The input {evaluation.modified[0]} was changed in place: work on a copy.",
                Diagnosis(
                    "modifies-input", "Operations that end in an underscore, and `x[...] = `, change their input."
                ),
            )


def _wrong_gradient(evaluations: Sequence[Evaluation]) -> CheckFailed:
    """Explain a gradient that is wrong although the value is right."""
    gradients = [evaluation.gradient for evaluation in evaluations]
    if all(gradient is None or not np.any(gradient) for gradient in gradients):
        sentence = (
            "The loss is cut off from the prediction: `.item()`, `.detach()`, rounding or a threshold inside a loss "
            "leave nothing to learn from."
        )
        return CheckFailed("The value is right, but there is no gradient.", Diagnosis("no-gradient", sentence))
    return CheckFailed("The value is right, but the gradient is not that of this value.")
