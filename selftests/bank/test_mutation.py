"""Mutants of the solutions fail, but for those that are listed as equivalent.

A fixed sample of them; all: `uv run python -m selftests.bank.mutation`.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from course.catalogue import load
from course.grading.launch import shared_zygote
from selftests.bank.equivalent import EQUIVALENT, FREE, may_survive
from selftests.bank.mutants import SOLUTIONS, Mutant, mutants_of, sample
from selftests.bank.mutation import Score, is_killed, scores, tasks_of

MUTANTS = mutants_of(load())
# Some forty of more than a thousand: a minute of one core.
EVERY = 31


@pytest.fixture(scope="module", autouse=True)
def zygote() -> Iterator[None]:
    with shared_zygote():
        yield


@pytest.mark.parametrize("mutant", sample(MUTANTS, EVERY), ids=lambda mutant: mutant.key)
def test_a_mutant_loses_a_point_or_is_known_to_be_equivalent(mutant: Mutant) -> None:
    killed = is_killed(mutant)
    assert killed or may_survive(mutant.key)
    assert not (killed and mutant.key in EQUIVALENT), f"It is listed as equivalent: {EQUIVALENT[mutant.key]}"


def test_the_solution_itself_survives() -> None:
    file = "losses.py"
    source = (SOLUTIONS / file).read_text(encoding="utf-8")
    assert not is_killed(Mutant(file, "DiceLoss", "", "", "", "", 1, source))


def test_every_listed_mutant_still_exists() -> None:
    assert [key for key in EQUIVALENT if key not in {mutant.key for mutant in MUTANTS}] == []


@pytest.mark.parametrize("pattern", FREE)
def test_what_is_free_is_a_part_of_the_networks(pattern: str) -> None:
    matched = [mutant for mutant in MUTANTS if re.search(pattern, mutant.key)]
    assert matched and all(mutant.file.startswith("model/") for mutant in matched)


def test_keys_tell_mutants_apart() -> None:
    assert len({mutant.key for mutant in MUTANTS}) == len(MUTANTS)
    assert len({(mutant.file, mutant.source) for mutant in MUTANTS}) == len(MUTANTS)


def test_every_mutant_is_python_and_is_graded() -> None:
    for mutant in MUTANTS:
        ast.parse(mutant.source)
        assert tasks_of(mutant, load()), mutant.key


def test_every_symbol_that_students_write_has_mutants() -> None:
    mutated = {(mutant.file, mutant.symbol) for mutant in MUTANTS}
    assert {reference for task in load().tasks for reference in task.references} <= mutated


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("losses.py", "2 * intersection + self.smooth -> 2 * intersection - self.smooth"),  # an operator
        ("losses.py", "2 * intersection -> intersection"),  # a dropped term
        ("losses.py", "torch.sigmoid(y_pred) -> y_pred"),  # a removed call
        ("losses.py", "1 -> 0"),  # an axis
        ("metrics.py", "confusion_counts(y_pred, y_true) -> confusion_counts(y_true, y_pred)"),  # swapped arguments
        ("metrics.py", "y_true != self.ignore_index -> y_true == self.ignore_index"),  # a comparison
        ("model/UNetModel.py", "self.dec_conv2 -> self.dec_conv1"),  # a layer called twice
        ("model/UNetModel.py", "e3 -> e2"),  # another skip
        ("model/UNetModel.py", "F.relu(self.enc_conv0(x)) -> self.enc_conv0(x)"),  # an activation
        ("model/UNetModel.py", "torch.cat([F.interpolate(b, size=e3.shape[2:]), e3], dim=1) -> torch.cat("),
        ("dataset/PhCDataset.py", "number"),
    ],
)
def test_the_usual_mistakes_are_among_them(file: str, change: str) -> None:
    assert any(mutant.file == file and change in mutant.key for mutant in MUTANTS), change


def test_messages_hints_and_docstrings_are_left_alone() -> None:
    def words(source: str) -> list[str]:
        tree = ast.parse(source)
        return [ast.get_docstring(n) or "" for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef))]

    for mutant in MUTANTS[::17]:
        original = Path(SOLUTIONS / mutant.file).read_text(encoding="utf-8")
        assert words(mutant.source) == words(original)
        assert not mutant.line.startswith("raise")


def test_scores_are_counted_for_each_task() -> None:
    killed, other = MUTANTS[0], MUTANTS[1]
    counted = scores([(killed, False), (other, True)], load())
    (score,) = {counted[task] for task in tasks_of(killed, load())}
    assert score in (Score(killed=1, survived=1), Score(killed=1, equivalent=1))
    assert score.total == 2
