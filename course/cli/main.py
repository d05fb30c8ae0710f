"""The command `course`: gathers the sub-commands, and turns what goes wrong into a sentence and an exit code.

The modules of the sub-commands import what is heavy (torch, numpy, pydantic) inside their functions, so that
`course --help` answers at once.
"""

import sys
from importlib import import_module
from importlib.util import find_spec

import typer
from rich.console import Console

from course.errors import CourseError
from course.report.text import harmless

app = typer.Typer(
    help="Exercises, graders and data of the segmentation course.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# Name, module and function of each command; a group of commands is an `app`. Where a module is not, there is no
# command: a student's copy has not all of them (course/release/contents.py).
COMMANDS = [
    ("list", "course.cli.list", "list_tasks"),
    ("check", "course.cli.check", "check"),
    ("watch", "course.cli.watch", "watch"),
    ("show", "course.cli.show", "show"),
    ("hint", "course.cli.hint", "hint"),
    ("solution", "course.cli.solution", "solution"),
    ("reset", "course.cli.reset", "reset"),
    ("doctor", "course.cli.doctor", "doctor"),
    ("job", "course.cli.job", "job"),
    ("stubs", "course.cli.stubs", "stubs"),
    ("data", "course.cli.data", "app"),
    ("grade", "course.cli.grade", "grade"),
    ("examples", "course.cli.examples", "examples"),
    ("demo", "course.cli.demo", "demo"),
    ("feedback", "course.cli.feedback", "feedback"),
    ("report", "course.cli.report", "report"),
    ("export", "course.cli.export", "export"),
    ("pack", "course.cli.pack", "app"),
    ("nbgrader", "course.cli.nbgrader", "app"),
    ("release", "course.cli.release", "release"),
    ("update", "course.cli.update", "update"),
    ("site", "course.cli.site", "site"),
]

for name, module, attribute in COMMANDS:
    if find_spec(module):
        command = getattr(import_module(module), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)


def main() -> None:
    """Run the command line, then exit: 2 after an error that the user can mend, 130 after Ctrl-C."""
    try:
        app()
    except CourseError as error:
        Console(stderr=True).print(harmless(str(error)), style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
