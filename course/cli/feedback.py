"""`course feedback`: a page for each student."""

from pathlib import Path
from typing import Annotated

import typer


def feedback(
    results: Annotated[Path, typer.Argument(help="The folder that `course grade --out` wrote.")],
    out: Annotated[Path, typer.Option(help="Where the pages go: <submission>.html.")] = Path("feedback"),
) -> None:
    """Write one HTML page for each student: points, what is wrong and why, hints, and pictures.

    A page is one file without scripts, and fetches nothing: it can be mailed, uploaded or printed.
    """
    from rich.console import Console

    from course.catalogue import load
    from course.report.feedback import feedback_page
    from course.report.files import read_record, record_folders, write_atomically

    folders = record_folders(results)
    for folder in folders:
        write_atomically(out / f"{folder.name}.html", feedback_page(read_record(folder), load()))
    pages = "page" if len(folders) == 1 else "pages"
    Console().print(f"{len(folders)} {pages} in {out}", markup=False, highlight=False, soft_wrap=True)
