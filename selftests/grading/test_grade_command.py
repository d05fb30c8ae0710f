"""`course grade` as an instructor runs it, on submissions that go wrong in different ways."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

COURSE = [sys.executable, "-c", "from course.cli.main import main; main()"]

HOSTILE_NAME = "=cmd|' -C calc'!A0"


def course_grade(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"COLUMNS": "80", "NO_COLOR": "1", "COURSE_SANDBOX": "none"}
    environment |= {"PYTEST_ADDOPTS": "--collect-only"}  # options that somebody set for a pytest of their own
    words = [*COURSE, "grade", *map(str, arguments)]
    return subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Six submissions, graded twice for exercise 2: with one and with two processes."""
    from course.paths import ROOT

    root = tmp_path_factory.mktemp("class")
    folder = root / "submissions"
    losses = (ROOT / "solutions" / "losses.py").read_text()
    stubs = (ROOT / "lib" / "losses.py").read_text()
    for path, text in {
        "right/lib/losses.py": losses,
        "nested/work/of/lib/losses.py": losses,
        "stub/lib/losses.py": stubs,
        "exits/lib/losses.py": "import os\nos._exit(0)\n",
        f"{HOSTILE_NAME}/lib/losses.py": losses.replace("return 1 - dice.mean()", "return dice.mean()"),
    }.items():
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_text(text)
    (folder / "empty").mkdir()
    runs = {}
    for jobs in (1, 2):
        out = root / f"out{jobs}"
        runs[jobs] = course_grade(folder, "--out", out, "--tasks", "2", "--jobs", jobs, cwd=root), out
    return runs


def record(out: Path, name: str) -> dict:
    data = json.loads((out / name / "results.json").read_text())
    for task in data["tasks"]:
        del task["seconds"]
    return data


def test_each_gets_what_it_earned(graded):
    _, out = graded[1]
    points = {path.parent.name: record(out, path.parent.name)["points"] for path in out.glob("*/results.json")}
    assert points == {"right": 26, "nested": 26, "stub": 0, "exits": 0, "empty": 0, HOSTILE_NAME: 20}


def test_results_do_not_depend_on_the_number_of_processes(graded):
    for path in graded[1][1].glob("*/results.json"):
        assert record(graded[1][1], path.parent.name) == record(graded[2][1], path.parent.name)


def test_nothing_is_zero_without_a_reason(graded):
    _, out = graded[1]
    verdicts = {
        name: {(task["verdict"], task["message"]) for task in record(out, name)["tasks"]}
        for name in ("stub", "exits", "empty")
    }
    assert all(verdict == "not_attempted" for verdict, _ in verdicts["stub"] | verdicts["empty"])
    assert {verdict for verdict, _ in verdicts["exits"]} == {"failed"}
    for name in verdicts:
        assert all(message for _, message in verdicts[name])
    assert "is not filled in yet" in str(verdicts["stub"])
    assert "ended the Python process" in str(verdicts["exits"])
    assert record(out, "empty")["notes"]


def test_the_schema_is_what_is_promised(graded):
    data = json.loads((graded[1][1] / "right" / "results.json").read_text())
    assert set(data) == {"schema", "submission", "points", "max_points", "notes", "content", "environment", "tasks"}
    assert {"torch", "device", "seed", "graders"} <= set(data["environment"])
    task = data["tasks"][0]
    keys = {"id", "symbol", "points", "max_points", "verdict", "message", "diagnosis", "seconds", "checks"}
    assert set(task) == keys
    assert {"name", "sentence", "verdict", "message", "points", "max_points"} <= set(task["checks"][0])


def test_the_csv_survives_hostile_names(graded):
    rows = list(csv.DictReader(io.StringIO((graded[1][1] / "grades.csv").read_text())))
    assert len(rows) == 6
    names = {row["submission"] for row in rows}
    assert "'" + HOSTILE_NAME in names
    assert all(row["points"] == row["exercise 2"] for row in rows)


def test_the_table_shows_every_submission(graded):
    run, _ = graded[1]
    assert run.returncode == 0, run.stderr
    for word in ("right", "nested", "stub", "exits", "empty", "ex 2", "/26"):
        assert word in run.stdout
    assert max(len(line) for line in run.stdout.splitlines() if "Records" not in line) <= 80


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere"], "nowhere does not exist"),
        ([".", "--tasks", "9.9"], "There is no task 9.9"),
        ([".", "--device", "tpu"], "There is no device tpu"),
    ],
)
def test_wrong_calls_get_a_sentence(tmp_path, arguments, sentence):
    run = course_grade(*arguments, "--out", "out", cwd=tmp_path)
    assert run.returncode == 2
    assert sentence in " ".join(run.stderr.split())
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "out").exists()
