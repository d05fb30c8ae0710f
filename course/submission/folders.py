"""Reads a folder on disk: plain files only, no links, and nothing that could keep a reader waiting."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from course.submission.listing import MAX_DEPTH, Listing, Refused, Source, is_skipped, limit_of, too_large

# A link is not followed, and opening a pipe does not wait for a writer.
FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@contextlib.contextmanager
def open_folder(folder: Path) -> Iterator[Source]:
    """Open a folder.

    Raises:
        Refused: it cannot be read, or holds too much.
    """
    listing = Listing()
    try:
        _walk(folder, "", listing)
    except OSError as error:
        raise Refused(f"It cannot be read: {error.strerror}.") from None
    # Names that differ by case alone live side by side on this disk: each is itself.
    yield listing.source(lambda name: read_plain(folder / name))


def _walk(folder: Path, prefix: str, listing: Listing) -> None:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            name = prefix + entry.name
            status = entry.stat(follow_symlinks=False)
            listing.add(name, kind_of(status.st_mode), status.st_size, None)
            if stat.S_ISDIR(status.st_mode) and name.count("/") < MAX_DEPTH and not is_skipped(name + "/x"):
                _walk(folder / entry.name, name + "/", listing)


def kind_of(mode: int) -> str:
    """Return "file", "folder", or what else something on disk is."""
    if stat.S_ISDIR(mode):
        return "folder"
    if stat.S_ISREG(mode):
        return "file"
    return "a link" if stat.S_ISLNK(mode) else "a device or a pipe"


def read_plain(path: Path) -> bytes:
    """Read a plain file of a sensible size.

    Raises:
        Refused: it is something else, or too large.
    """
    try:
        with os.fdopen(os.open(path, FLAGS), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise Refused("it is not a plain file")
            content = stream.read(limit_of(path.name) + 1)
    except OSError as error:
        raise Refused(f"it cannot be read ({error.strerror})") from None
    if len(content) > limit_of(path.name):
        raise Refused(too_large(path.name))
    return content
