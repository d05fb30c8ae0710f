"""The example submissions are current: made from the solutions, the stubs and the answer bank."""

import pytest

from course.catalogue import load
from course.paths import ROOT
from course.release.examples import make_examples, without_markers
from course.release.stubs import differences

FOLDER = ROOT / "examples" / "submissions"


def test_the_examples_are_current():
    assert differences(make_examples(ROOT / "solutions", load()), FOLDER) == []


def test_a_solution_without_markers_keeps_every_other_line():
    source = (ROOT / "solutions" / "metrics.py").read_text()
    kept = [line for line in source.splitlines() if "SOLUTION" not in line]
    assert without_markers(source).splitlines() == kept


@pytest.mark.parametrize("file", ["losses.py", "model/UNetModel.py", "dataset/PhCDataset.py"])
def test_the_perfect_example_is_the_reference(file):
    solved = (FOLDER / "perfect" / "lib" / file).read_text()
    assert "NotImplementedError" not in solved
    assert "SOLUTION" not in solved
