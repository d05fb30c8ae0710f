"""The catalogue: the course's own is read, and every kind of wrong entry is refused with a sentence that names it."""

import re

import pytest

from course import catalogue
from course.errors import CourseError
from course.paths import ROOT

GOOD = """
title = "A course"

[[exercises]]
id = "1"
title = "Losses"
part = "core"

  [[exercises.tasks]]
  id = "1.1"
  title = "Area"
  points = 60
  file = "losses.py"
  symbols = ["area"]
  hint = "Count."
  sources = ["a book"]

  [[exercises.tasks]]
  id = "1.2"
  title = "Network"
  points = 40
  bonus = 3
  file = "model/Net.py"
  symbols = ["Net"]
  also = ["losses.py:Dice"]
  needs = ["1.1"]
  hint = "Think."
  sources = ["a paper"]

  [[exercises.questions]]
  id = "Q1"
  title = "Why?"
  points = 4

[[exercises]]
id = "2"
title = "More"
part = "beyond"

  [[exercises.tasks]]
  id = "2.1"
  title = "Run it"
  points = 7
  scripts = ["train.py"]
  hint = "Run it."
  sources = ["a book"]
"""


@pytest.fixture
def folder(tmp_path):
    """A project with the files that GOOD names."""
    (tmp_path / "solutions" / "model").mkdir(parents=True)
    (tmp_path / "solutions" / "losses.py").write_text("def area(): ...\nclass Dice: ...\nAREA = 1\n")
    (tmp_path / "solutions" / "model" / "Net.py").write_text("class Net: ...\n")
    (tmp_path / "train.py").write_text("")
    return tmp_path


def read(folder, text):
    path = folder / "course.toml"
    path.write_text(text, encoding="utf-8")
    return catalogue.read(path, folder / "solutions")


def changed(old, new):
    assert GOOD.count(old) >= 1, f"the test changes {old!r}, which is not there"
    return GOOD.replace(old, new, 1)


def test_a_good_catalogue_is_read(folder):
    read_back = read(folder, GOOD)
    assert [task.id for task in read_back.tasks] == ["1.1", "1.2", "2.1"]
    assert read_back.task("1.2").references == [("model/Net.py", "Net"), ("losses.py", "Dice")]
    assert read_back.task_of("losses.py", "Dice").id == "1.2"
    assert read_back.task_of("losses.py", "Net") is None
    assert [task.id for task in read_back.select([])] == ["1.1", "1.2", "2.1"]
    assert [task.id for task in read_back.select(["1"])] == ["1.1", "1.2"]
    assert [task.id for task in read_back.select(["2", "1.1"])] == ["1.1", "2.1"]


WRONG = {
    "not TOML": ("title = ", "title ", "not valid TOML"),
    "unknown key": ('hint = "Count."', 'hint = "Count."\nhnit = "x"', "exercises 1, tasks 1, hnit"),
    "key missing": ('sources = ["a book"]', "", "exercises 1, tasks 1, sources"),
    "empty hint": ('hint = "Think."', 'hint = "  "', "exercises 1, tasks 2, hint"),
    "no sources": ('sources = ["a paper"]', "sources = []", "exercises 1, tasks 2, sources"),
    "no points": ("points = 40", "points = 0", "exercises 1, tasks 2, points"),
    "points as text": ("points = 40", 'points = "many"', "exercises 1, tasks 2, points"),
    "negative bonus": ("bonus = 3", "bonus = -1", "exercises 1, tasks 2, bonus"),
    "unknown part": ('part = "beyond"', 'part = "extra"', "exercises 2, part"),
    "points not 100": ("points = 60", "points = 59", "add up to 99, not 100"),
    "task id twice": ('id = "1.2"', 'id = "1.1"', "the id 1.1 is used twice"),
    "question id twice": ('id = "Q1"', 'id = "1.1"', "the id 1.1 is used twice"),
    "task in the wrong exercise": ('id = "1.2"', 'id = "2.2"', "task 2.2 stands in exercise 1"),
    "unknown file": ('file = "losses.py"', 'file = "loss.py"', "task 1.1 names the file loss.py"),
    "unknown symbol": ('"area"', '"volume"', "task 1.1 names the symbol volume"),
    "a constant is no symbol": ('"area"', '"AREA"', "task 1.1 names the symbol AREA"),
    "unknown symbol elsewhere": ("losses.py:Dice", "losses.py:Dize", "task 1.2 names the symbol Dize"),
    "malformed reference": ("losses.py:Dice", "losses.Dice", "exercises 1, tasks 2, also 1"),
    "unknown script": ('"train.py"', '"trane.py"', "task 2.1 names the script trane.py"),
    "unknown need": ('needs = ["1.1"]', 'needs = ["1.9"]', "task 1.2 needs 1.9"),
    "nothing to write": ('scripts = ["train.py"]', "", "task 2.1 has neither a symbol nor a script"),
}


@pytest.mark.parametrize(("old", "new", "sentence"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_entry_is_named(folder, old, new, sentence):
    with pytest.raises(CourseError, match=re.escape(sentence)) as caught:
        read(folder, changed(old, new))
    assert str(folder / "course.toml") in str(caught.value)


def test_a_missing_catalogue_is_named(tmp_path):
    with pytest.raises(CourseError, match="cannot be read"):
        catalogue.read(tmp_path / "course.toml", tmp_path / "solutions")


def test_without_solutions_the_symbols_are_taken_on_trust(folder):
    """A student's copy has no solutions."""
    path = folder / "course.toml"
    path.write_text(changed('"area"', '"volume"'))
    assert catalogue.read(path, folder / "nowhere").task("1.1").symbols == ["volume"]


@pytest.mark.parametrize("wanted", [["9.9"], ["3"], ["Q1"]])
def test_an_unknown_task_is_answered_with_the_known_ones(folder, wanted):
    with pytest.raises(CourseError, match=re.escape("The tasks are 1.1, 1.2, 2.1")):
        read(folder, GOOD).select(wanted)


def test_the_courses_own_catalogue_is_right():
    own = catalogue.load()
    assert sum(task.points for e in own.exercises if e.part == "core" for task in e.tasks) == 100
    assert {file for task in own.tasks for file, _ in task.references} <= {
        path.relative_to(ROOT / "solutions").as_posix() for path in (ROOT / "solutions").rglob("*.py")
    }
