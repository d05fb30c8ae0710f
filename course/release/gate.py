"""The leak gate: looks through a release, before anybody gets it, for what must not get out."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from course.errors import CourseError
from course.release.contents import RECORDED
from course.release.notebooks import CELL_METADATA, METADATA
from course.release.secrets import INSTRUCTORS, Secrets, digest, without_blanks
from course.release.views import View, views

# All kinds of files that a release has. Others, compiled ones and archives among them, are not even looked into.
KINDS = {
    *(".csv", ".ipynb", ".jpg", ".json", ".lock", ".md", ".png", ".py", ".tif", ".toml", ".txt", ".yml"),
    *(".css", ".html", ".safetensors"),
}
NAMES = {"LICENSE", ".gitignore"}
GIT = ".git"
SHOWN = 10
EXCERPT = 80


def check(folder: Path, secrets: Secrets) -> None:
    """Refuse a release that gives something away.

    Raises:
        CourseError: with a sentence for each of the first leaks.
    """
    _refuse(leaks(folder, secrets))


def check_history(folder: Path, secrets: Secrets) -> None:
    """Refuse a git repository in whose history something stands that no release may hold.

    Raises:
        CourseError: with a sentence for each of the first leaks; or the history cannot be read.
    """
    _refuse(_in_history(folder, secrets))


def _refuse(leaks: Iterator[str]) -> None:
    if found := list(dict.fromkeys(leaks)):
        more = [f"... and {len(found) - SHOWN} more."] if len(found) > SHOWN else []
        more.append("What is meant to be given to students goes into GIVEN of course/release/secrets.py.")
        raise CourseError("\n".join(["This release would give something away:", *found[:SHOWN], *more]))


def leaks(folder: Path, secrets: Secrets) -> Iterator[str]:
    """Yield a sentence for each leak."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name.split("/")[0] == GIT:
            continue
        if path.is_symlink():
            yield f"{name} is a link: a release holds plain files."
        elif path.is_file():
            yield from _in_file(name, path.read_bytes(), secrets)


def _in_file(name: str, content: bytes, secrets: Secrets) -> Iterator[str]:
    if any(f"{name}/".startswith(f"{theirs}/") for theirs in INSTRUCTORS):
        yield f"{name} is an instructor's file."
    elif Path(name).suffix not in KINDS and Path(name).name not in NAMES:
        yield f"{name} is of a kind that no release holds: only {', '.join(sorted(KINDS))}."
    elif Path(name).suffix == ".safetensors" and name != RECORDED:
        yield f"{name}: weights of a network, or numbers of which nobody knows what they tell."
    if name.endswith(".ipynb"):
        yield from _in_notebook(name, content)
    if copied := secrets.files.get(digest(content)):
        yield f"{name} is a copy of {copied}."
    yield from _in_views(name, content, secrets)


def _in_views(name: str, content: bytes, secrets: Secrets) -> Iterator[str]:
    told = set()
    for view in views(name, content):
        for origin in _told_by(view, secrets):
            if origin not in told:
                told.add(origin)
                yield f"{view.where}: {origin}."


def _told_by(view: View, secrets: Secrets) -> Iterator[str]:
    if found := secrets.patterns.find(view.text):
        pattern, words = found
        yield f"code of {pattern.origin}, perhaps under other names: `{words[:EXCERPT]}`"
    blank = without_blanks(view.text)
    if line := next((line for line in secrets.lines if line in blank), None):
        yield f"a line of {secrets.lines[line]}"
    if copied := secrets.files.get(digest(view.text.encode("utf-8", "replace"))):
        yield f"a copy of {copied}"
    for number in secrets.numbers:
        if re.search(rf"(?<![0-9a-fA-F]){number}(?![0-9a-fA-F])", view.text.replace("_", ""), re.IGNORECASE):
            yield "the hidden seed"


def _in_notebook(name: str, content: bytes) -> Iterator[str]:
    """Yield what an editor or a run of a notebook left in it."""
    try:
        notebook = json.loads(content)
        cells = notebook["cells"]
    except (ValueError, KeyError, TypeError):
        yield f"{name} is no notebook."
        return
    if notebook.get("metadata") != METADATA:
        yield f"{name} has metadata of its own."
    for number, cell in enumerate(cells, start=1):
        if cell.get("outputs") or cell.get("execution_count") is not None:
            yield f"{name}, cell {number}: it has an output, or a number of its execution."
        if extra := set(cell.get("metadata", {})) - CELL_METADATA:
            yield f"{name}, cell {number}: it has metadata that students do not need: {', '.join(sorted(extra))}."


def _in_history(folder: Path, secrets: Secrets) -> Iterator[str]:
    """Yield what any commit of a repository holds, or says in its message."""
    listed = _git(folder, "rev-list", "--all", "--reflog", "--objects").decode("utf-8", "replace").splitlines()
    for line in listed:
        number, _, name = line.partition(" ")
        kind = _git(folder, "cat-file", "-t", number).decode().strip()
        if kind == "blob":
            for leak in _in_file(name, _git(folder, "cat-file", "blob", number), secrets):
                yield f"In git's history: {leak}"
        elif kind == "commit":
            yield from _in_views(
                f"In git's history: the commit {number[:10]}", _git(folder, "log", "-1", number), secrets
            )


def _git(folder: Path, *words: str) -> bytes:
    try:
        return subprocess.run(["git", "-C", str(folder), *words], capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise CourseError(
            f"The history in {folder} cannot be read, so that nobody knows what is in it: {error}. Release into a "
            "folder without one, and copy the files."
        ) from None
