"""How well the graders judge: `uv run python -m selftests.bank.table [--seeds 20] [--tasks 2.1,2.3] [--mutants 10]`.

For each task: how many of the accepted answers earn all points, how many of the known mistakes lose some and are named,
how many mutants of the solution are found, and how many verdicts were false over so many seeds. The tasks that train a
network are left out: `selftests/learning` and docs/grading.md are about these.
"""

import argparse
import multiprocessing
import tempfile
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from answers.entry import Answer
from course.catalogue import Task, load
from course.grading.bank import load_bank, submit
from selftests.bank.checks import failures
from selftests.bank.mutants import mutants_of, sample
from selftests.bank.mutation import scores, survivors_of

HEAD = "| task | accepted: tried, passed | mistakes: tried, failed, named | mutants killed | false verdicts |"


def judged(name: tuple[str, str, str], seeds: int) -> list[tuple[bool, bool]]:
    """Grade an entry of the answer bank; return for each seed whether it fails nowhere, and whether it is named.

    In this process and without pytest, which takes longer than the checks.
    """
    warnings.simplefilter("ignore")  # of the answers
    answer = next(answer for answer in load_bank() if key_of(answer) == name)
    results = []
    with tempfile.TemporaryDirectory(prefix="entry-") as folder:
        submission = submit(answer, Path(folder) / "submission", load())
        for seed in range(seeds):
            failed = failures(load().task(answer.task), submission, seed)
            first = next((diagnosis for diagnosis in failed if diagnosis), None)
            results.append((not failed, first is not None and first.name == answer.name))
    return results


def key_of(answer: Answer) -> tuple[str, str, str]:
    """What tells an entry from others."""
    return answer.task, answer.symbol, answer.name


def counted(task: Task, seeds: int, pool: ProcessPoolExecutor) -> Counter[str]:
    """Grade the task's entries: count those of the first seed, and with all of them look for false verdicts."""
    entries = [answer for answer in load_bank() if answer.task == task.id]
    counts: Counter[str] = Counter()
    for answer, results in zip(entries, pool.map(judged, map(key_of, entries), [seeds] * len(entries)), strict=True):
        accepted = answer.verdict == "accepted"
        wrong = [seed for seed, (passed, _) in enumerate(results) if passed != accepted]
        for seed in wrong:
            print(f"false verdict: {' '.join(key_of(answer))} with the seed {seed}", flush=True)
        counts["verdicts"] += len(results)
        counts["false"] += len(wrong)
        counts[answer.verdict] += 1
        counts[f"{answer.verdict} right"] += results[0][0] == accepted
        counts["named"] += not accepted and all(named for _, named in results)
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
    with ProcessPoolExecutor(chosen.jobs, mp_context=context) as pool:
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
