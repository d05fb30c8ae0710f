"""Folders that are written as a whole or not at all, and a progress bar for what takes a while."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from course.errors import CourseError


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """Give a temporary folder beside `out` and rename it to `out` when the block has ended well.

    Raises CourseError where `out` already holds something: nothing of the user's is overwritten.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CourseError(f"{out} is already there and not an empty folder. Name a new folder, or move it away.")
    with beside(out) as part:
        yield part
        if out.exists():
            out.rmdir()
        part.rename(out)


@contextmanager
def beside(out: Path) -> Iterator[Path]:
    """Give an empty folder beside the folder `out` (same disk: renaming is instant), gone at the end of the block.

    Raises CourseError where nothing can be written there, or `out` is a file.
    """
    if out.exists() and not out.is_dir():
        raise CourseError(f"{out} is a file, not a folder. Name a folder.")
    part = out.absolute().parent / f".{out.absolute().name}.part"
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
    except OSError as error:
        raise CourseError(f"Cannot write beside {out}: {error.strerror}. Choose another folder.") from error
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


def watched(items: Iterable, text: str) -> Iterable:
    """Iterate with a progress bar, shown on a terminal only and gone at the end."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(items, text, console=console, transient=True, disable=not console.is_terminal)
