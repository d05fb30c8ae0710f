"""What a submission holds, wherever it comes from: names are checked before anything is read."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from course.report.text import harmless_line

MAX_FILE = 1024 * 1024
MAX_NOTEBOOK = 16 * 1024 * 1024  # with the pictures that its cells have drawn
NOTEBOOK = ".ipynb"
MAX_ENTRIES = 20_000
MAX_DEPTH = 12
MAX_PATH = 1000
MAX_PART = 255  # bytes: what a file system takes
MAX_NOTES = 20
# Folders that hold nobody's exercises: environments, caches, what a Mac puts into its archives.
SKIPPED = {"__MACOSX", "__pycache__", "env", "node_modules", "site-packages", "venv"}
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".bundle")
OTHER_ARCHIVES = (".7z", ".rar", ".tar.bz2", ".tar.xz", ".gz")


class Refused(Exception):  # noqa: N818 - a decision, not an error of ours
    """Something in a submission is not read. The text is a sentence for the student."""


@dataclass
class Source:
    """A submission, opened.

    Attributes:
        paths: the Python files in it, relative, with "/"; all of them can be asked for.
        notebooks: the notebooks in it, likewise.
        read: gives the content of one of them. Raises Refused.
        notes: a sentence for each thing that was refused.
    """

    paths: list[str]
    notebooks: list[str]
    read: Callable[[str], bytes]
    notes: list[str]


@dataclass
class Listing:
    """Collects the entries of a submission, and decides which of them may be read.

    Attributes:
        entries: what stands for each accepted file in its archive.
        notes: a sentence for each entry that was refused.
    """

    entries: dict[str, Any] = field(default_factory=dict)
    _refused: list[str] = field(default_factory=list)
    _count: int = 0
    _by_key: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, kind: str, size: int, entry: Any) -> None:
        """Look at one entry.

        Args:
            kind: "file", "folder", or what else it is: "a link".

        Raises:
            Refused: there are too many entries.
        """
        self._count += 1
        if self._count > MAX_ENTRIES:
            raise Refused(f"There are more than {MAX_ENTRIES} entries in it: hand in your own files only.")
        if kind == "folder" or is_skipped(name):
            return
        wrong = wrong_with_name(name)
        if kind != "file":
            self.refuse(name, f"it is {kind}, and only plain files are read")
        elif wrong:
            self.refuse(name, wrong)
        elif name.lower().endswith((*ARCHIVES, *OTHER_ARCHIVES)):
            self.refuse(name, "it is an archive inside a submission, which is not opened")
        elif name.endswith((".py", NOTEBOOK)):
            self._by_key[unicodedata.normalize("NFC", name).casefold()].append(name)
            if size > limit_of(name):
                self.refuse(name, too_large(name))
            else:
                self.entries[name] = entry

    def finish(self) -> None:
        """Refuse names that occur more than once, or differ by case alone: which one is meant, nobody can know."""
        for names in self._by_key.values():
            if len(names) > 1:
                same = "there is more than one of this name" if len(set(names)) == 1 else "names differ only by case"
                self.refuse(", ".join(dict.fromkeys(names)), f"{same}, and which is meant is not clear")
                for name in names:
                    self.entries.pop(name, None)

    def source(self, read: Callable[[str], bytes]) -> Source:
        """Return the submission, whose files `read` gives."""
        notebooks = sorted(name for name in self.entries if name.endswith(NOTEBOOK))
        return Source(sorted(self.entries.keys() - set(notebooks)), notebooks, read, self.notes)

    def refuse(self, name: str, reason: str) -> None:
        """Note that something is left out."""
        self._refused.append(f"{harmless_line(name, 100)} was left out: {reason}.")

    @property
    def notes(self) -> list[str]:
        """The first notes, and how many more there are."""
        more = len(self._refused) - MAX_NOTES
        return self._refused[:MAX_NOTES] + ([f"{more} more entries were left out."] if more > 0 else [])


def limit_of(name: str) -> int:
    """Return how many bytes a file of this name may have."""
    return MAX_NOTEBOOK if name.endswith(NOTEBOOK) else MAX_FILE


def too_large(name: str) -> str:
    """Say why a file is not read that has more."""
    return f"it is larger than {limit_of(name) // 1024**2} MB"


def is_skipped(name: str) -> bool:
    """Whether an entry lies in a folder that nobody wants graded, or is hidden."""
    parts = name.rstrip("/").split("/")
    hidden = any(part.startswith(".") and part.strip(".") for part in parts)
    return hidden or any(part in SKIPPED for part in parts[:-1])


def wrong_with_name(name: str) -> str | None:
    """Say what is wrong with the name of a file; None where nothing is."""
    parts = name.split("/")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "its name is an absolute path"
    if ".." in parts:
        return "its name leads out of the submission"
    if not all(part.isprintable() and part.strip(" .") for part in parts) or "\\" in name:
        return "its name has characters that no file of the course has"
    if len(parts) > MAX_DEPTH:
        return f"it lies more than {MAX_DEPTH} folders deep"
    if len(name) > MAX_PATH or any(len(part.encode()) > MAX_PART for part in parts):
        return "its name is too long"
    return None
