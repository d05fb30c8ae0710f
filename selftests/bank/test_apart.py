"""No known mistake looks like an accepted answer on the inputs of the losses' checks, for several seeds.

The inputs are those that the checks themselves hand to `oracle.judge`. Two answers are apart where a check tells them
apart by four times the tolerance with which it compares.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from answers.entry import Answer
from course.catalogue import Task, load
from course.grading.bank import answers_to
from course.grading.compare import Case, expectations, matches
from course.grading.expected import Expected, Tolerance, tolerance_of
from course.grading.oracle import LiveOracle
from course.grading.student import Evaluation
from course.worker.adapt import understood
from selftests.bank.checks import checks_of

SEEDS = (0, 1, 2)
MARGIN = 4
# Right where there is a label, 255 is ignored and no logit is large: elsewhere the checks call the student themselves.
ELSEWHERE = {"nan-when-all-ignored", "zero-without-gradient", "nan-in-the-gradient"}
ELSEWHERE |= {"overflow-hidden", "ignore-index-hard-coded"}
SYMBOLS = [(task, symbol) for task in load().tasks for file, symbol in task.references if file == "losses.py"]


@dataclass
class Judged:
    """One call of `oracle.judge`."""

    symbol: str
    cases: Sequence[Case]
    gradient: bool
    optional: Sequence[str]


class ListeningOracle(LiveOracle):
    """Writes down what would be judged, and judges nothing."""

    def __init__(self, seed: int, task: Task) -> None:
        super().__init__(seed, task)
        self.judged: list[Judged] = []

    def judge(self, student: Any, cases: Sequence[Case], *, symbol=None, gradient=False, optional=()) -> None:
        self.judged.append(Judged(symbol or self.task.symbols[0], cases, gradient, optional))


class Unasked(Exception):  # noqa: N818
    """A check went on to something else than `judge`."""


class NoStudent:
    """May be called, to see whether it takes a setting; whoever looks at what came back goes on to something else."""

    def evaluate(self, **inputs: Any) -> "NoStudent":
        return NoStudent()

    def __getattr__(self, name: str) -> Any:
        raise Unasked


def judged_by(task: Task, symbol: str, seed: int) -> list[Judged]:
    oracle = ListeningOracle(seed, task)
    for check in checks_of(task):
        arguments = {"student": NoStudent(), "oracle": oracle}
        try:
            check(**{name: arguments[name] for name in check.__code__.co_varnames[: check.__code__.co_argcount]})
        except Unasked:
            continue
    return [judged for judged in oracle.judged if judged.symbol == symbol]


def one_by_one(answer: Answer) -> Iterator[tuple[Answer, dict[str, Any]]]:
    """Yield an answer with each combination of its variants."""
    for values in itertools.product(*answer.variants.values()):
        yield replace(answer, variants={}), dict(zip(answer.variants, values, strict=True))


def as_came_back(expected: Expected) -> Evaluation:
    return Evaluation([np.asarray(expected.value)], ["tensor"], ["float64"], expected.gradient, [], [])


class Check:
    """What a check compares with, computed once for each set of settings that an answer may lack."""

    def __init__(self, judged: Judged, oracle: LiveOracle) -> None:
        self.judged = judged
        self.oracle = oracle
        self.known: dict[frozenset[str], tuple[list[Case], list[Sequence[Expected]], Tolerance]] = {}

    def passes(self, answer: Answer, variant: dict[str, Any]) -> bool:
        """Whether it would take an answer for an accepted one, with a tolerance that is four times as large."""
        lacking = {name for case in self.judged.cases for name in understood(answer.make, case.settings)[1]}
        cases, right, tolerance = self._known(frozenset(lacking & set(self.judged.optional)))
        try:
            got = [expectations(answer, Case(case.inputs, variant | case.settings))[0] for case in cases]
        except IndexError:  # a label that is no class, to an answer that does not ignore it
            return False
        results = [as_came_back(expected) for expected in got]
        return any(matches(results, expected, tolerance, self.judged.gradient) for expected in right)

    def _known(self, lacking: frozenset[str]) -> tuple[list[Case], list[Sequence[Expected]], Tolerance]:
        if lacking not in self.known:
            cases = [
                Case(case.inputs, {name: value for name, value in case.settings.items() if name not in lacking})
                for case in self.judged.cases
            ]
            answers = self.oracle.accepted(self.judged.symbol, cases)
            right = [expected for _, expected in self.oracle.known(answers, cases)]
            exact = tolerance_of(right)
            self.known[lacking] = cases, right, exact.times(MARGIN)
        return self.known[lacking]


def checks_on(task: Task, symbol: str, seed: int) -> list[Check]:
    checks = [Check(judged, LiveOracle(seed, task)) for judged in judged_by(task, symbol, seed)]
    assert checks, f"No check of {task.id} judges {symbol}."
    return checks


@pytest.mark.parametrize(("task", "symbol"), SYMBOLS, ids=[f"{task.id} {symbol}" for task, symbol in SYMBOLS])
def test_no_mistake_looks_like_an_accepted_answer(task: Task, symbol: str) -> None:
    alike = []
    for seed in SEEDS:
        checks = checks_on(task, symbol, seed)
        for answer in answers_to(task.id, symbol, "mistake"):
            if answer.name in ELSEWHERE:
                continue
            for one, variant in one_by_one(answer):
                if all(check.passes(one, variant) for check in checks):
                    alike.append(f"seed {seed}: {answer.name} {variant}")
    assert alike == []


@pytest.mark.parametrize(("task", "symbol"), SYMBOLS, ids=[f"{task.id} {symbol}" for task, symbol in SYMBOLS])
def test_every_accepted_answer_passes_with_every_variant(task: Task, symbol: str) -> None:
    missed = []
    for seed in SEEDS:
        for check in checks_on(task, symbol, seed):
            for answer in answers_to(task.id, symbol, "accepted"):
                missed += [
                    f"seed {seed}: {answer.name} {variant}"
                    for one, variant in one_by_one(answer)
                    if not check.passes(one, variant)
                ]
    assert missed == []
