"""What goes wrong in a student's code, in words that name the student's own file and line."""

import re
import traceback
from pathlib import Path
from typing import Any

STUB = re.compile(r"Exercise (\d+\.\d+): (\w+)")
MAX_TEXT = 1000


class Fault(Exception):  # noqa: N818 - the course's word for it
    """A fault of the student's code.

    Attributes:
        kind: "not_attempted" (a stub was called, or the file is missing), "missing" (a file has no such symbol),
            "import" (the file cannot be imported), "error" (an exception when it ran).
        text: a sentence or two for the student.
    """

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text[:MAX_TEXT]

    def as_header(self) -> dict[str, Any]:
        """Return the message that carries this fault to the trusted side."""
        return {"fault": {"kind": self.kind, "text": self.text}}


def fault_of(error: BaseException, root: Path, kind: str = "error") -> Fault:
    """Translate an exception that a student's code raised.

    Args:
        error: the exception.
        root: the submission's folder; only frames under it are named.
        kind: the fault's kind, where the exception is not that of a stub.
    """
    stub = STUB.search(str(error)) if isinstance(error, NotImplementedError) else None
    if stub:
        return Fault("not_attempted", f"Exercise {stub[1]} is not filled in yet: {stub[2]}{place(error, root)}.")
    if isinstance(error, SyntaxError) and error.filename:
        where = f"{relative(Path(error.filename), root)}, line {error.lineno}"
        return Fault(kind, f"{where}: {type(error).__name__}: {error.msg}.")
    if isinstance(error, SystemExit):
        return Fault(kind, f"The code calls exit(){place(error, root)}: an exercise must return instead.")
    text = " ".join(str(error).split())[:600]
    return Fault(kind, f"{type(error).__name__}: {text}{place(error, root)}")


def place(error: BaseException, root: Path) -> str:
    """Return " (lib/losses.py, line 12: `code`)" for the innermost frame under the submission, or nothing."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(root)]
    if not frames:
        return ""
    frame = frames[-1]
    code = f": `{frame.line[:100]}`" if frame.line else ""
    return f" ({relative(Path(frame.filename), root)}, line {frame.lineno}{code})"


def relative(path: Path, root: Path) -> str:
    """Return a path as the student knows it: relative to the submission."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
