"""`course release`: the students' repository."""

from pathlib import Path
from typing import Annotated

import typer


def release(
    out: Annotated[Path, typer.Option(help="Where it goes: a new folder, or that of an earlier release.")],
    exercises: Annotated[str, typer.Option(help='Only these exercises, as "1-3,6"; all without.')] = "",
) -> None:
    """Make the students' repository: stubs, graders and what they expect, notebooks, data; no answers.

    Before anything is written it is looked through for solutions, also under other names, for known answers, hidden
    seeds, and what only instructors have. The hidden seed of your marks is made with the first release, in private/.
    """
    from rich.console import Console

    from course.catalogue import load
    from course.grading.recording import record
    from course.grading.seeds import PRIVATE, make_private, read_private
    from course.paths import ROOT
    from course.release.package import numbers_of, refuse_other_folders
    from course.release.package import release as make

    console = Console(highlight=False, soft_wrap=True)
    refuse_other_folders(out)
    ids = numbers_of(exercises, load())
    made = make_private()
    with console.status("Recording what the checks expect, half a minute"):
        recording = record(ids)
    with console.status("Gathering the files, and looking through them for leaks"):
        done = make(ROOT, out, exercises, recording, read_private())
    size = f"{done.files} files, {done.size / 1e6:.1f} MB"
    console.print(f"Released to {out}: exercises {', '.join(done.exercises)}; {size}.")
    key = PRIVATE.relative_to(ROOT)
    if made:
        console.print(f"The key of the hidden seeds is new: {key}. Keep a copy of it; no student may get it.")
    else:
        console.print(f"The hidden seeds stay those of {key} ({read_private().name}).")
    console.print("Next: put the folder where your students fetch it, and try `uv run course check` in a copy.")
