"""`course examples`: make `examples/submissions/` from the solutions, the stubs and the answer bank."""

from typing import Annotated

import typer


def examples(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 where they are out of date.")] = False,
) -> None:
    """Make the example submissions: perfect, partial, typical mistakes, broken, hostile."""
    from course.catalogue import load
    from course.paths import ROOT
    from course.release.examples import make_examples
    from course.release.stubs import differences, strangers, write

    folder = ROOT / "examples" / "submissions"
    made = make_examples(ROOT / "solutions", load())
    stale = differences(made, folder)
    if check and stale:
        print("examples/submissions/ is out of date:")
        print("\n".join(f"  {line}" for line in stale))
        print("Run `uv run course examples`, and commit examples/.")
        raise typer.Exit(1)
    if check:
        print(f"examples/submissions/ is up to date: {len(made)} files.")
        return
    for file in strangers(made, folder):
        (folder / file).unlink()
    write(made, folder)
    print(f"examples/submissions/ is made: {len(made)} files.")
