"""The students' commands that grade nothing: hints, what is asked, solutions, job scripts, the doctor."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course.catalogue import load
from course.cli.main import app
from course.errors import CourseError
from course.grading.record import TaskResult
from course.paths import ROOT
from course.student import doctor
from course.student.asked import pieces, sentences
from course.student.jobs import Job, lsf, slurm
from course.student.memory import Memory


def course(home, *arguments):
    run = CliRunner().invoke(
        app, [*arguments, "--submission", str(home.folder)], prog_name="course", env={"COLUMNS": "80"}
    )
    if run.exception and not isinstance(run.exception, SystemExit):
        raise run.exception
    return run.stdout


def test_each_hint_comes_once_and_the_last_one_says_so(student):
    home, task = student("partial"), load().task("2.3")
    for count in range(1, len(task.hints) + 2):
        words = " ".join(course(home, "hint", "2.3").split())
        shown = [" ".join(hint.split()) in words for hint in [task.hint, *task.hints]]
        assert shown == [number < count for number in range(len(task.hints) + 1)]
    assert "That was the last hint" in words
    assert " ".join(course(home, "hint", "2.3").split()) == words
    assert "1. " in course(home, "hint", "2.1")
    assert "2. " not in course(home, "hint", "2.2")


def test_a_state_that_is_broken_begins_with_the_first_hint(student):
    home = student("partial")
    for text in ("[1]", "{", json.dumps({"2.3": "x"})):
        home.remember("hints.json", text)
        assert "2. " not in course(home, "hint", "2.3")


@pytest.mark.parametrize("task", load().tasks, ids=lambda task: task.id)
def test_what_is_asked_is_shown_with_formula_shapes_checks_and_points(student, task):
    home = student("broken")
    text = course(home, "show", task.id)
    assert max(len(line) for line in text.splitlines()) <= 80
    words = " ".join(text.split())
    assert f"{task.id} {task.title}: {task.points} points" in words
    for sentence in sentences(task):
        assert f"{sentence.points:g} {sentence.text}" in words
    for _, parts in pieces(task, home.lib):
        assert parts, "also where the student's own file is broken"
        for part in parts:
            assert " ".join(part.signature.split()) in words
            for line in part.docstring.split():
                assert line in words


def test_a_formula_stays_on_its_line(student):
    text = course(student("perfect"), "show", "2.1")
    assert "      loss = 1 - (2 * sum(p * y) + smooth) / (sum(p) + sum(y) + smooth)" in text.splitlines()


def test_a_solution_is_shown_only_after_the_task_has_passed(student):
    home, task = student("perfect"), load().task("2.1")
    with pytest.raises(CourseError, match="once your own has passed"):
        course(home, "solution", "2.1")
    memory = Memory(home, load())
    for verdict in ("failed", "passed"):
        result = TaskResult(
            id="2.1", symbol="", points=6, max_points=6, verdict=verdict, message="", diagnosis=None, seconds=0,
            checks=[],
        )  # fmt: skip
        memory.keep(task, memory.key(task), result)
        if verdict == "failed":
            with pytest.raises(CourseError, match="once your own has passed"):
                course(home, "solution", "2.1")
    text = course(home, "solution", "2.1")
    assert "probability = torch.sigmoid(y_pred)" in text
    assert "BEGIN SOLUTION" not in text
    assert "class FocalLoss" not in text


def test_reset_says_where_the_backup_is(student):
    home = student("perfect")
    text = course(home, "reset", "2.1")
    backup = next(word for word in text.split() if word.startswith(".course/backups/"))
    assert (home.folder / backup).read_bytes() == (ROOT / "examples/submissions/perfect/lib/losses.py").read_bytes()
    assert "nothing to put back" in course(home, "reset", "2.1")


@pytest.mark.parametrize("make", [slurm, lsf])
def test_a_job_script_runs_train_py_with_its_options(tmp_path, make):
    """Run by bash, with a program in the place of train.py that writes down what it was given."""
    (tmp_path / "train.py").write_text(
        "import json, os, sys; json.dump([sys.argv[1:], dict(os.environ)], open('got', 'w'))"
    )
    (tmp_path / "srun").write_text('#!/bin/sh\nexec "$@"\n')
    (tmp_path / "module").write_text('#!/bin/sh\necho "$@" >> modules\n')
    for program in ("srun", "module"):
        (tmp_path / program).chmod(0o755)
    script = make(Job(["--model", "UNet", "--epochs", "3"], "runs/my run", hours=2, cores=3, memory=7, gpu=True))
    environment = {
        "PATH": f"{tmp_path}:/usr/bin:/bin", "PYTHON": sys.executable, "MODULES": "one/1 two",
        "SLURM_SUBMIT_DIR": str(tmp_path), "LS_SUBCWD": str(tmp_path),
        "SLURM_CPUS_PER_TASK": "3", "LSB_DJOB_NUMPROC": "3",
    }  # fmt: skip
    for resumed in (False, True):
        subprocess.run(["bash", "-c", script], env=environment, check=True, timeout=60, cwd=tmp_path)
        arguments, got = json.loads((tmp_path / "got").read_text())
        extra = ["--resume"] if resumed else []
        assert arguments == ["--model", "UNet", "--epochs", "3", "--out", "runs/my run", *extra]
        assert got["OMP_NUM_THREADS"] == "3"
        (tmp_path / "runs" / "my run").mkdir(parents=True, exist_ok=True)
        (tmp_path / "runs" / "my run" / "last.pt").touch()
    assert (tmp_path / "modules").read_text().splitlines() == ["load one/1", "load two"] * 2
    head = script.splitlines()[:10]
    asked = {slurm: ["--time=02:00:00", "--mem=7G", "--gpus=1"], lsf: ["-W 2:00", "rusage[mem=3GB]", "num=1"]}
    assert all(any(word in line for line in head) for word in asked[make])


def test_a_job_without_a_gpu_asks_for_none():
    for make in (slurm, lsf):
        assert "gpu" not in make(Job(["--model", "UNet"], "runs/UNet")).split("# Hand in")[0].lower()


def test_the_doctor_finds_this_machine_well(student):
    found = {finding.what: finding for finding in doctor.examine(student("perfect"))}
    assert found["Python"].state == doctor.GOOD
    assert found["PyTorch"].text.startswith(__import__("torch").__version__)
    assert found["data"].state == doctor.GOOD
    assert found["folder"].state == doctor.GOOD
    assert all(finding.advice for finding in found.values() if finding.state != doctor.GOOD)


def test_the_doctor_says_what_to_do_where_something_is_wrong(student, monkeypatch):
    monkeypatch.setenv("PHC_DATA", "/not/there")
    monkeypatch.setattr(doctor, "PROBE", "raise RuntimeError('operator torchvision::nms does not exist')")
    monkeypatch.setattr(doctor, "NEED_DISK", 1 << 60)
    monkeypatch.setattr(doctor, "NEED_MEMORY", 1 << 60)
    found = {(finding.what, finding.state): finding.advice for finding in doctor.examine(student("perfect"))}
    assert "unset PHC_DATA" in found["data", doctor.WRONG]
    assert "not of one release" in found["PyTorch", doctor.WRONG]
    assert "delete old folders" in found["disk", doctor.WRONG]
    assert "close other programs" in found["memory", doctor.WORTH_KNOWING]


def test_a_broken_library_is_a_finding_and_no_traceback(student, monkeypatch):
    monkeypatch.setitem(sys.modules, "course.data.manifest", None)
    found = [finding for finding in doctor.examine(student("perfect")) if finding.what == "libraries"]
    assert [finding.state for finding in found] == [doctor.WRONG]
    assert "uv sync" in found[0].advice


def test_every_package_that_is_named_is_installed_here():
    assert doctor.missing_packages() == []


def test_outside_of_any_folder_of_the_course_the_courses_own_is_taken(tmp_path, monkeypatch):
    from course.student.home import home_at

    monkeypatch.chdir(tmp_path)
    assert home_at().folder == ROOT
    with pytest.raises(CourseError, match="There is no lib/"):
        home_at(Path(tmp_path))
    monkeypatch.chdir(ROOT / "tests")
    assert home_at().folder == ROOT
