"""`course pack`: graders for other people's platforms."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Pack the graders for another platform.", no_args_is_help=True)

WHY_NONE = (
    "Gradescope's containers allow no namespaces, so that no sandbox works there and this autograder would refuse to "
    "grade. docs/instructors.md, Gradescope, says what a submission could then do; if that is all right, pack it with "
    "`--sandbox none`."
)


@app.callback()
def pack() -> None:
    """Pack the graders for another platform."""


@app.command()
def gradescope(
    out: Annotated[Path, typer.Option(help="The zip to write.")] = Path("autograder.zip"),
    exercises: Annotated[str, typer.Option(help='Only these exercises, as "1-3,6"; all without.')] = "",
    tasks: Annotated[str, typer.Option(help='Only these tasks of them, as "1.1,2"; all without.')] = "",
    seed: Annotated[
        str, typer.Option(help="A number, private (the key's, default where there is one) or public.")
    ] = "",
    sandbox: Annotated[str, typer.Option(help="none for Gradescope itself; auto where the container can.")] = "auto",
    visibility: Annotated[
        str, typer.Option(help="When students see a test: visible, after_due_date, after_published or hidden.")
    ] = "visible",
) -> None:
    """Make the zip of a Gradescope autograder: setup.sh, run_autograder, and graders without any solutions."""
    import tempfile

    from rich.console import Console

    from course.catalogue import load
    from course.errors import CourseError
    from course.export.gradescope import VISIBILITIES, Settings, autograder_zip
    from course.grading.recording import record
    from course.grading.seeds import HiddenSeeds, chosen, read_private
    from course.paths import ROOT
    from course.release.package import numbers_of, release
    from course.report.files import write_atomically

    if visibility not in VISIBILITIES:
        raise CourseError(f"--visibility {visibility}: it is {', '.join(VISIBILITIES)}.")
    ids = numbers_of(exercises, load())
    selected = [part.strip() for part in tasks.split(",") if part.strip()]
    load().select(selected)  # a wrong task is an error before anything is made
    drawn = chosen(seed, per_student=False)
    number = drawn.of("class") if isinstance(drawn, HiddenSeeds) else drawn
    console = Console(markup=False, highlight=False, soft_wrap=True)
    with console.status("Recording what the checks expect, half a minute"), tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "release"
        release(ROOT, folder, exercises, record(ids, number), read_private())
        packed = autograder_zip(folder, Settings(number, sandbox, ",".join(selected), visibility))
    write_atomically(out, packed)
    console.print(f"{out}: exercises {', '.join(ids)}, {len(packed) / 1e6:.1f} MB, sandbox {sandbox}.")
    console.print("It holds the hidden seed and what the checks expect: no student may get it.")
    if sandbox != "none":
        console.print(WHY_NONE, style="yellow")
