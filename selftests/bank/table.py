"""How well the graders judge: `uv run python -m selftests.bank.table [--seeds 20] [--tasks 2.1,2.3] [--mutants 10]`.

For each task: how many of the accepted answers earn all points, how many of the known mistakes lose some and are named,
how many mutants of the solution are found, and how many verdicts were false over so many seeds. The tasks that train a
network are left out: `selftests/learning` and docs/grading.md are about these.
"""

import argparse
import multiprocessing
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from answers.entry import Answer
from course.catalogue import Task, load
from course.grading.bank import load_bank, submit
from course.grading.run import Settings, grade
from course.submission.find import open_submission
from selftests.bank.mutants import mutants_of, sample
from selftests.bank.mutation import open_zygote, scores, survivors_of

HEAD = "| task | accepted: tried, passed | mistakes: tried, failed, named | mutants killed | false verdicts |"


def judged(name: tuple[str, str, str], seed: int) -> tuple[bool, bool]:
    """Grade an entry of the answer bank; return whether it has all points, and whether it is named as itself."""
    answer = next(a for a in load_bank() if (a.task, a.symbol, a.name) == name)
    with tempfile.TemporaryDirectory(prefix="entry-") as folder:
        submission = submit(answer, Path(folder) / "submission", load())
        (result,) = grade(open_submission(submission), Settings(tasks=(answer.task,), seed=seed)).tasks
    if any(check.verdict == "grader_error" for check in result.checks):
        raise AssertionError(f"The graders break on {name} with the seed {seed}: {result.message}")
    earned = sum(check.points for check in result.checks if not check.bonus)
    return earned == result.max_points, result.diagnosis is not None and result.diagnosis.name == answer.name


def key_of(answer: Answer) -> tuple[str, str, str]:
    """What tells an entry from others."""
    return answer.task, answer.symbol, answer.name


def counted(task: Task, seeds: int, pool: ProcessPoolExecutor) -> Counter[str]:
    """Grade the task's entries with the first seed to count, and with all of them to look for false verdicts."""
    entries = [answer for answer in load_bank() if answer.task == task.id]
    runs = [(answer, seed) for seed in range(seeds) for answer in entries]
    results = pool.map(judged, [key_of(answer) for answer, _ in runs], [seed for _, seed in runs])
    counts: Counter[str] = Counter()
    for (answer, seed), (passed, named) in zip(runs, results, strict=True):
        counts["verdicts"] += 1
        counts["false"] += passed != (answer.verdict == "accepted")
        if passed != (answer.verdict == "accepted"):
            print(f"false verdict: {' '.join(key_of(answer))} with the seed {seed}", flush=True)
        if seed == 0:
            counts[answer.verdict] += 1
            counts[f"{answer.verdict} right"] += passed == (answer.verdict == "accepted")
            counts["named"] += answer.verdict == "mistake" and named
    return counts


def main() -> None:
    """Print the table, task by task."""
    parser = argparse.ArgumentParser(description="Judge the graders by the answer bank.")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--tasks", default="", help="ids, separated by commas (default: all that train nothing)")
    parser.add_argument("--mutants", type=int, default=1, help="one of so many mutants (default: 1, all; 0: none)")
    parser.add_argument("--jobs", type=int, default=2)
    chosen = parser.parse_args()
    wanted = [task for task in load().tasks if task.symbols and not task.needs]
    if chosen.tasks:
        wanted = load().select(chosen.tasks.split(","))
    print(HEAD + "\n|---|---|---|---|---|", flush=True)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(chosen.jobs, mp_context=context, initializer=open_zygote) as pool:
        for task in wanted:
            counts = counted(task, chosen.seeds, pool)
            accepted = f"{counts['accepted']}, {counts['accepted right']}"
            mistakes = f"{counts['mistake']}, {counts['mistake right']}, {counts['named']}"
            false = f"{counts['false']} of {counts['verdicts']}"
            print(f"| {task.id} | {accepted} | {mistakes} | {_mutants(task, chosen)} | {false} |", flush=True)


def _mutants(task: Task, chosen: argparse.Namespace) -> str:
    if not chosen.mutants:
        return "-"
    own = [m for m in mutants_of(load()) if (m.file, m.symbol) in task.references]
    outcomes = list(survivors_of(sample(own, chosen.mutants), chosen.jobs))
    score = scores(outcomes, load())[task.id]
    return f"{score.killed} of {score.killed + score.survived}"


if __name__ == "__main__":
    main()
