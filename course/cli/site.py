"""`course site`: the notebooks and handbooks as static pages."""

from pathlib import Path
from typing import Annotated

import typer


def site(
    out: Annotated[Path, typer.Option(help="Folder for the pages; that of an earlier build is replaced.")] = Path(
        "pages"
    ),
    execute: Annotated[
        bool, typer.Option("--execute", help="Run the notebooks first, so that the pages show their figures.")
    ] = False,
) -> None:
    """Write notebooks and handbooks as a site of static pages, to be read offline or put on any web server.

    Model answers are not in it. Results of notebooks are kept in .course/executed: a later build shows them without
    running anything, as long as the notebooks are the same.
    """
    from rich.console import Console

    from course.site.build import build

    console = Console(highlight=False)
    pages = build(out, execute, lambda text: console.print(text, soft_wrap=True, markup=False))
    console.print(f"{pages} pages. Open {out / 'index.html'} in a browser.", soft_wrap=True, markup=False)
