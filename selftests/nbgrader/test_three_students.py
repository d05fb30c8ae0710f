"""nbgrader's real commands on three students: the marks are the graders', whatever a notebook does."""

import csv
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import nbformat
import pytest

from course.paths import ROOT
from selftests.nbgrader.school import EXERCISE, LOOT, Class, grades, live, shown


def test_what_is_released_holds_neither_answers_nor_rubrics(school: Class):
    source = nbformat.read(ROOT / "notebooks" / EXERCISE / f"{EXERCISE}.ipynb", 4)
    answers = [cell.source for cell in source.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    released = (school.root / f"class/release/{EXERCISE}/{EXERCISE}.ipynb").read_text(encoding="utf-8")
    assert answers
    assert all("Rubric" in answer for answer in answers)
    for line in (line for answer in answers for line in answer.splitlines() if line):
        assert json.dumps(line, ensure_ascii=False)[1:-1] not in released
    assert sorted(path.name for path in (school.root / "class/release" / EXERCISE).iterdir()) == [f"{EXERCISE}.ipynb"]


def test_marks_of_tasks_are_those_of_the_graders(school: Class, records: dict):
    found = grades(school.url)
    for student in ("perfect", "partial", "hostile"):
        for task, points in records[student].items():
            assert found[student, f"task-{task.replace('.', '-')}"] == (points, None, points)
    assert records["perfect"] == {"1.1": 6, "1.2": 8}
    assert records["partial"]["1.1"] == records["hostile"]["1.1"] == 0


def test_questions_are_left_to_people_but_for_those_without_an_answer(school: Class):
    found = grades(school.url)
    assert found["perfect", "Q1"][:2] == (None, None)
    assert found["hostile", "Q1"][:2] == (None, None)
    assert found["partial", "Q1"][:2] == (0, None)


def test_a_hostile_notebook_reaches_nothing(school: Class):
    text = shown(school.autograded("hostile").cells)
    assert "refused:" in text, "the attack did not run"
    assert "to be marked zero" in text
    assert "REACHED" not in text
    assert LOOT not in text
    assert "environment: []" in text
    assert not (school.results / "hostile" / "results.json").read_text().startswith("{}")


def test_a_kernel_that_ends_leaves_the_notebook_to_be_marked(school: Class):
    cells = school.autograded("hostile").cells
    assert "The kernel ended" in shown(cells[-2:])
    assert not cells[-1].outputs
    assert any(cell.get("outputs") for cell in cells)


def test_an_honest_notebook_is_run_with_the_student_s_own_code(school: Class):
    cells = school.autograded("perfect").cells
    errors = [output for cell in cells for output in cell.get("outputs", []) if output.output_type == "error"]
    assert not errors
    assert shown(cells[-1:]) == "2"
    pictures = [o for cell in cells for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
    assert len(pictures) > 5
    stub = [o for cell in school.autograded("partial").cells for o in cell.get("outputs", []) if "ename" in o]
    assert stub[0].ename == "NotImplementedError"
    assert "Exercise 1.1: PhC" in stub[0].evalue


def test_feedback_shows_what_the_graders_found_and_runs_nothing_of_a_student(school: Class):
    page = school.feedback("partial")
    assert "1.1 PhC: 0 of 6 points" in page
    assert "1.3 EncDec" not in page
    assert "Not graded." in page
    page = school.feedback("hostile")
    assert "1.2 BCELoss: 8 of 6 points" in page
    assert live(page) == []
    assert "my answer" in page


def test_marks_before_autograding_give_the_same(own_school: Class, tmp_path):
    url = f"sqlite:///{tmp_path / 'other.db'}"
    own_school.run("nbgrader", "generate_assignment", EXERCISE, "--force", url=url)
    own_school.run("course", "nbgrader", "marks", "results", "--db", url)
    before = {key: value for key, value in grades(url).items() if key[1].startswith("task")}
    own_school.run("nbgrader", "autograde", EXERCISE, "--student", "partial", "--force", url=url)
    after = {key: value for key, value in grades(url).items() if key[1].startswith("task")}
    assert after == before
    assert after == {key: value for key, value in grades(own_school.url).items() if key[1].startswith("task")}
    assert grades(url)["partial", "Q1"] == grades(own_school.url)["partial", "Q1"]


def test_a_gradebook_without_the_assignment_is_a_sentence(own_school: Class, tmp_path):
    text = own_school.run(
        "course", "nbgrader", "marks", "results", "--db", f"sqlite:///{tmp_path / 'new.db'}", fails=True
    )
    assert "has no assignment yet" in text
    text = own_school.run("course", "nbgrader", "marks", "results", "--db", "sqlite:////nowhere/at/all.db", fails=True)
    assert "cannot be written" in text
    assert "Traceback" not in text


@pytest.fixture
def formgrader(own_school: Class):
    """The real formgrader, in a Jupyter server of the course folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", "--IdentityProvider.token=t"]
    words += [f"--ServerApp.port={port}", "--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0"]
    words += ["--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}"]
    environment = os.environ | {"JUPYTER_PLATFORM_DIRS": "1"}
    with (own_school.root / "server.log").open("w") as log:
        server = subprocess.Popen(words, cwd=own_school.root, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"

    def ask(path: str, body: dict | None = None) -> str:
        request = urllib.request.Request(address + path, headers={"Authorization": "token t"})
        if body is not None:
            request = urllib.request.Request(
                address + path,
                json.dumps(body).encode(),
                {"Authorization": "token t", "Content-Type": "application/json"},
                method="PUT",
            )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()

    try:
        for _ in range(240):
            try:
                ask("/api/status")
                break
            except (urllib.error.URLError, ConnectionError):
                assert server.poll() is None, (own_school.root / "server.log").read_text()
                time.sleep(0.5)
        yield ask
    finally:
        server.terminate()
        server.wait(30)


def test_formgrader_shows_a_hostile_notebook_without_running_it(own_school: Class, formgrader):
    assert "Manage Assignments" in formgrader("/formgrader")
    listed = json.loads(formgrader("/formgrader/api/assignments"))
    assert [each["name"] for each in listed] == [EXERCISE]
    submissions = json.loads(formgrader(f"/formgrader/api/notebooks/{EXERCISE}"))
    assert submissions[0]["name"] == EXERCISE
    students = json.loads(formgrader(f"/formgrader/api/submitted_notebooks/{EXERCISE}/{EXERCISE}"))
    hostile = next(each for each in students if each["student"] == "hostile")
    page = formgrader(f"/formgrader/submissions/{hostile['id']}/")
    assert "my answer" in page
    assert live(page) == []


def test_marks_by_hand_survive_another_autograding_and_other_points(
    own_school: Class, formgrader, records: dict, tmp_path
):
    students = json.loads(formgrader(f"/formgrader/api/submitted_notebooks/{EXERCISE}/{EXERCISE}"))
    perfect = next(each for each in students if each["student"] == "perfect")["id"]
    for grade in json.loads(formgrader(f"/formgrader/api/grades?submission_id={perfect}")):
        if grade["name"] in ("Q1", "task-1-1"):
            formgrader(f"/formgrader/api/grade/{grade['id']}", {"manual_score": 3.5, "extra_credit": 0})
    assert grades(own_school.url)["perfect", "Q1"][1:] == (3.5, 3.5)

    own_school.run("nbgrader", "autograde", EXERCISE, "--student", "perfect", "--force")
    changed = tmp_path / "results"
    for student in records:
        record = json.loads((own_school.results / student / "results.json").read_text())
        for task in record["tasks"]:
            task["points"] = 1 if task["id"] == "1.1" else task["points"]
        (changed / student).mkdir(parents=True)
        (changed / student / "results.json").write_text(json.dumps(record))
    text = own_school.run("course", "nbgrader", "marks", str(changed))
    found = grades(own_school.url)
    assert found["perfect", "Q1"][1:] == (3.5, 3.5)
    assert found["perfect", "task-1-1"] == (1, 3.5, 3.5)
    assert found["partial", "task-1-1"] == (1, None, 1)
    assert "Look again, the graders' points have changed: perfect 1.1" in text
    own_school.run("course", "nbgrader", "marks", "results")
    assert grades(own_school.url)["perfect", "task-1-1"] == (records["perfect"]["1.1"], 3.5, 3.5)


def test_export_has_the_marks(own_school: Class):
    own_school.run("nbgrader", "export", "--to", "grades.csv")
    with (own_school.root / "grades.csv").open(newline="") as stream:
        rows = {row["student_id"]: row for row in csv.DictReader(stream)}
    found = grades(own_school.url)
    for student, row in rows.items():
        total = sum(values[2] for (owner, _), values in found.items() if owner == student)
        assert float(row["score"]) == pytest.approx(total)
    assert set(rows) == {"perfect", "partial", "hostile"}
