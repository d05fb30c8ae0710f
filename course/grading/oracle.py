"""The `oracle` of a check: what was to be expected, computed with the solutions and the answer bank."""

import contextlib
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from answers.entry import Answer
from course.catalogue import Task
from course.grading.bank import answers_to, load_bank
from course.grading.compare import Case, Expected, Tolerance, expectations, matches, tolerance_of
from course.grading.outcomes import CheckFailed, Diagnosis
from course.grading.properties import MAP, MODIFIES, Wrong, nearest, probing
from course.grading.solutions import reference
from course.grading.student import Evaluation, Student
from course.worker.adapt import understood


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
        self,
        student: Student,
        cases: Sequence[Case],
        *,
        symbol: str | None = None,
        gradient: bool = False,
        optional: Sequence[str] = (),
    ) -> None:
        """Call the student's code on all cases, and compare it with every known answer.

        Right is what agrees with one and the same accepted answer on every case: the value, and with `gradient` also
        the gradient with respect to the first input.

        Args:
            optional: settings that an answer may lack a parameter for; it is then compared without them.

        Raises:
            CheckFailed: it agrees with none; the diagnosis names the known mistake that it agrees with, or else the
                first property that fails.
        """
        symbol = symbol or self.task.symbols[0]

        def ask(cases: Sequence[Case], gradient: bool) -> list[Evaluation]:
            calls = ((case.settings, case.inputs) for case in cases)
            return [student.evaluate(symbol=symbol, settings=s, gradient=gradient, **inputs) for s, inputs in calls]

        evaluations = ask(cases, gradient)
        lacking = {name for evaluation in evaluations for name in evaluation.dropped if name in optional}
        if lacking:
            cases = [Case(c.inputs, {n: v for n, v in c.settings.items() if n not in lacking}) for c in cases]
        _refuse_what_is_no_number(evaluations)
        right = self.known(self.accepted(symbol, cases), cases)
        tolerance = tolerance_of([expected for _, expected in right])
        finite = all(np.isfinite(evaluation.number) for evaluation in evaluations)
        if finite and any(matches(evaluations, expected, tolerance, gradient) for _, expected in right):
            return
        probe = probing(lambda cases: ask(cases, True))
        diagnosis = self._named(evaluations, cases, symbol, tolerance, gradient)
        diagnosis = diagnosis or self._property(evaluations, cases, symbol, right, tolerance, probe)
        raise CheckFailed(_difference(evaluations, cases, right, tolerance), diagnosis)

    def known(self, answers: Sequence[Answer], cases: Sequence[Case]) -> list[tuple[Answer, list[Expected]]]:
        """Return each answer, once for each of its variants, with what it gives case by case."""
        known = []
        for answer in answers:
            by_case = [expectations(answer, case) for case in cases]
            known += [(answer, list(by_variant)) for by_variant in zip(*by_case, strict=True)]
        return known

    def _named(
        self,
        evaluations: Sequence[Evaluation],
        cases: Sequence[Case],
        symbol: str,
        tolerance: Tolerance,
        gradient: bool,
    ) -> Diagnosis | None:
        """Return the known mistake that gives the same, or the same with the mean left out."""
        wrong = self.known(answers_to(self.task.id, symbol, "mistake"), cases)
        for scaled, also in _without_mean(evaluations, cases):
            for answer, expected in wrong:
                if matches(scaled, expected, tolerance, gradient):
                    return Diagnosis(answer.name, f"{answer.sentence}{also}")
        return None

    def _property(
        self,
        evaluations: Sequence[Evaluation],
        cases: Sequence[Case],
        symbol: str,
        right: Sequence[tuple[Answer, Sequence[Expected]]],
        tolerance: Tolerance,
        probe: Callable[[Sequence[Case]], Sequence[Evaluation]],
    ) -> Diagnosis | None:
        """Return the first property of a right answer that this one has not."""
        swapped: list[Sequence[Expected]] = []
        if all(_can_be_swapped(case) for case in cases):
            turned = [Case({"y_pred": c.inputs["y_true"], "y_true": c.inputs["y_pred"]}, c.settings) for c in cases]
            for answer in self.accepted(symbol, turned):
                with contextlib.suppress(RuntimeError, ValueError):  # some refuse logits in the place of a target
                    swapped += [expected for _, expected in self.known([answer], turned)]
        got = probe(cases) or evaluations
        return nearest(Wrong(symbol, cases, got, [expected for _, expected in right], swapped, tolerance, probe))

    def accepted(self, symbol: str, cases: Sequence[Case]) -> list[Answer]:
        """Return the reference and the accepted alternatives, as far as the catalogue's policy allows them.

        An answer without a parameter for a setting of the cases is no answer to them: it would ignore the setting, and
        who ignores it as well would be right.
        """
        answers = [reference(self.task, symbol), *answers_to(self.task.id, symbol, "accepted")]
        allowed = [a for a in answers if self.task.accept is None or a.name in self.task.accept]
        return [a for a in allowed if not any(understood(a.make, case.settings)[1] for case in cases)]


def _same(got: np.ndarray | None, expected: np.ndarray) -> bool:
    """Whether two arrays are the same, up to rounding; nan equals nan."""
    return got is not None and got.shape == expected.shape and np.allclose(got, expected, atol=1e-5, equal_nan=True)


def _can_be_swapped(case: Case) -> bool:
    names = list(case.inputs)
    return names == ["y_pred", "y_true"] and case.inputs["y_pred"].shape == case.inputs["y_true"].shape


def _refuse_what_is_no_number(evaluations: Sequence[Evaluation]) -> None:
    for evaluation in evaluations:
        if len(evaluation.values) == 1 and evaluation.values[0] is not None and evaluation.values[0].size != 1:
            shape = tuple(evaluation.values[0].shape)
            raise CheckFailed(f"Expected one number, got an array of shape {shape}.", MAP)
        if not evaluation.modified:
            evaluation.number  # noqa: B018 - raises where there is none
        else:
            raise CheckFailed(f"The input {evaluation.modified[0]} was changed in place: work on a copy.", MODIFIES)


def _without_mean(
    evaluations: Sequence[Evaluation], cases: Sequence[Case]
) -> Iterator[tuple[Sequence[Evaluation], str]]:
    """Yield the results as they are, and divided by the number of pixels of the batch and of an image."""
    yield evaluations, ""
    shapes = [next(iter(case.inputs.values())).shape for case in cases]
    for sizes in ([np.prod(shape) for shape in shapes], [np.prod(shape[1:]) for shape in shapes]):
        scaled = [
            replace(got, values=[got.values[0] / size], gradient=None if got.gradient is None else got.gradient / size)
            for got, size in zip(evaluations, sizes, strict=True)
        ]
        yield scaled, " Besides, it is a sum and not a mean."


def _difference(
    evaluations: Sequence[Evaluation],
    cases: Sequence[Case],
    right: Sequence[tuple[Answer, Sequence[Expected]]],
    tolerance: Tolerance,
) -> str:
    """Say where the results first leave the reference, or that it is the gradient that does."""
    if any(matches(evaluations, expected, tolerance, False) for _, expected in right):
        return "The value is right, but its gradient is not."
    for got, case, want in zip(evaluations, cases, right[0][1], strict=True):
        if not tolerance.same_value(got.number, want):
            shape = tuple(next(iter(case.inputs.values())).shape)
            settings = "".join(f", {name}={value}" for name, value in case.settings.items())
            return f"For inputs of shape {shape}{settings} expected {want.value:.4f}, got {got.number:.4f}."
    return "Every value agrees with the reference, but not every gradient."
