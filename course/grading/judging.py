"""The part of every `oracle` that compares: what came back, with what known answers give."""

import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from course.catalogue import Task
from course.grading.compare import Case, matches
from course.grading.expected import Expected, Tolerance, tolerance_of
from course.grading.forms import NOTE, TARGETS, WANTS_NO_CHANNELS, without_channels
from course.grading.outcomes import CheckFailed, Diagnosis
from course.grading.partners import EXPECTS_PROBABILITIES, beside_such_a_network, on_probabilities
from course.grading.properties import MAP, MODIFIES, Wrong, nearest, probing
from course.grading.student import Evaluation, Student


class Known(Protocol):
    """A known answer: its name, and what a student reads about it."""

    @property
    def name(self) -> str:
        """A slug, unique in its task."""

    @property
    def sentence(self) -> str:
        """What it is, why it is wrong, what to look at."""


# What known answers give, case by case; an answer stands there once for each of its variants.
Values = list[tuple[Known, list[Expected]]]
Results = Sequence[np.ndarray | None]


class Oracle(ABC):
    """Draws the inputs of a check, and judges what the student's code makes of them.

    Where the known answers come from is the matter of `LiveOracle`, which computes them, and `RecordedOracle`, which
    looks them up.

    Args:
        seed: draws all inputs; another seed, another set of hidden tests.
        task: the task that is being checked.
    """

    def __init__(self, seed: int, task: Task) -> None:
        self.seed = seed
        self.task = task

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and (other.seed, other.task) == (self.seed, self.task)

    def __hash__(self) -> int:
        return hash((self.seed, self.task.id))

    @abstractmethod
    def mistake(self, name: str) -> Known:
        """Return the known mistake of this name, of this task or else of any.

        Raises:
            LookupError: there is none.
        """

    @abstractmethod
    def right(self, symbol: str, cases: Sequence[Case]) -> Values:
        """Return the answers that earn the points, as far as they answer to the cases' settings; not empty."""

    @abstractmethod
    def wrong(self, symbol: str, cases: Sequence[Case]) -> Values:
        """Return the known mistakes."""

    @abstractmethod
    def right_or_not_at_all(self, symbol: str, cases: Sequence[Case]) -> Values:
        """Return the answers that earn the points, without those that refuse these cases; perhaps none."""

    @abstractmethod
    def results_of_mistakes(
        self, symbol: str, asked: Case, compute: Callable[[Any], Sequence[Any]]
    ) -> Sequence[tuple[Known, Results]]:
        """Return what the known mistakes give that give anything: see `recogniser`."""

    def illustrate(  # noqa: B027 - a picture is a gift: an oracle need not have any
        self, student: Student, symbol: str, case: Case, ask: Callable[[Sequence[Case]], Sequence[Evaluation]]
    ) -> None:
        """Keep evidence that shows what is wrong with the values of a loss, where this oracle can compute any.

        Args:
            case: one of the check.
            ask: calls the student's code on other cases.
        """

    def generator(self, name: str) -> np.random.Generator:
        """Return a source of random numbers of its own for a name, so that no check depends on another."""
        return np.random.default_rng([self.seed, zlib.crc32(f"{self.task.id} {name}".encode())])

    @property
    def training_seed(self) -> int:
        """What the student's code is seeded with when it trains: from it nobody can tell the seed of hidden inputs."""
        return int(self.generator("training").integers(1 << 31))

    def diagnosis(self, name: str) -> Diagnosis:
        """Return the answer bank's sentence about a known mistake, of this task or else of any."""
        known = self.mistake(name)
        return Diagnosis(known.name, known.sentence)

    def recogniser(
        self, symbol: str, asked: Case, compute: Callable[[Any], Sequence[Any]]
    ) -> Callable[[Results], Diagnosis | None]:
        """Return what tells which known mistake gives the same results, for what is more than one number.

        To be called for every question, before it is known whether the student answers it: what the mistakes give is
        recorded for the students.

        Args:
            asked: everything that the results depend on.
            compute: what the class or function of a known mistake gives when it is used in the same way.
        """

        def recognise(results: Results) -> Diagnosis | None:
            for known, expected in self.results_of_mistakes(symbol, asked, compute):
                if len(expected) == len(results) and all(map(_same, results, expected)):
                    return Diagnosis(known.name, known.sentence)
            return None

        return recognise

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
            return student.evaluate_each(cases, symbol=symbol, gradient=gradient)

        refused = None
        try:
            evaluations = ask(cases, gradient)
        except CheckFailed as failed:
            refused = failed  # what expects probabilities may refuse logits, and what expects (B, H, W) other masks
            evaluations = self._in_any_form(cases, ask)
            if not evaluations:
                raise
        lacking = {name for evaluation in evaluations for name in evaluation.dropped if name in optional}
        if lacking:
            cases = without_settings(cases, lacking)
        _refuse_what_is_no_number(evaluations)
        right = self.right(symbol, cases)
        tolerance = tolerance_of([expected for _, expected in right])
        rows = [expected for _, expected in right]
        if not refused and _agree(evaluations, rows, tolerance, gradient):
            return
        without_both = False
        for turned, form in without_channels(cases, lambda cases: ask(cases, gradient)):
            if _are_numbers(turned) and _agree(turned, rows, tolerance, gradient):
                # Whose code takes the network's own (B, 1, H, W), and is wrong without a word, is told so.
                if refused or form == TARGETS:
                    student.hint(NOTE.format(form[1]))
                    return
                without_both = True
        turned, rounded = on_probabilities(cases, lambda cases: ask(cases, True), tolerance)
        expects_probabilities = bool(turned) and _agree(turned, rows, rounded, gradient)
        if expects_probabilities and beside_such_a_network(student):
            return
        if refused:
            raise CheckFailed(refused.message, EXPECTS_PROBABILITIES if expects_probabilities else refused.diagnosis)
        if not _agree(evaluations, rows, tolerance, False):
            self.illustrate(student, symbol, cases[0], lambda cases: ask(cases, False))
        probe = probing(lambda cases: ask(cases, True))
        diagnosis = self._named(evaluations, cases, symbol, tolerance, gradient)
        if without_both and diagnosis is None:
            diagnosis = WANTS_NO_CHANNELS
        if expects_probabilities and diagnosis is None:
            diagnosis = EXPECTS_PROBABILITIES
        diagnosis = diagnosis or self._property(evaluations, cases, symbol, right, tolerance, probe)
        raise CheckFailed(_difference(evaluations, cases, right, tolerance), diagnosis)

    @staticmethod
    def _in_any_form(
        cases: Sequence[Case], ask: Callable[[Sequence[Case], bool], list[Evaluation]]
    ) -> Sequence[Evaluation]:
        """Return what comes back for inputs in another form, the first that is not refused; nothing where all are."""
        forms = without_channels(cases, lambda cases: ask(cases, False))
        evaluations, _ = on_probabilities(cases, lambda cases: ask(cases, True), Tolerance(0.0, 0.0))
        return evaluations or next((turned for turned, _ in forms), [])

    def _named(
        self,
        evaluations: Sequence[Evaluation],
        cases: Sequence[Case],
        symbol: str,
        tolerance: Tolerance,
        gradient: bool,
    ) -> Diagnosis | None:
        """Return the known mistake that gives the same, or the same with the mean left out."""
        wrong = self.wrong(symbol, cases)
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
        right: Values,
        tolerance: Tolerance,
        probe: Callable[[Sequence[Case]], Sequence[Evaluation]],
    ) -> Diagnosis | None:
        """Return the first property of a right answer that this one has not."""
        turned = turn(cases)
        swapped = [expected for _, expected in self.right_or_not_at_all(symbol, turned)] if turned else []
        got = probe(cases) or evaluations
        return nearest(Wrong(symbol, cases, got, [expected for _, expected in right], swapped, tolerance, probe))


def _same(got: np.ndarray | None, expected: np.ndarray) -> bool:
    """Whether two arrays are the same, up to rounding; nan equals nan."""
    return got is not None and got.shape == expected.shape and np.allclose(got, expected, atol=1e-5, equal_nan=True)


def without_settings(cases: Sequence[Case], names: Collection[str]) -> list[Case]:
    """Return cases without some settings, as they are for an answer that has no parameters for them."""
    return [Case(c.inputs, {name: value for name, value in c.settings.items() if name not in names}) for c in cases]


def turn(cases: Sequence[Case]) -> list[Case]:
    """Return cases in which prediction and target have changed places; none where that makes no sense."""
    if not all(_can_be_turned(case) for case in cases):
        return []
    return [Case({"y_pred": c.inputs["y_true"], "y_true": c.inputs["y_pred"]}, c.settings) for c in cases]


def _can_be_turned(case: Case) -> bool:
    names = list(case.inputs)
    return names == ["y_pred", "y_true"] and case.inputs["y_pred"].shape == case.inputs["y_true"].shape


def _are_numbers(evaluations: Sequence[Evaluation]) -> bool:
    return all(len(got.values) == 1 and got.values[0] is not None and got.values[0].size == 1 for got in evaluations)


def _agree(
    evaluations: Sequence[Evaluation], rows: Sequence[Sequence[Expected]], tolerance: Tolerance, gradient: bool
) -> bool:
    """Whether results are finite, and those of one and the same known answer in every case."""
    finite = all(np.isfinite(evaluation.number) for evaluation in evaluations)
    return finite and any(matches(evaluations, expected, tolerance, gradient) for expected in rows)


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
    right: Values,
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
