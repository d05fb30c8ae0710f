"""The graders proved by mutation: `uv run python -m selftests.bank.mutation [--file losses.py] [--every 10]`.

Every mutant of the reference solutions is handed in and graded. It must lose a point, or stand in the list of those
that are equivalent (`selftests/bank/equivalent.py`). One that does neither is a hole in a grader.
"""

import argparse
import multiprocessing
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from course.catalogue import Catalogue, load
from course.grading.launch import shared_zygote
from course.grading.run import Settings, grade
from course.submission.find import open_submission
from selftests.bank.equivalent import EQUIVALENT, may_survive
from selftests.bank.mutants import Mutant, mutants_of, sample, write


@dataclass(frozen=True)
class Score:
    """What became of a task's mutants."""

    killed: int = 0
    equivalent: int = 0
    survived: int = 0

    @property
    def total(self) -> int:
        """How many there are."""
        return self.killed + self.equivalent + self.survived


def tasks_of(mutant: Mutant, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the tasks that see a mutant: none that trains, because others see the same symbol."""
    return tuple(t.id for t in catalogue.tasks if (mutant.file, mutant.symbol) in t.references and not t.needs)


def is_killed(mutant: Mutant) -> bool:
    """Whether a mutant loses a point, bonus points included: the solution has them all.

    A fault of the graders is no verdict, and kills nothing.
    """
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        folder = write(mutant, Path(name) / "submission")
        results = grade(open_submission(folder), Settings(tasks=tasks_of(mutant, load())))
    checks = [check for task in results.tasks for check in task.checks]
    faults = [f"{mutant.key}: {check.message}" for check in checks if check.verdict == "grader_error"]
    if faults or not checks:
        raise AssertionError(f"The graders break on a mutant: {faults or mutant.key}")
    return any(check.verdict != "passed" for check in checks)


def survivors_of(mutants: list[Mutant], jobs: int = 1) -> Iterator[tuple[Mutant, bool]]:
    """Yield each mutant, and whether it survived."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=open_zygote) as pool:
        for mutant, killed in zip(mutants, pool.map(is_killed, mutants), strict=True):
            yield mutant, not killed


_stack = ExitStack()


def open_zygote() -> None:
    """Keep one zygote for all mutants of a process."""
    _stack.enter_context(shared_zygote())


def scores(outcomes: list[tuple[Mutant, bool]], catalogue: Catalogue) -> dict[str, Score]:
    """Count what became of the mutants, for each task."""
    counts: dict[str, Counter[str]] = {}
    for mutant, survived in outcomes:
        what = "killed" if not survived else "equivalent" if may_survive(mutant.key) else "survived"
        for task in tasks_of(mutant, catalogue):
            counts.setdefault(task, Counter())[what] += 1
    return {task.id: Score(**counts[task.id]) for task in catalogue.tasks if task.id in counts}


def main() -> None:
    """Grade all mutants, or those of one file; print survivors as they come, then the scores."""
    parser = argparse.ArgumentParser(description="Grade mutants of the reference solutions.")
    parser.add_argument("--file", default="", help="only those of this solution, such as losses.py")
    parser.add_argument("--symbol", default="", help="only those of this class or function")
    parser.add_argument("--every", type=int, default=1, help="one of so many (default: 1, all)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    chosen = parser.parse_args()
    mutants = [m for m in mutants_of(load()) if m.file.startswith(chosen.file) and chosen.symbol in ("", m.symbol)]
    mutants = sample(mutants, chosen.every)
    outcomes = []
    for mutant, survived in survivors_of(mutants, chosen.jobs):
        outcomes.append((mutant, survived))
        if survived and not may_survive(mutant.key):
            print(f"survived: {mutant.key}", flush=True)
        if not survived and mutant.key in EQUIVALENT:
            print(f"listed as equivalent, but killed: {mutant.key}", flush=True)
    print(f"{'task':6}{'mutants':>8}{'killed':>8}{'equivalent':>12}{'survived':>10}{'score':>9}")
    for task, score in scores(outcomes, load()).items():
        share = score.killed / max(1, score.total - score.equivalent)
        counted = f"{score.total:8}{score.killed:8}{score.equivalent:12}{score.survived:10}"
        print(f"{task:6}{counted}{share:9.1%}")


if __name__ == "__main__":
    main()
