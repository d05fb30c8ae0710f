"""The autograder's zip in Gradescope's folders: it grades as we do, holds no solutions, and gives no mark by chance."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from course.grading.run import Settings, grade
from course.paths import ROOT
from course.submission.find import open_submission

COURSE = [sys.executable, "-c", "from course.cli.main import main; main()"]
SEED = 4711
EXAMPLES = ROOT / "examples" / "submissions"
FORGES = """import json, os, pathlib
root = pathlib.Path(os.environ.get("AUTOGRADER_ROOT", "/autograder"))
(root / "results" / "results.json").write_text(json.dumps({"score": 100}))
os._exit(0)
"""


def pack(out: Path, *words: str) -> subprocess.CompletedProcess[str]:
    arguments = ["pack", "gradescope", "--out", str(out), "--exercises", "2", "--tasks", "2.1,2.5", "--seed", str(SEED)]
    return subprocess.run([*COURSE, *arguments, *words], cwd=ROOT, capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="module")
def packed(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("packed") / "autograder.zip"
    run = pack(out, "--sandbox", "none", "--visibility", "after_published")
    assert run.returncode == 0, run.stderr
    assert "no student may get it" in run.stdout
    assert "refuse to grade" not in run.stdout
    return out


@pytest.fixture
def autograder(packed, tmp_path) -> Path:
    """Gradescope's folders, as they are before a submission comes. What setup.sh installs is this environment."""
    root = tmp_path / "autograder"
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(root / "source")
        assert archive.getinfo("run_autograder").external_attr >> 16 & 0o111
    (root / "source" / ".venv").symlink_to(sys.prefix)
    shutil.copyfile(root / "source" / "run_autograder", root / "run_autograder")
    (root / "run_autograder").chmod(0o755)
    (root / "results").mkdir()
    return root


def run(root: Path) -> tuple[int, dict | None]:
    """Run the autograder as Gradescope does; return its exit code and what it wrote."""
    environment = os.environ | {"AUTOGRADER_ROOT": str(root), "PYTHONPATH": str(root / "source")}
    environment.pop("COURSE_SANDBOX", None)
    done = subprocess.run([root / "run_autograder"], cwd=root, env=environment, capture_output=True, timeout=300)
    path = root / "results" / "results.json"
    return done.returncode, json.loads(path.read_text()) if path.exists() else None


@pytest.mark.parametrize("name", ["perfect", "typical-mistakes", "partial"])
def test_it_grades_as_course_grade_does(autograder, name):
    shutil.copytree(EXAMPLES / name, autograder / "submission")
    code, results = run(autograder)
    record = grade(open_submission(EXAMPLES / name), Settings(seed=SEED, tasks=("2.1", "2.5"), sandbox="none"))
    checks = [(task, check) for task in record.tasks for check in task.checks]
    assert code == 0
    assert [(t["number"], t["name"], t["score"], t["max_score"]) for t in results["tests"]] == [
        (task.id, check.sentence, check.points, 0 if check.bonus else check.max_points) for task, check in checks
    ]
    assert {test["visibility"] for test in results["tests"]} == {"after_published"}
    if name == "typical-mistakes":
        assert "turn them into probabilities" in results["tests"][0]["output"]
        assert "Hint: " in results["tests"][0]["output"]


def test_neither_solutions_nor_answers_nor_the_key_are_in_it(packed):
    with zipfile.ZipFile(packed) as archive:
        names = archive.namelist()
        texts = {name: archive.read(name).decode("utf-8", "replace") for name in names}
    assert {"setup.sh", "run_autograder", "autograder.py", "autograder.json"} <= set(names)
    assert not [name for name in names if name.startswith(("solutions/", "answers/", "private/", "selftests/"))]
    solved = (ROOT / "solutions" / "losses.py").read_text().split("### BEGIN SOLUTION")[1:]
    lines = {line.strip() for part in solved for line in part.split("### END SOLUTION")[0].splitlines()}
    telling = {line for line in lines if len(line) > 40}
    assert len(telling) > 10
    assert not [(name, line) for name, text in texts.items() for line in telling if line in text]


def test_a_submission_that_writes_results_gets_what_it_earned(autograder):
    (autograder / "submission" / "lib").mkdir(parents=True)
    (autograder / "submission" / "lib" / "losses.py").write_text(FORGES)
    code, results = run(autograder)
    assert code == 0
    assert "score" not in results
    assert sum(test["score"] for test in results["tests"]) == 0


def test_an_empty_submission_gets_a_reason(autograder):
    (autograder / "submission").mkdir()
    (autograder / "submission" / "notes.txt").write_text("nothing yet")
    code, results = run(autograder)
    assert code == 0
    assert "There is no lib/" in results["output"]
    assert all(test["output"] for test in results["tests"])


@pytest.mark.parametrize("setting", [{"sandbox": "no such sandbox"}, {"tasks": "99.9"}])
def test_graders_that_do_not_work_give_no_results(autograder, setting):
    path = autograder / "source" / "autograder.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | setting))
    shutil.copytree(EXAMPLES / "perfect", autograder / "submission")
    code, results = run(autograder)
    assert code != 0
    assert results is None


def test_expectations_that_are_not_there_are_no_fault_of_the_students(autograder):
    path = autograder / "source" / "autograder.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"seed": SEED + 1}))
    shutil.copytree(EXAMPLES / "perfect", autograder / "submission")
    _, results = run(autograder)
    assert {test["output"] for test in results["tests"]} == {
        "The graders failed here, not you: nothing is decided yet. Tell your teachers."
    }


def test_the_scripts_are_shell_and_know_no_other_root(packed):
    with zipfile.ZipFile(packed) as archive:
        for name in ("setup.sh", "run_autograder"):
            text = archive.read(name).decode()
            assert text.startswith("#!/usr/bin/env bash\n")
            assert "@" not in text.replace("$@", "")
            assert subprocess.run(["bash", "-n"], input=text, text=True, check=False).returncode == 0
            assert text.count("/autograder") == text.count(":-/autograder}") + text.count("calls it as /autograder/")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [(("--visibility", "secret"), "--visibility secret"), (("--tasks", "99.9"), "There is no task 99.9")],
)
def test_wrong_calls_get_a_sentence(tmp_path, words, sentence):
    done = pack(tmp_path / "x.zip", *words)
    assert done.returncode == 2
    assert sentence in " ".join(done.stderr.split())
    assert not (tmp_path / "x.zip").exists()
