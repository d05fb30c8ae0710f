"""The marks in a real gradebook, without running a notebook; and submissions as `collect` lays them out."""

import shutil
import zipfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from course.catalogue import load
from course.errors import CourseError
from course.grading.record import Environment, Results, TaskResult, Verdict
from course.nbgrader.collect import collect
from course.nbgrader.marks import read_records, write_marks
from course.nbgrader.names import assignment_of, cell_of, student_of
from course.submission.find import find_submissions

EXERCISE = next(exercise for exercise in load().exercises if exercise.id == "2")
NAME = assignment_of(EXERCISE.id)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A gradebook that knows exercise 2."""
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with Gradebook(url) as gradebook:
        gradebook.add_assignment(NAME)
        gradebook.add_notebook(NAME, NAME)
        for task in EXERCISE.tasks:
            gradebook.add_grade_cell(cell_of(task), NAME, NAME, max_score=task.points, cell_type="code")
    return url


def record(student: str, points: dict[str, float], verdict: Verdict = "passed") -> Results:
    tasks = [
        TaskResult(
            id=task_id,
            symbol="x",
            points=each,
            max_points=6,
            verdict=verdict,
            message="",
            diagnosis=None,
            seconds=0,
            checks=[],
        )
        for task_id, each in points.items()
    ]
    names = dict.fromkeys(("course", "graders", "python", "torch", "torchvision", "device", "sandbox"), "x")
    environment = Environment.model_construct(**names, seed=0)
    return Results.model_construct(submission=student, points=0, max_points=0, tasks=tasks, environment=environment)


def mark(url: str, student: str, task_id: str) -> tuple[float | None, float | None, float, bool]:
    with Gradebook(url) as gradebook:
        grade = gradebook.find_grade(cell_of(load().task(task_id)), NAME, NAME, student)
        return grade.auto_score, grade.manual_score, grade.score, grade.needs_manual_grade


def set_by_hand(url: str, student: str, task_id: str, points: float) -> None:
    with Gradebook(url) as gradebook:
        grade = gradebook.find_grade(cell_of(load().task(task_id)), NAME, NAME, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()


def test_points_are_written_and_written_again(url: str):
    assert write_marks([record("anna", {"2.1": 6, "2.2": 2.5})], url).marks == 2
    assert mark(url, "anna", "2.1") == (6, None, 6, False)
    assert mark(url, "anna", "2.2") == (2.5, None, 2.5, False)
    assert mark(url, "anna", "2.3")[0] is None
    write_marks([record("anna", {"2.1": 3})], url)
    assert mark(url, "anna", "2.1")[0] == 3
    assert mark(url, "anna", "2.2")[0] == 2.5


def test_a_mark_by_hand_counts_and_is_looked_at_again_only_when_the_points_change(url: str):
    write_marks([record("anna", {"2.1": 6})], url)
    set_by_hand(url, "anna", "2.1", 5)
    written = write_marks([record("anna", {"2.1": 6})], url)
    assert (written.by_hand, written.changed) == (1, [])
    assert mark(url, "anna", "2.1") == (6, 5, 5, False)
    written = write_marks([record("anna", {"2.1": 2})], url)
    assert written.changed == ["anna 2.1"]
    assert mark(url, "anna", "2.1") == (2, 5, 5, True)


def test_what_the_graders_could_not_decide_keeps_its_mark(url: str):
    write_marks([record("anna", {"2.1": 6})], url)
    written = write_marks([record("anna", {"2.1": 0}, verdict="grader_error")], url)
    assert written.undecided == ["anna 2.1"]
    assert mark(url, "anna", "2.1") == (6, None, 6, True)


def test_exercises_that_the_gradebook_does_not_have_are_left_out_and_named(url: str):
    written = write_marks([record("anna", {"2.1": 6, "3.1": 8, "7.1": 4})], url)
    assert written.unknown == {"ex03", "ex07"}
    assert written.marks == 1


def test_a_name_that_could_lead_nbgrader_astray_stops_nobody_else(url: str):
    written = write_marks([record("<script>", {"2.1": 6}), record("anna", {"2.1": 4})], url)
    assert len(written.refused) == 1
    assert mark(url, "anna", "2.1")[0] == 4
    with Gradebook(url) as gradebook:
        assert [student.id for student in gradebook.students] == ["anna"]


@pytest.mark.parametrize("name", ["=1+1", "a,b", "../x", "a*", "a\nb", "<b>", "", " ", ".", "-x", "a/b", "a'b", "[a]"])
def test_such_names_are_no_ids_of_students(name: str):
    with pytest.raises(CourseError, match="cannot be a student's id"):
        student_of(name)


@pytest.mark.parametrize("name", ["s123456", "anna.b", "Åsa Öst", "anna@example.org", "a+b_c-d"])
def test_such_names_are(name: str):
    assert student_of(name) == name


def test_an_older_notebook_in_the_gradebook_is_a_sentence(url: str):
    with Gradebook(url) as gradebook:
        cell = gradebook.find_grade_cell("task-2-1", NAME, NAME)
        gradebook.db.delete(cell)
        gradebook.db.commit()
    with pytest.raises(CourseError, match="generate_assignment ex02 --force"):
        write_marks([record("anna", {"2.1": 6})], url)


def test_a_folder_without_records_is_a_sentence(tmp_path: Path):
    with pytest.raises(CourseError, match="course grade --out"):
        read_records(tmp_path)
    (tmp_path / "anna").mkdir()
    (tmp_path / "anna" / "results.json").write_text("{")
    with pytest.raises(CourseError, match="no record of this course"):
        read_records(tmp_path)


def test_submissions_are_laid_out_whatever_they_come_as(tmp_path: Path):
    submissions, laid_out = tmp_path / "submissions", tmp_path / "submitted"
    folder = submissions / "anna" / "deep" / "notebooks" / NAME
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_text("{}")
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / f"{NAME}.ipynb").write_text("old")
    (submissions / "anna" / "deep" / "lib").mkdir()
    (submissions / "anna" / "deep" / "lib" / "losses.py").write_text("x = 1\n")
    (folder / "secret.txt").symlink_to("/etc/passwd")
    with zipfile.ZipFile(submissions / "ben.zip", "w") as archive:
        archive.writestr("lib/losses.py", "x = 2\n")
        archive.writestr(f"{NAME}.ipynb", '{"big": "' + "x" * 3_000_000 + '"}')
        archive.writestr("lib/../../evil.ipynb", "{}")
    shutil.copytree(submissions / "anna", submissions / "cleo")
    shutil.rmtree(submissions / "cleo" / "deep" / "notebooks")

    found = {each.name: collect(each, [NAME, "ex03"], laid_out) for each in find_submissions([submissions])}
    assert found == {"anna": [NAME], "ben": [NAME], "cleo": []}
    assert (laid_out / "anna" / NAME / f"{NAME}.ipynb").read_text() == "{}"
    assert (laid_out / "anna" / NAME / "lib" / "losses.py").read_text() == "x = 1\n"
    assert (laid_out / "ben" / NAME / f"{NAME}.ipynb").stat().st_size > 3_000_000
    everything = [path for path in laid_out.rglob("*") if path.is_file()]
    assert not [path for path in everything if path.is_symlink() or path.name in ("secret.txt", "evil.ipynb")]

    (folder / f"{NAME}.ipynb").unlink()
    collect(next(each for each in find_submissions([submissions]) if each.name == "anna"), [NAME], laid_out)
    assert not (laid_out / "anna" / NAME).exists()
