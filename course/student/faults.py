"""What a student's own files and error messages say, cut down to the student's own lines."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from course.student.home import Home
from course.student.parsing import parse

# The worker names the innermost frame of the student's like this, at the end of its text.
PLACE = re.compile(
    r"\s*\((?P<file>(?:lib|train|predict)[\w/]*\.py), line (?P<line>\d+)(?:: `(?P<code>.*)`)?\)\.?\s*$", re.S
)
UNREADABLE = re.compile(
    r"^The file cannot be imported: (?P<file>[\w/.-]+), line (?P<line>\d+): (?P<what>.*)$", re.DOTALL
)
# The folder in which a copy of the student's files is graded is none of theirs.
STAGED = re.compile(r"(?:/[\w.-]+)*/submission-\w+/|/submission/")
CODE_WIDTH = 70


@dataclass(frozen=True)
class Spot:
    """A line of a student's file.

    Attributes:
        file: as the student knows it, `lib/losses.py`.
        code: what stands there, where it is known.
    """

    file: str
    line: int
    code: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class BrokenFile:
    """A file that is no Python.

    Attributes:
        what: Python's words.
        caret: the column of `spot.code` that Python points at, None where it points nowhere.
    """

    spot: Spot
    what: str
    caret: int | None


def told(text: str) -> tuple[str, Spot | None]:
    """Split a message of the graders into what happened, and where in the student's files it did."""
    text = STAGED.sub("", text).strip()
    if found := UNREADABLE.match(text):
        return f"The file cannot be imported: {found['what']}", Spot(found["file"], int(found["line"]))
    found = PLACE.search(text)
    if found is None:
        return text, None
    return text[: found.start()].strip(), Spot(found["file"], int(found["line"]), (found["code"] or "").strip())


def broken(path: Path, home: Home) -> BrokenFile | None:
    """Return what is wrong with a file that is no Python; None for one that is, or that there is not."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    try:
        parse(content)
    except SyntaxError as error:
        lines = content.decode("utf-8", "replace").splitlines()
        number = min(max(error.lineno or 1, 1), max(len(lines), 1))
        line = lines[number - 1] if lines else ""
        code = line.strip()
        column = (error.offset or 0) - 1 - (len(line) - len(line.lstrip()))
        caret = column if 0 <= column <= min(len(code), CODE_WIDTH) else None
        return BrokenFile(Spot(home.shown(path), number, code), error.msg, caret)
    except ValueError:  # a null byte
        return BrokenFile(Spot(home.shown(path), 1), "it holds a byte that no Python file may hold", None)
    return None


def definition(path: Path, symbol: str) -> int | None:
    """Return the line in which a file defines a symbol, None where it does not."""
    try:
        tree = parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    kinds = (ast.FunctionDef, ast.ClassDef)
    return next((node.lineno for node in tree.body if isinstance(node, kinds) and node.name == symbol), None)
