"""The assignments' notebooks as files: tidy, complete, and with a rubric that adds up."""

import json
import re

import nbformat
import pytest

from course.catalogue import load
from course.errors import CourseError
from course.nbgrader.names import assignment_of, cell_of
from course.nbgrader.tidy import NOTEBOOKS, assignments, tidy
from course.release.notebooks import student_version

PATHS = {path.stem: path for path in assignments()}
CORE = [exercise for exercise in load().exercises if exercise.part == "core"]


def cells(name: str) -> list[nbformat.NotebookNode]:
    return nbformat.read(PATHS[name], 4).cells


def test_every_exercise_of_the_core_has_one():
    assert set(PATHS) == {assignment_of(exercise.id) for exercise in CORE}


@pytest.mark.parametrize("name", PATHS)
def test_it_is_tidy(name: str):
    text = PATHS[name].read_text(encoding="utf-8")
    assert tidy(text, name) == text, "run `uv run course nbgrader tidy`"


@pytest.mark.parametrize("name", PATHS)
def test_it_lies_alone_because_nbgrader_releases_what_lies_beside_it(name: str):
    assert [path.name for path in PATHS[name].parent.iterdir() if path.name[0] != "."] == [f"{name}.ipynb"]


@pytest.mark.parametrize("exercise", CORE, ids=lambda exercise: exercise.id)
def test_each_task_is_checked_and_each_question_asked(exercise):
    found = cells(assignment_of(exercise.id))
    graded = {c.metadata.nbgrader.grade_id: c for c in found if c.metadata.get("nbgrader", {}).get("grade")}
    assert set(graded) == {cell_of(task) for task in exercise.tasks} | {q.id for q in exercise.questions}
    for task in exercise.tasks:
        cell = graded[cell_of(task)]
        assert f'check("{task.id}")' in cell.source
        assert cell.metadata.nbgrader.points == task.points
        assert cell.metadata.nbgrader.locked
    for question in exercise.questions:
        answer = graded[question.id]
        assert answer.metadata.nbgrader.solution
        rubric = answer.source.split(f"**Rubric ({question.points} points).**")[1]
        assert sum(map(int, re.findall(r"^- (\d+):", rubric, re.MULTILINE))) == question.points


@pytest.mark.parametrize("exercise", CORE, ids=lambda exercise: exercise.id)
def test_students_get_the_question_and_not_the_answer(exercise):
    name = assignment_of(exercise.id)
    given = student_version(PATHS[name].read_text(encoding="utf-8"), name)
    assert "Rubric" not in given
    assert "Model answer" not in given
    for question in exercise.questions:
        assert f"### Question {question.id}" in given


def test_tidying_removes_results_and_takes_the_points_from_the_catalogue():
    text = PATHS["ex02"].read_text(encoding="utf-8")
    notebook = json.loads(text)
    code = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "secret"}]
    code["execution_count"] = 7
    code["metadata"] = {"collapsed": True, "tags": ["x"]}
    graded = next(cell for cell in notebook["cells"] if "nbgrader" in cell["metadata"])
    graded["metadata"]["nbgrader"]["points"] = 99
    notebook["metadata"]["kernelspec"] = {"name": "mine", "display_name": "mine"}
    code["metadata"].pop("tags")
    assert tidy(json.dumps(notebook), "ex02") == text


def test_a_notebook_without_a_graded_cell_of_a_task_is_refused():
    notebook = json.loads(PATHS["ex02"].read_text(encoding="utf-8"))
    notebook["cells"] = [
        c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") != "task-2-3"
    ]
    with pytest.raises(CourseError, match="ex02 must have the graded cells .*task-2-3"):
        tidy(json.dumps(notebook), "ex02")
    with pytest.raises(CourseError, match="ex02 cannot be read"):
        tidy("{}", "ex02")


def test_nothing_but_notebooks_lies_in_the_source_of_nbgrader():
    assert not list(NOTEBOOKS.glob("ex*/**/*.py"))
