"""`course job`: a script with which train.py runs on a cluster."""

from enum import StrEnum
from typing import Annotated

import typer


class Scheduler(StrEnum):
    """What the cluster's jobs are handed to."""

    SLURM = "slurm"
    LSF = "lsf"


def job(
    scheduler: Annotated[Scheduler, typer.Argument(help="slurm (sbatch) or lsf (bsub).")],
    model: Annotated[str, typer.Option(help="The network to train.")] = "UNet",
    hours: Annotated[int, typer.Option(min=1, max=99)] = 1,
    cores: Annotated[int, typer.Option(min=1)] = 4,
    memory: Annotated[int, typer.Option(min=1, help="GB in all.")] = 8,
    gpu: Annotated[bool, typer.Option(help="Ask for a GPU.")] = True,
    options: Annotated[list[str] | None, typer.Argument(help="For train.py, behind --, as: -- --epochs 100")] = None,
) -> None:
    """Print a job script that trains with train.py: `course job slurm > train.sbatch`.

    Modules to load are the variable MODULES in the script. A job that is stopped at the end of its time saves, and goes
    on when the same script is handed in again.
    """
    from course.errors import CourseError
    from course.student.jobs import Job, lsf, slurm

    given = list(options or [])
    for name in ("--out", "--resume", "--model"):
        if any(option == name or option.startswith(f"{name}=") for option in given):
            advice = "Give it before the --." if name == "--model" else "The script sets it."
            raise CourseError(f"{name} cannot stand behind the --. {advice}")
    task = given[given.index("--task") + 1] if "--task" in given[:-1] else "cells"
    out = f"runs/{model}" if task == "cells" else f"runs/{model}-{task}"
    wanted = Job(["--model", model, *given], out, hours, cores, memory, gpu)
    print(slurm(wanted) if scheduler is Scheduler.SLURM else lsf(wanted), end="")
