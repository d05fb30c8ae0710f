"""Records made up for the tests of reports and exports: those of graders that nobody had to wait for."""

import numpy as np

from course.catalogue import load
from course.grading.evidence import Keeper
from course.grading.record import CheckResult, Diagnosis, Environment, Results, TaskResult

ENVIRONMENT = Environment(
    course="0.1.0",
    graders="0123456789abcdef",
    python="3.11",
    torch="2.15",
    torchvision="0.29",
    device="cpu",
    seed=7,
    sandbox="none",
)


def made_task(
    task_id: str, verdict: str = "passed", message: str = "", diagnosis: Diagnosis | None = None, points: float = 0
) -> TaskResult:
    """Return a task with one check that has all of its points, or two where it has some of them."""
    task = load().task(task_id)
    earned = task.points if verdict == "passed" else points
    shares = (
        [(earned, "passed"), (task.points - earned, verdict)] if 0 < earned < task.points else [(task.points, verdict)]
    )
    checks = [
        CheckResult(
            name=f"test_{number}",
            sentence=f"Sentence {number} of {task_id}.",
            verdict=state,
            message=message if state != "passed" else "",
            points=worth if state == "passed" else 0,
            max_points=worth,
        )
        for number, (worth, state) in enumerate(shares)
    ]
    return TaskResult(
        id=task_id,
        symbol=task.title,
        points=earned,
        max_points=task.points,
        verdict=verdict,
        message=message,
        diagnosis=diagnosis,
        seconds=0.5,
        checks=checks,
    )


def made_record(name: str, tasks: list[TaskResult], notes: list[str] | None = None) -> Results:
    return Results(
        submission=name,
        points=sum(task.points for task in tasks),
        max_points=sum(task.max_points for task in tasks),
        notes=notes or [],
        environment=ENVIRONMENT,
        tasks=tasks,
    )


def with_evidence(record: Results, task_id: str, keeper: Keeper) -> Results:
    task = next(task for task in record.tasks if task.id == task_id)
    task.checks[0].evidence, files = keeper.record(f"{task_id}/test")
    record.files |= files
    return record


def made_pictures(classes: int = 2, count: int = 6, size: tuple[int, int] = (24, 32)) -> Keeper:
    """Return evidence of a training: its curve, and predictions that get better from image to image."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (count, *size, 3), dtype=np.uint8)
    truths = generator.integers(0, classes, (count, *size), dtype=np.uint8)
    wrong = [generator.random(size) < 0.6 / (number + 1) for number in range(count)]
    predictions = [np.where(w, (t + 1) % classes, t).astype(np.uint8) for w, t in zip(wrong, truths, strict=True)]
    keeper = Keeper()
    keeper.pictures(images, predictions, truths, [1 - w.mean() for w in wrong])
    keeper.curve("training", "steps", [20, 40, 60], IoU=[0.1, 0.3, 0.5], loss=[0.7, float("nan"), 0.4], bar=[0.6] * 3)
    return keeper
