"""The `oracle` of a check where the answers are: computes what was to be expected, for whatever inputs."""

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from answers.entry import Answer
from course.grading.bank import answers_to, load_bank
from course.grading.compare import Case, Expected, expectations
from course.grading.judging import Oracle, Results
from course.grading.solutions import reference
from course.grading.student import Evaluation, Student
from course.grading.sweeps import keep_sweeps
from course.worker.adapt import understood


class LiveOracle(Oracle):
    """Knows the right answers and the known mistakes, computes them afresh for every input."""

    def mistake(self, name: str) -> Answer:
        """Return the answer bank's entry."""
        entries = sorted(load_bank(), key=lambda answer: answer.task != self.task.id)
        entry = next((answer for answer in entries if answer.name == name and answer.verdict == "mistake"), None)
        if entry is None:
            raise LookupError(f"The answer bank has no mistake called {name}.")
        return entry

    def right(self, symbol: str, cases: Sequence[Case]) -> list[tuple[Answer, list[Expected]]]:
        """Compute the reference and the accepted alternatives."""
        return self.known(self.accepted(symbol, cases), cases)

    def wrong(self, symbol: str, cases: Sequence[Case]) -> list[tuple[Answer, list[Expected]]]:
        """Compute the known mistakes; what raises gives nothing."""
        known = []
        for answer in answers_to(self.task.id, symbol, "mistake"):
            with contextlib.suppress(Exception):
                known += self.known([answer], cases)
        return known

    def right_or_not_at_all(self, symbol: str, cases: Sequence[Case]) -> list[tuple[Answer, list[Expected]]]:
        """Compute the accepted answers that do not refuse, say, logits in the place of a target."""
        known = []
        for answer in self.accepted(symbol, cases):
            with contextlib.suppress(RuntimeError, ValueError):
                known += self.known([answer], cases)
        return known

    def results_of_mistakes(
        self, symbol: str, asked: Case, compute: Callable[[Any], Sequence[Any]]
    ) -> list[tuple[Answer, Results]]:
        """Compute the known mistakes; what raises gives nothing."""
        results = []
        for answer in answers_to(self.task.id, symbol, "mistake"):
            with contextlib.suppress(Exception):
                results.append((answer, [np.asarray(value, dtype=float) for value in compute(answer.make)]))
        return results

    def illustrate(
        self, student: Student, symbol: str, case: Case, ask: Callable[[Sequence[Case]], Sequence[Evaluation]]
    ) -> None:
        """Keep the student's loss beside the reference, as functions of one logit."""
        keep_sweeps(student.evidence, case, self.accepted(symbol, [case])[0], ask)

    def known(self, answers: Sequence[Answer], cases: Sequence[Case]) -> list[tuple[Answer, list[Expected]]]:
        """Return each answer, once for each of its variants, with what it gives case by case."""
        known = []
        for answer in answers:
            by_case = [expectations(answer, case) for case in cases]
            known += [(answer, list(by_variant)) for by_variant in zip(*by_case, strict=True)]
        return known

    def accepted(self, symbol: str, cases: Sequence[Case]) -> list[Answer]:
        """Return the reference and the accepted alternatives, as far as the catalogue's policy allows them.

        An answer without a parameter for a setting of the cases is no answer to them: it would ignore the setting, and
        who ignores it as well would be right.
        """
        answers = [reference(self.task, symbol), *answers_to(self.task.id, symbol, "accepted")]
        allowed = [a for a in answers if self.task.accept is None or a.name in self.task.accept]
        settings = {tuple(case.settings): case.settings for case in cases}.values()
        return [a for a in allowed if not any(understood(a.make, names)[1] for names in settings)]
