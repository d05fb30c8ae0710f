"""The seeds from which all inputs of the checks are drawn: the public one, and an instructor's hidden ones.

Students check their work with the public seed. Marks are given with a hidden one: all that is hidden of the tests is
the seed. Hidden seeds come from a key in `private/seed.toml`, which is made once and which no student ever gets. A
record names the key by a fingerprint, so that it can be told with which key a grading can be repeated, and holds
nothing from which a seed could be found.
"""

import hashlib
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path

from course.errors import CourseError
from course.paths import ROOT

# What students check their work with, and what is recorded for their copies.
PUBLIC_SEED = 0

PRIVATE = ROOT / "private" / "seed.toml"
KEY_BYTES = 32
# Between 2^52 and 2^53: exact wherever numbers are kept as floats, and no number that occurs by chance.
LEAST_SEED = 2**52

HEAD = """\
# The key of the hidden seeds. All marks of this course are given with it: who knows it knows the hidden tests.
# Keep a copy where the marks are kept. Without it no grading can be repeated; it is in no repository and no release.
"""


@dataclass(frozen=True)
class HiddenSeeds:
    """The seeds of an instructor.

    Attributes:
        key: hexadecimal digits.
        per_student: every submission has a seed of its own.
    """

    key: str
    per_student: bool = False

    @property
    def name(self) -> str:
        """What a record calls them: "private-1f2e3d4c", or "private-1f2e3d4c, one for each submission"."""
        return f"private-{self._hash('name')[:4].hex()}" + (", one for each submission" if self.per_student else "")

    def of(self, submission: str) -> int:
        """Return the seed for a submission, by its name."""
        words = f"submission {submission}" if self.per_student else "class"
        return LEAST_SEED + int.from_bytes(self._hash(words)[:8]) % LEAST_SEED

    def _hash(self, words: str) -> bytes:
        return hashlib.blake2b(words.encode("utf-8", "surrogateescape"), key=bytes.fromhex(self.key)).digest()


def make_private(path: Path | None = None) -> bool:
    """Make the key, where there is none; return whether it was made now."""
    path = path or PRIVATE
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            path.chmod(0o600)
            file.write(f'{HEAD}key = "{secrets.token_hex(KEY_BYTES)}"\n')
    except FileExistsError:
        return False
    return True


def read_private(path: Path | None = None) -> HiddenSeeds | None:
    """Return the hidden seeds, None where there is no key.

    Raises:
        CourseError: the file is no key.
    """
    path = path or PRIVATE
    try:
        key = tomllib.loads(path.read_text(encoding="utf-8"))["key"]
        if len(bytes.fromhex(key)) != KEY_BYTES:
            raise ValueError
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise CourseError(
            f"{path} is no key of hidden seeds: it should hold `key` with {2 * KEY_BYTES} hexadecimal digits. Bring "
            "back your copy; a new key gives other hidden tests."
        ) from None
    return HiddenSeeds(key)


def chosen(text: str, per_student: bool) -> int | HiddenSeeds:
    """Return the seed, or the hidden seeds, that somebody asks for.

    Args:
        text: a number, "public", "private"; "" is private where there is a key, else public.

    Raises:
        CourseError: it is none of these, or there is no key.
    """
    hidden = read_private()
    if text in ("", "private") and hidden:
        return HiddenSeeds(hidden.key, per_student)
    if text == "private" or per_student:
        why = f"there is no {PRIVATE.relative_to(ROOT)}" if hidden is None else f"the seed is to be {text}"
        raise CourseError(
            f"Hidden seeds come from a key, but {why}. `course release` makes it once, with the release; on another "
            "machine, copy the file. Without a key, `--seed NUMBER` draws from a number of yours."
        )
    if text in ("", "public"):
        return PUBLIC_SEED
    if not (text.isascii() and text.isdigit()):
        raise CourseError(f"--seed {text} is no seed: give a whole number, or public, or private.")
    return int(text)
