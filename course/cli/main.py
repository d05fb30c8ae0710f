"""The command `course`: gathers the sub-commands, and turns what goes wrong into a sentence and an exit code.

The modules of the sub-commands import what is heavy (torch, numpy, pydantic) inside their functions, so that
`course --help` answers at once.
"""

import sys

import typer
from rich.console import Console

from course.cli import data
from course.cli.examples import examples
from course.cli.grade import grade
from course.cli.list import list_tasks
from course.cli.stubs import stubs
from course.errors import CourseError
from course.report.text import harmless

app = typer.Typer(
    help="Exercises, graders and data of the segmentation course.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("list")(list_tasks)
app.command("stubs")(stubs)
app.add_typer(data.app, name="data")
app.command("grade")(grade)
app.command("examples")(examples)


def main() -> None:
    """Run the command line, then exit: 2 after an error that the user can mend, 130 after Ctrl-C."""
    try:
        app()
    except CourseError as error:
        Console(stderr=True).print(harmless(str(error)), style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
