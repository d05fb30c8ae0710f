"""Find the bars of the tasks that train: run the reference on many seeds, and look at the worst that can happen.

    uv run python -m benchmarks.calibrate run --seeds 30    trains; each run adds a line to calibration.jsonl
    uv run python -m benchmarks.calibrate show              prints the table of docs/grading.md from it

What is there already is not run again: stop it and start it as you like. Each run takes the path of grading (a worker
with one thread), but goes on to the last step whatever it reaches.
"""

import argparse
import json
import math
import shutil
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import numpy as np
from scipy.stats import chi2, norm

from course.catalogue import load
from course.grading.launch import Zygote, shared_zygote
from course.grading.student import Student
from course.paths import ROOT
from tests.learning import BATCH_SIZE, LEARNING_RATE, LESSONS, ROUND, lesson_of
from tests.test_ex01_training import BAR, SCRIPTS, TIMEOUT, commands, files_for
from tests.test_ex01_training import score as score_of_masks

RESULTS = Path(__file__).with_name("calibration.jsonl")
SCRIPTED = "1.4"
BARS = {SCRIPTED: BAR} | {task: lesson.bar for task, lesson in LESSONS.items()}


def main() -> None:
    """Run what is missing, or show what is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["run", "show"])
    parser.add_argument("--seeds", type=int, default=30, help="how many for each task; default: 30")
    parser.add_argument("--jobs", type=int, default=2, help="runs side by side; default: 2")
    parser.add_argument("--tasks", default=",".join(BARS), help="default: all that train")
    args = parser.parse_args()
    if args.what == "show":
        show()
        return
    done = {(line["task"], line["seed"]) for line in results()}
    wanted = [(task, seed) for seed in range(args.seeds) for task in args.tasks.split(",") if (task, seed) not in done]
    pool = ProcessPoolExecutor(args.jobs)
    try:
        runs = [pool.submit(train, task, seed) for task, seed in wanted]
        for number, run in enumerate(as_completed(runs), 1):
            line = run.result()
            with RESULTS.open("a") as stream:
                stream.write(json.dumps(line) + "\n")
            print(f"{number}/{len(runs)}", line["task"], line["seed"], line["iou"], line["seconds"], flush=True)
    finally:
        pool.shutdown(cancel_futures=True)


_open = ExitStack()


@cache
def zygote() -> Zygote:
    """Return this process's own zygote, which lives as long as the process."""
    return _open.enter_context(shared_zygote())


def train(task_id: str, seed: int) -> dict:
    """Train the reference of a task with one seed. Return its IoU after each round, and how long it took."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as ended:
        shutil.copytree(ROOT / "solutions", Path(folder) / "lib")
        for script in SCRIPTS[0]:
            shutil.copyfile(ROOT / script, Path(folder) / script)
        worker = zygote().spawn(Path(folder))
        ended.callback(worker.close)
        student = Student(worker, load().task(task_id), "cpu")
        start = time.monotonic()
        scores = run_scripts(student, seed) if task_id == SCRIPTED else fit(student, task_id, seed)
    seconds = round(time.monotonic() - start, 1)
    return {"task": task_id, "seed": seed, "iou": [round(score, 4) for score in scores], "seconds": seconds}


def fit(student: Student, task_id: str, seed: int) -> list[float]:
    """Train a network to the last step. Return its IoU after each round."""
    arrays, hidden, score, settings = lesson_of(task_id, seed)
    rounds = student.fit(
        arrays,
        settings=settings,
        rounds=[ROUND] * (LESSONS[task_id].calibrated // ROUND),
        seed=seed,
        batch_size=BATCH_SIZE,
        learning_rate=LEARNING_RATE,
    )
    return [score(trained.predictions, hidden) for trained in rounds]


def run_scripts(student: Student, seed: int) -> list[float]:
    """Run train.py and predict.py. Return the IoU of the masks."""
    files, truth = files_for(seed)
    run = student.run(commands(*SCRIPTS[0], seed, "cpu"), files, "masks", TIMEOUT)
    if run.exit_code:
        raise RuntimeError(run.output)
    return [score_of_masks(run.masks, truth)]


def results() -> list[dict]:
    """Return all runs so far."""
    return [json.loads(line) for line in RESULTS.read_text().splitlines()] if RESULTS.exists() else []


def show() -> None:
    """Print for each task the distribution of the best IoU, its fitted tail, and the bar.

    The fit: a normal distribution of logit(IoU). Its mean is the sample's; its spread is the upper end of the
    sample's one-sided 95 % interval (chi-squared), because 30 runs do not know it better.
    """
    names = ("task", "runs", "median", "lowest", "mean", "sd", "1 in 1,000 by the fit", "bar", "bar reached after")
    print(f"| {' | '.join(names)} |\n|{'---|' * len(names)}")
    for task, bar in BARS.items():
        rounds = LESSONS[task].calibrated // ROUND if task in LESSONS else 1
        runs = [line["iou"][:rounds] for line in results() if line["task"] == task]
        if len(runs) < 3:
            continue
        best = [max(iou) for iou in runs]
        steps = [reached(iou, bar) for iou in runs]
        figures = (statistics.median(best), min(best), statistics.mean(best), statistics.stdev(best), tail(best))
        row = [task, str(len(best)), *(f"{figure:.3f}" for figure in figures), str(bar)]
        after = f"{statistics.median(steps):.0f} steps, at most {max(steps):.0f}" if task in LESSONS else "last epoch"
        print(f"| {' | '.join([*row, after])} |")


def reached(iou: list[float], bar: float) -> float:
    """Return the steps after which the bar was reached, infinity where it was not."""
    return next((ROUND * (number + 1) for number, value in enumerate(iou) if value >= bar), math.inf)


def tail(values: list[float], share: float = 0.001) -> float:
    """Return the IoU below which a run stays in this share of cases, by the fit."""
    logits = [math.log(value / (1 - value)) for value in np.clip(values, 1e-3, 1 - 1e-3)]
    freedom = len(logits) - 1
    spread = statistics.stdev(logits) * math.sqrt(freedom / chi2.ppf(0.05, freedom))
    return 1 / (1 + math.exp(-(statistics.mean(logits) + norm.ppf(share) * spread)))


if __name__ == "__main__":
    main()
