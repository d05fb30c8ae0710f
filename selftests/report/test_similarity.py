"""Which submissions resemble each other: copies are found whatever was renamed, independent work is left alone."""

import random
import re
from functools import cache
from pathlib import Path

import pytest

from course.catalogue import load
from course.grading.bank import load_bank, with_answer
from course.paths import ROOT
from course.release.examples import without_markers
from course.report.similarity import DEFINITION, LIKE, alike, fingerprints, tokens
from course.report.sources import given_texts, read_sources, unusual
from course.submission.find import find_submissions

HAND_INS = Path(__file__).parent / "hand_ins"
WORDS = re.compile(
    r"\b(probs|target|both|total|score|ce|p_right|down|right|eps|gamma|e\d|d\d|b|x|pool\d?|enc_conv\d)\b"
)


@pytest.fixture(scope="module")
def hand_ins() -> dict[str, dict[str, str]]:
    """Two students who wrote the same exercises without a look at each other."""
    return read_sources(find_submissions([HAND_INS]))


def renamed(text: str) -> str:
    """Return a text with other names, comments and docstrings, in another layout."""
    text = WORDS.sub(lambda match: f"my_{sum(map(ord, match[1]))}", text)
    text = re.sub(r'"""[^"]*"""', '"""This is all mine."""', text, count=1)
    return re.sub(r"(?m)^(\s+)(return .*)$", r"\1# the result\n\n\1\2", text).replace("    ", "  ")


def reordered(text: str) -> str:
    """Return a text with its definitions the other way round."""
    first, *definitions = DEFINITION.split(text)
    return first + "\n\n".join(reversed(definitions))


def with_prints(text: str) -> str:
    """Return a text in which every function prints something first."""
    return re.sub(r"(?m)^(    def forward.*)$", r'\1\n        print("shape", y_pred)', text)


def changed(files: dict[str, str], *changes) -> dict[str, str]:
    for change in changes:
        files = {path: change(text) for path, text in files.items()}
    return files


@pytest.mark.parametrize("changes", [(renamed,), (reordered,), (with_prints,), (renamed, reordered, with_prints)])
def test_a_copy_is_found_whatever_was_renamed(hand_ins, changes):
    copy = changed(hand_ins["anna"], *changes)
    assert copy != hand_ins["anna"]
    (pair,) = alike(hand_ins | {"copy": copy}, given_texts())
    assert (pair.first, pair.second) == ("anna", "copy")
    assert pair.files == ("losses.py", "model/EncDecModel.py", "model/UNetModel.py")


def test_one_copied_file_among_own_ones_is_found(hand_ins):
    mixed = hand_ins["bo"] | {
        "helpers.py": renamed(hand_ins["anna"]["losses.py"]),
        "losses.py": "from .helpers import *",
    }
    (pair,) = alike(hand_ins | {"mixed": mixed, "bo": {}}, given_texts())
    assert (pair.first, pair.second, pair.files) == ("anna", "mixed", ("helpers.py", "losses.py"))


def test_two_who_worked_for_themselves_are_left_alone(hand_ins):
    assert alike(hand_ins, given_texts()) == []
    prints = [{path: fingerprints(text) for path, text in files.items()} for files in hand_ins.values()]
    for path in ("losses.py", "model/EncDecModel.py", "model/UNetModel.py"):
        first, second = (files[path] for files in prints)
        assert len(first & second) < LIKE / 2 * min(len(first), len(second)), path


def test_who_writes_what_the_answer_bank_knows_has_copied_nobody():
    assert alike({name: solutions_with_answers(name) for name in range(25)}, given_texts()) == []


@cache
def solutions_with_answers(seed: int) -> dict[str, str]:
    """Return a made-up submission: the solutions, with answers of the bank in some places."""
    generator = random.Random(seed)
    texts = {}
    for task in load().tasks:
        for file, symbol in task.references:
            texts.setdefault(file, without_markers((ROOT / "solutions" / file).read_text()))
            known = [a for a in load_bank() if (a.task, a.symbol) == (task.id, symbol)]
            if known and generator.random() < 0.7:
                texts[file] = with_answer(texts[file], generator.choice(known))
    return texts


def test_what_many_have_counts_for_nobody(hand_ins):
    anna = hand_ins["anna"]
    assert len(alike({str(number): anna for number in range(3)}, {})) == 3
    assert alike({str(number): anna for number in range(9)}, {}) == []


def test_a_file_that_is_no_python_is_compared_too(hand_ins):
    broken = changed(hand_ins["anna"], lambda text: text + '\nclass (((:\n    \'never closed\n""" neither is this')
    assert alike({"anna": hand_ins["anna"], "broken": broken}, given_texts())[0].share > 0.9


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00\ud800" * 50,
        '"' * 200_000,
        "'''" + "\\" * 100_000,
        "(" * 200_000,
        "self" + " " * 200_000,
        ". " * 100_000,
    ],
    ids=["empty", "surrogates", "quotes", "backslashes", "brackets", "spaces", "dots"],
)
def test_no_text_breaks_it_or_takes_long(text):
    alike({"a": {"x.py": text}, "b": {"x.py": text}}, {})


def test_tokens_are_what_a_copier_cannot_easily_change():
    first = "def f(a, b):\n    # one\n    return torch.mean(self.w * a[:, 1:] + 0.5, dim=b)  # two"
    second = 'def g(x,y):\n  """Mine."""\n\n  return torch.mean( self.other*x[:,1:]+0.5 , dim = y )'
    assert list(tokens(first)) == list(tokens(second))
    assert list(tokens(first)) != list(tokens(first.replace("mean", "sum")))
    assert list(tokens(first)) != list(tokens(first.replace("0.5", "0.25")))


def test_honest_code_is_not_unusual():
    for seed in range(20):
        assert unusual(solutions_with_answers(seed)) == []
    for submission in ("perfect", "partial", "typical-mistakes"):
        files = read_sources(find_submissions([ROOT / "examples/submissions" / submission]))[submission]
        assert unusual(files) == [], submission


@pytest.mark.parametrize(
    "line",
    ["os._exit(0)", "import subprocess", "import socket", "exec(text)", "sys._getframe(1)", "open('/proc/self/mem')",
     "import solutions.losses", "pickle.loads(data)"],
)  # fmt: skip
def test_what_no_exercise_needs_is_named_with_its_line(line):
    (found,) = unusual({"losses.py": f"# a comment with os._exit\n\n{line}\n"})
    assert found.endswith("lib/losses.py, line 3")
