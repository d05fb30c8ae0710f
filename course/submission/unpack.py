"""Opens a submission, whatever it comes as: a folder, a zip or tar file, a git bundle or repository at a commit."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from course.submission.archives import open_tar, open_zip
from course.submission.folders import FLAGS, open_folder
from course.submission.listing import MAX_DEPTH, Refused, Source
from course.submission.repository import is_repository, open_bundle, open_repository

MAX_ARCHIVE = 1024 * 1024 * 1024
MAGIC_LENGTH = 512
HOW = "Hand in a folder, a .zip, a .tar.gz or a git bundle."


@contextlib.contextmanager
def open_source(path: Path, commit: str = "") -> Iterator[Source]:
    """Open a submission.

    Args:
        commit: for a git repository or bundle; empty: what lies in the folder, or what is checked out.

    Raises:
        Refused: it is nothing that can be read; the text says what to do.
    """
    with contextlib.ExitStack() as stack:
        if path.is_dir() and not path.is_symlink():
            repository = commit or (is_repository(path) and not (path / ".git").exists())
            if commit and not is_repository(path):
                raise Refused("This folder is no git repository: it has no commits.")
            opened = open_repository(path, commit or "HEAD") if repository else open_folder(path)
        else:
            opened = _open_file(path, commit, stack)
        yield stack.enter_context(opened)


def _open_file(path: Path, commit: str, stack: contextlib.ExitStack) -> contextlib.AbstractContextManager[Source]:
    """Open an archive by what is in it, not by what it is called."""
    try:
        stream = stack.enter_context(os.fdopen(os.open(path, FLAGS), "rb"))
    except OSError as error:
        raise Refused(f"It cannot be read: {error.strerror}. {HOW}") from None
    status = os.fstat(stream.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise Refused(f"It is no plain file. {HOW}")
    if status.st_size > MAX_ARCHIVE:
        raise Refused("It is larger than 1 GB: hand in your own files only.")
    start = stream.read(MAGIC_LENGTH)
    stream.seek(0)
    if start.startswith(b"# v") and b" git bundle" in start[:20]:
        return open_bundle(path, commit)
    if commit:
        raise Refused("Only a git repository or a git bundle has commits.")
    if start.startswith(b"\x1f\x8b") or start[257:262] == b"ustar":
        return open_tar(stream, packed=start.startswith(b"\x1f\x8b"))
    if start.startswith((b"PK\3\4", b"PK\5\6")):
        return open_zip(stream)
    raise Refused(f"It is neither a zip nor a tar file nor a git bundle. {HOW}")


LIBRARY = "lib"
# A folder that holds one of these is a `lib/` itself, whatever it is called: `solutions/`, say.
ROOMS = ("losses.py", "metrics.py", "dataset", "model")
MAX_LEVEL = 3


def find_library(paths: list[str]) -> str | None:
    """Return the folder, "" or ending in "/", that plays the part of `lib/`: nearest the top, first by name.

    Upper and lower case make no difference here: Lib/ is taken, where there is no lib/.
    """
    folders = {""} | {
        path.rsplit("/", depth)[0] + "/" for path in paths for depth in range(1, min(path.count("/"), MAX_DEPTH) + 1)
    }
    children: dict[str, set[str]] = {folder: set() for folder in folders}
    for path in [*paths, *(folder.rstrip("/") for folder in folders if folder)]:
        parent, _, name = path.rpartition("/")
        children[parent + "/" if parent else ""].add(name)
    for level in range(MAX_LEVEL + 1):
        for folder in sorted(folder for folder in folders if folder.count("/") == level):
            if any(part[0] in "._" for part in folder.split("/")[:-1]):
                continue  # what is put aside, and what is hidden
            for name in sorted(children[folder], key=lambda name: (name != LIBRARY, name)):
                if name.lower() == LIBRARY and f"{folder}{name}/" in folders:
                    return f"{folder}{name}/"
            if any(name.lower() in ROOMS for name in children[folder]):
                return folder
    return None
