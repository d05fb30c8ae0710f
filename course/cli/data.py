"""`course data`: make, check and describe the embedded sets, and cut real recordings into their layout."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Make, check and describe the data sets.", no_args_is_help=True)

Folder = Annotated[Path | None, typer.Argument(help="Folder of the sets; without it the project's own data/.")]


@app.command()
def make(
    out: Annotated[Path | None, typer.Option(help="Where to; without it the project's own data/.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Another seed makes other cells and facades.")] = 0,
) -> None:
    """Make the embedded sets and their manifest anew."""
    from course.data import manifest
    from course.paths import DATA

    out = out or DATA
    count = manifest.make(out, seed)
    print(f"{count} files of {len(manifest.SETS)} sets are in {out}, their checksums in {out / manifest.NAME}.")


@app.command()
def verify(folder: Folder = None) -> None:
    """Compare the sets with their manifest; exit 1 where a file is missing, has changed or is not listed."""
    from course.data.manifest import verify
    from course.paths import DATA

    folder = folder or DATA
    problems = verify(folder)
    if problems:
        print("\n".join(problems))
        print(f"{folder} is not as it was made: {len(problems)} of its files differ. `course data make` mends it.")
        raise typer.Exit(1)
    print(f"{folder} is as it was made.")


@app.command()
def info(
    folder: Folder = None,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print the tables of docs/data.md.")] = False,
    sheets: Annotated[Path | None, typer.Option(help="Draw contact sheets into this folder too.")] = None,
) -> None:
    """Describe the sets, or any folder in the PhC layout: counts, sizes, foreground, what baselines reach."""
    from rich.console import Console
    from rich.table import Table

    from course.data.info import markdown, tables
    from course.data.sheet import draw_sheets
    from course.paths import DATA

    folder = folder or DATA
    made = tables(folder)
    if as_markdown:
        print("\n\n".join(markdown(table) for table in made))
    else:
        for table in made:
            shown = Table(*table.columns, title=table.title, title_justify="left")
            for row in table.rows:
                shown.add_row(*row)
            Console().print(shown)
    if sheets:
        for path in draw_sheets(folder, sheets):
            print(f"Drawn: {path}")


@app.command("crop-ctc")
def crop_ctc(
    raw: Annotated[Path, typer.Argument(help="A Cell Tracking Challenge folder: 01/, 01_GT/SEG/, 02/, ...")],
    out: Annotated[Path, typer.Option(help="The new folder, train/ and test/ in the PhC layout.")],
    margin: Annotated[int, typer.Option(min=0, help="Pixels around each cell.")] = 20,
    test_sequence: Annotated[
        str | None, typer.Option(help="Recording for the test half; the last if not told.")
    ] = None,
) -> None:
    """Cut raw recordings into single-cell pairs, whole recordings to train or to test."""
    from course.data.crop_ctc import crop_recordings

    counts = crop_recordings(raw, out, margin, test_sequence)
    print(f"{counts['train']} pairs for training and {counts['test']} for testing are in {out}.")
