"""What must not get out: the code of solutions and answers, the instructors' files, the hidden seed."""

import ast
import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from course.catalogue import load
from course.grading.bank import load_bank
from course.grading.seeds import HiddenSeeds
from course.release.contents import FILES, LIBRARY, NOTEBOOKS
from course.release.matching import FUNCTION, Pattern, Patterns, patterns_of, stripped
from course.release.notebooks import source_of, student_version
from course.release.stubs import solved_regions

# Folders of the course of which a student gets no file at all.
INSTRUCTORS = (
    "answers",
    "benchmarks",
    "examples",
    "private",
    "selftests",
    "solutions",
    "course/demo",
    "course/release",
)
# Statements that occur in known answers, and are shown to students on purpose.
GIVEN = """
self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in zip(channels, channels[1:], strict=False))
for conv in self.convs:
    x = F.relu(conv(x))
return self.last(x)
"""
# Known answers are many, and short statements of theirs stand in every program: these must have more tokens than those
# of the solutions to be telling.
TELLING_ANSWER = 24
# What releases are made from.
TEMPLATES = "course/release/template"
# Files shorter than this are empty but for a sentence, and are the same in many folders.
LEAST_FILE = 200
# A sentence shorter than this may stand anywhere.
LEAST_SENTENCE = 40
# A solution's line, without its blanks, that is at least so long is telling even where it is no whole statement.
TELLING_LINE = 30


@dataclass(frozen=True)
class Secrets:
    """What must not get out.

    Attributes:
        patterns: statements of solutions and answers, under whatever names.
        lines: telling lines of solutions and of the notebooks' model answers, and sentences of the bank that no student
            reads; without blanks, with their origins.
        files: the instructors' files by the hash of their content.
        numbers: the key of the hidden seeds, and that of a class in decimal and hexadecimal.
    """

    patterns: Patterns
    lines: dict[str, str]
    files: dict[str, str]
    numbers: tuple[str, ...]


def secrets(source: Path, hidden: HiddenSeeds | None) -> Secrets:
    """Collect everything that must not get out.

    Args:
        source: the course's folder.
        hidden: the hidden seeds, if there are any yet.
    """
    texts = [GIVEN, *(path.read_text(encoding="utf-8") for path in (source / LIBRARY).rglob("*.py"))]
    public = {tokens for text in texts for tokens in _statements(text)}
    patterns = [*_of_solutions(source), *_of_answers(source)]
    seed = hidden.of("") if hidden else 0
    return Secrets(
        Patterns({pattern.tokens: pattern for pattern in patterns if pattern.tokens not in public}.values()),
        _lines(source),
        _files(source),
        (hidden.key, str(seed), f"{seed:x}") if hidden else (),
    )


def _statements(code: str) -> set[tuple[str, ...]]:
    """Return what is given to students, and therefore no secret."""
    return {pattern.tokens for pattern in patterns_of(stripped(ast.parse(code)).body, "")}


def _of_solutions(source: Path) -> Iterator[Pattern]:
    for path in sorted((source / "solutions").rglob("*.py")):
        file = path.relative_to(source / "solutions").as_posix()
        for region in solved_regions(path.read_text(encoding="utf-8"), file, load())[1]:
            origin = f"solutions/{file} ({region.symbol})"
            function = stripped(region.function)
            # One short line says little; with the function's head it is the answer.
            yield from patterns_of([function], origin)


def _of_answers(source: Path) -> Iterator[Pattern]:
    for path in sorted((source / "answers").rglob("*.py")):
        for top in ast.parse(path.read_text(encoding="utf-8")).body:
            name = f"answers/{path.relative_to(source / 'answers').as_posix()} ({getattr(top, 'name', '')})"
            for node in ast.walk(stripped(top)):
                if isinstance(node, FUNCTION):
                    yield from (p for p in patterns_of(node.body, name) if len(p.tokens) >= TELLING_ANSWER)


def _lines(source: Path) -> dict[str, str]:
    """Return what is telling as a text, by its letters."""
    lines = dict(_of_notebooks(source))
    for path in sorted((source / "solutions").rglob("*.py")):
        file = path.relative_to(source / "solutions").as_posix()
        text = path.read_text(encoding="utf-8").splitlines()
        for region in solved_regions("\n".join(text), file, load())[1]:
            for line in text[region.begin : region.end - 1]:
                blank = without_blanks(line)
                if len(blank) >= TELLING_LINE and not blank.startswith("#"):
                    lines[blank] = f"solutions/{file} ({region.symbol})"
    for answer in load_bank():
        if answer.verdict == "accepted" and len(answer.sentence) >= LEAST_SENTENCE:
            lines[without_blanks(answer.sentence)] = f"answers ({answer.task} {answer.name})"
    return lines


def _of_notebooks(source: Path) -> Iterator[tuple[str, str]]:
    """Yield the lines of the model answers: what the students' version of a notebook no longer has."""
    for path in sorted((source / NOTEBOOKS).rglob("*.ipynb")):
        name = path.relative_to(source).as_posix()
        text = path.read_text(encoding="utf-8")
        both = [json.loads(version)["cells"] for version in (text, student_version(text, name))]
        kept = without_blanks(" ".join(map(source_of, both[1])))
        for number, cell in enumerate(both[0], start=1):
            for line in map(without_blanks, source_of(cell).splitlines()):
                if len(line) >= TELLING_LINE and line not in kept:
                    yield line, f"the answer in {name}, cell {number}"


def without_blanks(text: str) -> str:
    """Return a text without any white space."""
    return "".join(text.split())


def _files(source: Path) -> dict[str, str]:
    """Return the instructors' files by content, without what students get as well."""
    public = {path for name in (*FILES, LIBRARY, TEMPLATES) for path in [source / name, *(source / name).rglob("*")]}
    known = {digest(path.read_bytes()) for path in public if path.is_file()}
    found = {}
    for folder in INSTRUCTORS:
        for path in sorted((source / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and path.stat().st_size >= LEAST_FILE:
                found[digest(path.read_bytes())] = path.relative_to(source).as_posix()
    return {content: name for content, name in found.items() if content not in known}


def digest(content: bytes) -> str:
    """Return a hash of a file's content; of a text's, whatever its line ends and outer blanks."""
    with contextlib.suppress(UnicodeDecodeError):
        content = "\n".join(line.rstrip() for line in content.decode().strip().splitlines()).encode()
    return hashlib.sha256(content).hexdigest()
