"""Which submissions resemble each other more than chance: winnowing of their tokens, as in MOSS.

Source text is only ever read as text: nothing here runs, imports or parses what a student wrote, and a file with a
syntax error is compared like any other. What a copier changes does not count (comments, strings, layout, the names of
variables, the order of definitions); what the stubs gave does not count, nor what the answer bank knows, nor what many
hand in: what is left are ways of one's own, not the formula or the network that was asked for. A resemblance is no
proof, and changes no mark: somebody must look.

Source: Schleimer, Wilkerson, Aiken, Winnowing: Local Algorithms for Document Fingerprinting, SIGMOD 2003.
"""

import builtins
import hashlib
import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.sparse import csr_array

# Tokens in a fingerprint, and fingerprints of which the least is kept: what agrees over 23 tokens is always found.
GRAM, WINDOW = 16, 8
# The hash of a gram is a polynomial of those of its tokens, modulo 2**64.
POWERS = np.array([pow(0x9E3779B97F4A7C15, exponent, 2**64) for exponent in range(GRAM)], np.uint64)
# A file with fewer fingerprints of its own says nothing.
FEWEST = 15
MAX_TEXT = 200_000
# What more than this share of a class has, and more than so many, is common knowledge, not a copy.
COMMON_SHARE, COMMON_LEAST = 0.1, 4
LIKE = 0.6

KNOWN = frozenset([*keyword.kwlist, *keyword.softkwlist, *dir(builtins)])
TOKEN = re.compile(
    r"""(?P<skip>\s+|\#[^\n]*|[rbufRBUF]{0,2}(?:\"\"\"(?:[^\\]|\\.)*?(?:\"\"\"|\Z)|'''(?:[^\\]|\\.)*?(?:'''|\Z)))
    |(?P<string>[rbufRBUF]{0,2}(?:"(?:[^"\\\n]|\\.)*["\n]?|'(?:[^'\\\n]|\\.)*['\n]?))
    |(?P<own>self\s*\.\s*\w+)|(?P<attribute>\.\s*[^\W\d]\w*)|(?P<name>[^\W\d]\w*)
    |(?P<number>\d[\w.]*)|(?P<operator>\*\*|//|[-+*/%@&|^<>=!]=|->|<<|>>|.)""",
    re.VERBOSE | re.DOTALL,
)

# What stands at the left margin and is defined there; its order says nothing.
DEFINITION = re.compile(r"^(?=@|(?:async\s+)?(?:def|class)\b)", re.MULTILINE)

Files = Mapping[str, str]


@dataclass(frozen=True)
class Alike:
    """Two submissions of which one has much of a file of the other's.

    Attributes:
        share: how much of the file's own fingerprints the other one has too, 0..1, for the file with the most.
        files: the names of all such files, of the first or the second submission.
    """

    first: str
    second: str
    share: float
    files: tuple[str, ...]


def tokens(source: str) -> Iterator[str]:
    """Yield the tokens of a source as a copier cannot easily change them.

    Names that somebody chose become one letter; names of Python and of libraries stay.
    """
    for match in TOKEN.finditer(source):
        kind, text = match.lastgroup, match.group()
        if kind == "name":
            yield text if text in KNOWN else "N"
        elif kind == "attribute":
            yield "." + text[1:].strip()
        elif kind != "skip":
            yield {"own": "S", "string": "T"}.get(kind, text)


@lru_cache(maxsize=4096)
def fingerprints(source: str) -> frozenset[int]:
    """Return the hashes by which a source is known: in each definition, of each window of neighbours the least."""
    return frozenset().union(*map(_fingerprints, DEFINITION.split(source[:MAX_TEXT])))


def _fingerprints(definition: str) -> set[int]:
    words = np.array([_hash(token) for token in tokens(definition)], np.uint64)
    if len(words) < GRAM:
        return set()
    hashes = sliding_window_view(words, GRAM) @ POWERS
    return set(sliding_window_view(hashes, min(WINDOW, len(hashes))).min(axis=1).tolist())


@lru_cache(maxsize=100_000)
def _hash(token: str) -> int:
    return int.from_bytes(hashlib.blake2b(token.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def alike(submissions: Mapping[str, Files], given: Files) -> list[Alike]:
    """Return the pairs that resemble each other, the most alike first.

    Args:
        submissions: the Python files of each, by path.
        given: the files of the stubs, the solutions and the answer bank: what they hold does not count.
    """
    ignored = frozenset().union(*map(fingerprints, given.values()))
    names = list(submissions)
    files = [
        (index, path, fingerprints(text))
        for index, name in enumerate(names)
        for path, text in submissions[name].items()
    ]
    ignored |= _common(files, len(names))
    files = [(index, path, own) for index, path, prints in files if len(own := prints - ignored) >= FEWEST]
    if not files:
        return []
    shared = _shared(files, len(names))
    found: dict[tuple[int, int], list[tuple[float, str]]] = {}
    for row, other in zip(*np.nonzero(shared >= LIKE), strict=True):
        owner, path, _ = files[row]
        if owner != other:
            pair = (min(owner, int(other)), max(owner, int(other)))
            found.setdefault(pair, []).append((float(shared[row, other]), path))
    pairs = [
        Alike(
            names[first],
            names[second],
            max(share for share, _ in matches),
            tuple(sorted({path for _, path in matches})),
        )
        for (first, second), matches in found.items()
    ]
    return sorted(pairs, key=lambda pair: (-len(pair.files), -pair.share, pair.first, pair.second))


def _common(files: list[tuple[int, str, frozenset[int]]], count: int) -> set[int]:
    """Return the fingerprints that many submissions have."""
    owners: dict[int, set[int]] = {}
    for index, _, prints in files:
        for print_ in prints:
            owners.setdefault(print_, set()).add(index)
    most = max(COMMON_LEAST, COMMON_SHARE * count)
    return {print_ for print_, who in owners.items() if len(who) > most}


def _shared(files: list[tuple[int, str, frozenset[int]]], count: int) -> np.ndarray:
    """Return the share of each file's fingerprints that each submission has: `(files, submissions)`."""
    places: dict[int, int] = {}
    rows, columns = [], []
    for row, (_, _, prints) in enumerate(files):
        columns += [places.setdefault(print_, len(places)) for print_ in prints]
        rows += [row] * len(prints)
    of_files = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(files), len(places)))
    owners = csr_array(
        (np.ones(len(files)), ([index for index, _, _ in files], range(len(files)))), shape=(count, len(files))
    )
    of_submissions = (owners @ of_files) > 0
    sizes = np.array([len(prints) for _, _, prints in files])
    return (of_files @ of_submissions.T.astype(float)).toarray() / sizes[:, None]
