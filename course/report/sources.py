"""The source text of submissions, and what somebody should look at in it. Read as text, never run."""

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from course.paths import ROOT
from course.report.similarity import Files
from course.submission.find import Submission
from course.submission.stage import stage
from course.submission.unpack import LIBRARY

# What no exercise needs. Not one of these is forbidden, and all of them may be honest.
UNUSUAL = {
    r"\bos\s*\.\s*(?:_exit|kill|killpg|fork|exec\w+|system|popen)\b": "touches processes",
    r"\b(?:subprocess|multiprocessing|threading|signal|atexit|ctypes|mmap|pty)\b": "uses the operating system",
    r"\b(?:socket|urllib|requests|http\.client|ftplib|telnetlib)\b": "uses the network",
    r"(?<![\w.])(?:eval|exec|compile|__import__)\s*\(": "runs text as code",
    r"\b(?:sys\s*\.\s*(?:_getframe|settrace|setprofile|modules|meta_path)|inspect\s*\.\s*(?:stack|currentframe)"
    r"|gc\s*\.\s*get_\w+|__subclasses__|__builtins__)": "looks into the process around it",
    r"/(?:proc|dev|etc)/|\b(?:from|import)\s+(?:solutions|answers|tests|course)\b|\b(?:solutions|answers)/"
    r"|\b(?:results\.json|conftest|gradebook)\b": "names what the graders know",
    r"\b(?:pickle|marshal|base64|codecs|zlib)\b": "packs or unpacks data",
}
# What a grading process says of a submission that did more than compute.
TELLING = (
    "ended the Python process",
    "must not",
    "has interfered with it",
    "too many processes",
    "wrote too much",
    "wrote a file that is too large",
    "opened too many files",
    "was refused",
)


def read_sources(submissions: Iterable[Submission]) -> dict[str, Files]:
    """Return the Python files of each submission's `lib/`, by path inside it, as they would be graded."""
    sources = {}
    for submission in submissions:
        with tempfile.TemporaryDirectory(prefix="submission-") as name:
            stage(submission, Path(name))
            sources[submission.name] = _texts(Path(name) / LIBRARY)
    return sources


def given_texts() -> Files:
    """Return what no student can have copied from another: the stubs, the solutions and the answer bank."""
    folders = (ROOT / name for name in ("lib", "solutions", "answers"))
    return {f"{folder.name}/{path}": text for folder in folders for path, text in _texts(folder).items()}


def unusual(files: Files) -> list[str]:
    """Return what somebody should look at in the files of a submission: a reason, a file and a line each."""
    found = []
    for path, text in files.items():
        for pattern, reason in UNUSUAL.items():
            if match := re.search(pattern, _without_comments(text)):
                line = _without_comments(text).count("\n", 0, match.start()) + 1
                found.append(f"{reason}: lib/{path}, line {line}")
    return found


def telling(messages: Iterable[str]) -> list[str]:
    """Return the messages of the graders that speak of more than a wrong answer, each once."""
    return list(dict.fromkeys(text for text in messages if any(words in text for words in TELLING)))


def _without_comments(text: str) -> str:
    """Return a text without what stands behind a `#`: good enough for a hint, lines stay where they are."""
    return re.sub(r"#[^\n]*", "", text)


def _texts(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(folder.rglob("*.py"))
    }
