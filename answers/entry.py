"""How an entry of the answer bank is marked: `@accepted` or `@mistake` above a class or function.

The class or function is an answer as a student would write it: it uses only what the solution's file imports and
defines, so that it can be put in the place of the symbol in that file.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Answer:
    """A known answer.

    Attributes:
        task: the task it answers, "2.1".
        symbol: the symbol of the task in whose place it stands.
        name: a slug, unique in its task.
        verdict: whether it earns the points.
        sentence: what a student reads: what it is, why it is wrong (or worth knowing), what to look at. Never the code.
        source: where it comes from.
        make: the class or function.
        variants: constructor arguments that also occur in this answer, by name: the answer is compared with each.
    """

    task: str
    symbol: str
    name: str
    verdict: Literal["accepted", "mistake"]
    sentence: str
    source: str
    make: Callable[..., Any]
    variants: dict[str, tuple[Any, ...]] = field(default_factory=dict)


def accepted(task: str, symbol: str, name: str, sentence: str, source: str, **variants: tuple[Any, ...]) -> Callable:
    """Mark an answer that is right, though it is not the reference."""
    return _marker(task, symbol, name, "accepted", sentence, source, variants)


def mistake(task: str, symbol: str, name: str, sentence: str, source: str, **variants: tuple[Any, ...]) -> Callable:
    """Mark an answer that is wrong."""
    return _marker(task, symbol, name, "mistake", sentence, source, variants)


def _marker(task: str, symbol: str, name: str, verdict: Any, sentence: str, source: str, variants: dict) -> Callable:
    def mark(make: Callable) -> Callable:
        make.answer = Answer(task, symbol, name, verdict, sentence, source, make, variants)
        return make

    return mark
