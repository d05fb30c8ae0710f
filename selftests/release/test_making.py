"""The parts of a release one by one: which exercises, which modules, which cells."""

import json
import shutil
from pathlib import Path

import pytest

from course.catalogue import load, read
from course.errors import CourseError
from course.paths import ROOT
from course.release.contents import modules_for
from course.release.notebooks import student_version
from course.release.package import catalogue_text, numbers_of, refuse_other_folders
from course.update.manifest import NAME, Manifest, digest

ALL = [exercise.id for exercise in load().exercises]


@pytest.mark.parametrize(
    ("text", "ids"),
    [("", ALL), ("1-3", ["1", "2", "3"]), ("6,1-2", ["1", "2", "6"]), (" 4 ", ["4"]), ("2-2", ["2"]), ("3,3", ["3"])],
)
def test_exercises_are_chosen(text: str, ids: list[str]) -> None:
    assert numbers_of(text, load()) == ids


@pytest.mark.parametrize("text", ["0", "1-99", "a", "1-", "-3", "1.2"])
def test_an_unknown_exercise_is_said(text: str) -> None:
    with pytest.raises(CourseError, match="There is no exercise"):
        numbers_of(text, load())


def test_a_catalogue_of_some_exercises_says_the_same_of_them(tmp_path: Path) -> None:
    path = tmp_path / "course.toml"
    path.write_text(catalogue_text((ROOT / "course.toml").read_text(encoding="utf-8"), ["2", "6"]), encoding="utf-8")
    part = read(path, tmp_path / "none")
    assert part.exercises == [exercise for exercise in load().exercises if exercise.id in ("2", "6")]
    whole = catalogue_text((ROOT / "course.toml").read_text(encoding="utf-8"), ALL)
    assert whole == (ROOT / "course.toml").read_text(encoding="utf-8")


def test_no_module_of_an_instructor_is_a_students() -> None:
    modules = modules_for(ROOT, load())
    assert {"course/grading/recorded.py", "course/worker/zygote.py", "tests/inputs.py", "train.py"} <= modules
    for name in ("bank", "oracle", "recording", "solutions"):
        assert f"course/grading/{name}.py" not in modules
    assert not [name for name in modules if name.startswith(("course/release/", "course/demo/", "answers/"))]


@pytest.mark.parametrize(
    "line", ["from answers.entry import Answer", "import course.release.stubs", "import solutions"]
)
def test_a_students_module_must_not_need_an_instructors(line: str, tmp_path: Path) -> None:
    for room in ("course", "tests", "answers", "solutions", "lib"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    for script in ("train.py", "predict.py", "measure.py"):
        shutil.copyfile(ROOT / script, tmp_path / script)
    path = tmp_path / "course" / "training" / "scores.py"
    path.write_text(path.read_text(encoding="utf-8") + f"\n\ndef more():\n    {line}\n", encoding="utf-8")
    with pytest.raises(CourseError, match="course/training/scores.py is needed by students, and imports"):
        modules_for(tmp_path, load())
    path.write_text(f"if TYPE_CHECKING:\n    {line}\n" + path.read_text(encoding="utf-8").rsplit("\n\n\ndef", 1)[0])
    modules_for(tmp_path, load())


def cell(source: str, kind: str = "code", **metadata: object) -> dict:
    made = {"cell_type": kind, "id": "a", "metadata": metadata, "source": source.splitlines(keepends=True)}
    return made | ({"outputs": [{"text": "42"}], "execution_count": 7} if kind == "code" else {})


def student_cells(*cells: dict) -> list[dict]:
    text = json.dumps({"cells": cells, "metadata": {"authors": ["T"]}, "nbformat": 4, "nbformat_minor": 5})
    return json.loads(student_version(text, "notebook"))["cells"]


def test_a_region_is_replaced_and_the_rest_stays() -> None:
    source = "def f(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION\n\n\nprint(f(1))"
    (got,) = student_cells(cell(source, nbgrader={"solution": True, "grade": False}))
    text = "".join(got["source"])
    assert text == "def f(x):\n    # Write your code here.\n    raise NotImplementedError\n\n\nprint(f(1))"
    assert got["outputs"] == [] and got["execution_count"] is None


def test_an_answer_without_markers_goes_as_a_whole() -> None:
    code, text = student_cells(
        cell("x = 42", nbgrader={"solution": True}), cell("Because.", "markdown", nbgrader={"solution": True})
    )
    assert "42" not in "".join(code["source"]) and "NotImplementedError" in "".join(code["source"])
    assert "".join(text["source"]) == "*Write your answer here.*"


def test_hidden_tests_go_and_other_cells_stay() -> None:
    source = "assert f(1) == 2\n### BEGIN HIDDEN TESTS\nassert f(3) == 6\n### END HIDDEN TESTS\n"
    tested, plain = student_cells(cell(source, nbgrader={"grade": True}), cell("print(1)", tags=["x"], vscode={}))
    assert "".join(tested["source"]) == "assert f(1) == 2\n"
    assert "".join(plain["source"]) == "print(1)" and plain["metadata"] == {"tags": ["x"]}


@pytest.mark.parametrize("source", ["### BEGIN SOLUTION\nx = 1", "x = 1\n### END SOLUTION", "# begin solution\nx = 1"])
def test_a_marker_without_its_partner_is_refused(source: str) -> None:
    with pytest.raises(CourseError, match="notebook, cell 1: a marker .* has no partner"):
        student_cells(cell(source))


def test_what_is_no_notebook_is_said() -> None:
    for text in ("", "[]", "{}", "not json"):
        with pytest.raises(CourseError, match="is no notebook"):
            student_version(text, "x.ipynb")


def test_an_earlier_release_may_be_replaced_but_nothing_of_somebodys_own(tmp_path: Path) -> None:
    refuse_other_folders(tmp_path / "new")
    refuse_other_folders(tmp_path)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "losses.py").write_text("x", encoding="utf-8")
    manifest = Manifest(course="1", graders="0", exercises=["1"], files={"lib/losses.py": digest(b"x")})
    (tmp_path / NAME).write_text(manifest.to_json(), encoding="utf-8")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".venv").mkdir()
    refuse_other_folders(tmp_path)
    (tmp_path / "lib" / "notes.md").write_text("mine", encoding="utf-8")
    with pytest.raises(CourseError, match="holds lib/notes.md, which no release put there"):
        refuse_other_folders(tmp_path)
