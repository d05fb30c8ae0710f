"""`course stubs`: make `lib/` from `solutions/`."""

from typing import Annotated

import typer


def stubs(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 where lib/ is out of date.")] = False,
) -> None:
    """Make lib/, which students fill in, from solutions/."""
    from course.catalogue import load
    from course.paths import ROOT
    from course.release.stubs import differences, make_stubs, strangers, write

    lib = ROOT / "lib"
    made = make_stubs(ROOT / "solutions", load())
    stale = differences(made, lib)
    if check and stale:
        print(f"lib/ is not what solutions/ make of it ({len(stale)} of its files):")
        print("\n".join(f"  lib/{line}" for line in stale))
        print("Run `uv run course stubs`, and commit lib/.")
        raise typer.Exit(1)
    if check:
        print(f"lib/ is up to date: {len(made)} files.")
        return
    write(made, lib)
    print(f"lib/ is made from solutions/: {len(made)} files.")
    for file in strangers(made, lib):
        print(f"  lib/{file} is not one of them. Delete it if nobody needs it.")
