"""Finds code again under other names: statements as sequences of tokens, in which what can be renamed has no name.

A pattern is a run of statements: parsed, stripped of docstrings and annotations, and written out again, so that layout,
comments and brackets do not matter. Names of variables, arguments, modules and of one's own attributes are numbered by
their first occurrence; what a library or the language calls something stays.
"""

import ast
import builtins
import keyword
import re
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

TOKEN = re.compile(r"[^\W\d]\w*|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+|[^\w\s]")
FIXED = frozenset(keyword.kwlist) | frozenset(dir(builtins)) - {"input", "id", "_"}
RENAMED = "\0"
# A statement with fewer tokens says nothing: `p = torch.sigmoid(x)` has eight.
TELLING = 16
# Every pattern is looked for by so many tokens, and compared in full where these are found.
ANCHOR = 12
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Pattern:
    """Code that must not get out.

    Attributes:
        origin: where it stands, for the message.
        tokens: its tokens with numbers in place of names.
    """

    origin: str
    tokens: tuple[str, ...]


class Patterns:
    """Many patterns, found in one pass over a text."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._by_anchor: dict[tuple[str, ...], list[Pattern]] = defaultdict(list)
        for pattern in patterns:
            self._by_anchor[tuple(map(_without_number, pattern.tokens[:ANCHOR]))].append(pattern)

    def find(self, text: str) -> tuple[Pattern, str] | None:
        """Return the first pattern that stands in a text, and its words as they stand there; None where none does."""
        words = TOKEN.findall(text)
        skeleton = skeleton_of(words)
        for start in range(len(words) - ANCHOR + 1):
            for pattern in self._by_anchor.get(tuple(skeleton[start : start + ANCHOR]), ()):
                end = start + len(pattern.tokens)
                if numbered(words[start:end], skeleton[start:end]) == pattern.tokens:
                    return pattern, " ".join(words[start:end])
        return None


def patterns_of(statements: Sequence[ast.stmt], origin: str) -> Iterator[Pattern]:
    """Yield the patterns of a block: each statement, each two in a row, and the whole; also those of inner blocks."""
    for length in sorted({1, 2, len(statements)}):
        for start in range(len(statements) - length + 1):
            tokens = tokens_of("\n".join(map(ast.unparse, statements[start : start + length])))
            if len(tokens) >= TELLING:
                yield Pattern(origin, tokens)
    for statement in statements:
        for name in ("body", "orelse", "finalbody"):
            yield from patterns_of(getattr(statement, name, []), origin)


def tokens_of(code: str) -> tuple[str, ...]:
    """Return the tokens of code with numbers in place of names."""
    words = TOKEN.findall(code)
    return numbered(words, skeleton_of(words))


def skeleton_of(words: Sequence[str]) -> list[str]:
    """Return tokens in which every name that can be another one is `RENAMED`."""
    skeleton = []
    for index, word in enumerate(words):
        attribute = index > 0 and words[index - 1] == "."
        own = attribute and index > 1 and words[index - 2] == "self"
        if word == '"':
            skeleton.append("'")
        elif (word[0].isalpha() or word[0] == "_") and not (word in FIXED or (attribute and not own)):
            skeleton.append(RENAMED)
        else:
            skeleton.append(word)
    return skeleton


def numbered(words: Sequence[str], skeleton: Sequence[str]) -> tuple[str, ...]:
    """Return a skeleton in which equal names have equal numbers, by first occurrence."""
    numbers: dict[str, str] = {}
    return tuple(
        numbers.setdefault(word, f"{RENAMED}{len(numbers)}") if kind == RENAMED else kind
        for word, kind in zip(words, skeleton, strict=True)
    )


def _without_number(token: str) -> str:
    return RENAMED if token.startswith(RENAMED) else token


def normalised(code: str) -> str | None:
    """Return code parsed and written out again, without docstrings and annotations; None where it is no Python."""
    try:
        return ast.unparse(stripped(parsed(code)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def parsed(code: str) -> ast.Module:
    """Return the syntax tree of code that is not ours: what Python warns about in it is not our matter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(code)


def stripped(tree: ast.AST) -> ast.AST:
    """Remove docstrings and annotations from a tree, and call the first argument of methods `self`."""
    return ast.fix_missing_locations(_Stripper().visit(tree))


class _Stripper(ast.NodeTransformer):
    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:  # noqa: N802 - ast's name
        for part in node.body:
            arguments = part.args.posonlyargs + part.args.args if isinstance(part, FUNCTION) else []
            if arguments and arguments[0].arg != "self":
                _rename(part, arguments[0].arg, "self")
        return self.generic_visit(_without_docstring(node))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:  # noqa: N802
        node.returns = None
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
        return self.generic_visit(_without_docstring(node))

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Module(self, node: ast.Module) -> ast.AST:  # noqa: N802
        return self.generic_visit(_without_docstring(node))

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:  # noqa: N802
        self.generic_visit(node)
        return node if node.value is None else ast.copy_location(ast.Assign([node.target], node.value), node)


def _without_docstring(node: ast.AST) -> ast.AST:
    if ast.get_docstring(node, clean=False) is not None:
        node.body = node.body[1:] or [ast.Pass()]
    return node


def _rename(tree: ast.AST, old: str, new: str) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == old:
            node.id = new
        elif isinstance(node, ast.arg) and node.arg == old:
            node.arg = new
