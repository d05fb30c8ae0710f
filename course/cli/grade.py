"""`course grade`: submissions in, points out."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from rich.console import Console

    from course.grading.record import Results
    from course.grading.run import Settings
    from course.submission.find import Submission

    Graders = Callable[[list[Submission], Settings, Callable[[float], None]], Generator[Results]]


def grade(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Submissions: folders that hold lib/, archives, PATH@COMMIT of git; or folders of them."),
    ],
    out: Annotated[Path, typer.Option(help="Where results.json of each submission and grades.csv go.")] = Path(
        "results"
    ),
    seed: Annotated[
        str,
        typer.Option(metavar="SEED", help="Draws all inputs: a number, public, or private (default, if you have one)."),
    ] = "",
    seed_per_student: Annotated[
        bool, typer.Option("--seed-per-student", help="Another private seed for each submission, drawn from its name.")
    ] = False,
    device: Annotated[str, typer.Option(help="Where the students' code runs: cpu, cuda or mps.")] = "cpu",
    jobs: Annotated[int, typer.Option(min=1, help="Submissions graded side by side.")] = os.cpu_count() or 1,
    tasks: Annotated[str, typer.Option(help='Only these tasks or exercises, as "2.1,3".')] = "",
    sandbox: Annotated[
        str, typer.Option(envvar="COURSE_SANDBOX", help="auto, bubblewrap, namespaces; none for code that you trust.")
    ] = "auto",
    scheduler: Annotated[str, typer.Option(metavar="ADDRESS", help="Grade on a Dask cluster: tcp://host:8786.")] = "",
    local_cluster: Annotated[int, typer.Option(min=0, help="Grade on so many Dask workers of this machine.")] = 0,
    resume: Annotated[
        bool, typer.Option("--resume", help="Keep the records in --out that were made with the same settings.")
    ] = False,
) -> None:
    """Grade submissions: a table of points, and a record of every check.

    The students' code runs in a sandbox, which is tested before anything is graded (see docs/security.md). A
    submission that is broken, empty or hostile gets its honest points, and the others are graded.
    """
    from rich.console import Console

    from course.submission.find import find_submissions

    settings = _settings(seed, seed_per_student, device, tasks, sandbox)
    submissions = find_submissions(paths)
    order = [submission.name for submission in submissions]
    console = Console()
    results: list[Results] = []
    try:
        _grade_to(out, submissions, settings, _graders(jobs, scheduler, local_cluster), resume, results, console)
    except KeyboardInterrupt:
        console.print(
            f"Stopped. {len(results)} of {len(submissions)} submissions are graded, with their records in {out}. "
            "Give the same command with --resume to grade the others.",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
        raise typer.Exit(130) from None
    results.sort(key=lambda record: order.index(record.submission))
    errors = _report(results, settings, out, console)
    if errors:
        console.print(f"{errors} tasks could not be graded: a fault of the graders, not of the students.", style="red")
        raise typer.Exit(1)


def _settings(seed: str, seed_per_student: bool, device: str, tasks: str, sandbox: str) -> "Settings":
    """Return how to grade.

    Raises:
        CourseError: there is no such task, device or sandbox, or the sandbox has no such device.
    """
    from course.catalogue import load
    from course.errors import CourseError
    from course.grading.run import Settings
    from course.grading.seeds import chosen
    from course.sandbox.interface import choose

    ids = tuple(part.strip() for part in tasks.split(",") if part.strip())
    load().select(list(ids))  # a wrong task is an error before anything is graded
    drawn = chosen(seed, seed_per_student)
    check_device(device)
    wall = choose(sandbox)
    if wall.cells and device != "cpu":
        raise CourseError(
            f"The sandbox has no {device}: grade with `--device cpu`, or trusted code with `--sandbox none`."
        )
    return Settings(drawn, device, ids, wall.name)


def _report(results: "list[Results]", settings: "Settings", out: Path, console: "Console") -> int:
    """Write grades.csv and print the table; return how many tasks are grader errors."""
    from course.catalogue import load
    from course.report.files import write_atomically
    from course.report.grades_csv import grades_csv
    from course.report.table import grades_table

    write_atomically(out / "grades.csv", grades_csv(results, load()))
    console.print(grades_table(results, load()))
    seed = getattr(settings.seed, "name", settings.seed)
    console.print(f"Seed: {seed}. Sandbox: {settings.sandbox}", highlight=False, soft_wrap=True)
    console.print(f"Records: {out}/<submission>/results.json, {out}/grades.csv", soft_wrap=True, highlight=False)
    return sum(task.verdict == "grader_error" for record in results for task in record.tasks)


def _grade_to(
    out: Path,
    submissions: "list[Submission]",
    settings: "Settings",
    graders: "Graders",
    resume: bool,
    results: "list[Results]",
    console: "Console",
) -> None:
    """Grade submissions, write each record as soon as it is there, and add its totals to `results`.

    Args:
        graders: see `_graders`.
        resume: read back what `out` has of an earlier run with the same settings.
    """
    from contextlib import closing

    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    from course.catalogue import load
    from course.grading.batch import finished
    from course.report.files import write_record

    if resume:
        records = (finished(out / each.name / "results.json", each, settings) for each in submissions)
        results += [record.totals() for record in records if record]
        console.print(f"Read back: {len(results)} of {len(submissions)}", highlight=False)
    there = {record.submission for record in results}
    missing = [submission for submission in submissions if submission.name not in there]
    points = sum(task.points + task.bonus for task in load().select(list(settings.tasks)))
    columns = [TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()]
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("Graded", total=points * len(submissions), completed=points * len(there))

        def show() -> None:
            progress.update(bar, description=f"Graded {len(results)} of {len(submissions)}")

        show()
        with closing(graders(missing, settings, lambda points: progress.advance(bar, points))) as graded:
            for record in graded:
                write_record(out / record.submission, record)
                results.append(record.totals())
                show()


def _graders(jobs: int, scheduler: str, local_cluster: int) -> "Graders":
    """Return what grades submissions: processes of this machine, or the workers of a Dask cluster."""
    from functools import partial

    from course.errors import CourseError
    from course.grading.batch import grade_all

    if not scheduler and not local_cluster:
        return partial(grade_all, jobs=jobs)
    try:
        from course.grading.cluster import grade_on_cluster
    except ImportError:
        raise CourseError("Grading on a cluster needs Dask: `uv sync --extra instructor`.") from None
    return partial(grade_on_cluster, scheduler=scheduler, workers=local_cluster)


def check_device(device: str) -> None:
    """Refuse a device that this machine does not have.

    Raises:
        CourseError: it is unknown, or not here.
    """
    from course.errors import CourseError

    if device == "cpu":
        return
    import torch

    available = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available}
    if device not in available:
        raise CourseError(f"There is no device {device}: it is cpu, cuda or mps.")
    if not available[device]():
        raise CourseError(f"This machine has no {device} device that torch can use. Grade with `--device cpu`.")
