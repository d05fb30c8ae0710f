"""`course demo`: the lecture demo, in the browser."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    students: Annotated[
        Path | None, typer.Option(help="A submission, or a folder of them: their code, in the sandbox.")
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="Folder with the weights of the networks in the tab Zoo.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The first free one from 7860 if not told.")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
    sandbox: Annotated[
        str, typer.Option(envvar="COURSE_SANDBOX", help="For --students: auto, bubblewrap, namespaces, none.")
    ] = "auto",
) -> None:
    """Show it live: draw a mask, train, step through a layer, break an answer. On this machine alone, offline."""
    import importlib.util

    from rich.console import Console

    from course.errors import CourseError

    if importlib.util.find_spec("gradio") is None:
        raise CourseError("The demo needs gradio, which is not installed. Install it with `uv sync --extra demo`.")
    console = Console(highlight=False)
    console.print("Starting ...")
    from course.demo.app import serve

    serve(students, weights, port, browser, sandbox, lambda text: console.print(text, soft_wrap=True))
