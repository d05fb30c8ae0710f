"""A real scheduler and real worker processes on the loopback; one of them is killed in mid-run."""

import os
import signal
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

from course.errors import CourseError
from course.grading.cluster import cluster, grade_on_cluster
from course.grading.record import Results
from course.grading.run import Settings
from course.submission.find import Submission

SETTINGS = Settings(seed=7, tasks=("2.5",), sandbox="none")
RIGHT = """
import torch
def centered_penalty(y_pred):
    return (1 - torch.sigmoid(y_pred[..., y_pred.shape[-2] // 2, y_pred.shape[-1] // 2])).mean()
def sparsity_penalty(y_pred):
    return torch.sigmoid(y_pred).mean()
"""
WRONG = RIGHT.replace("torch.sigmoid(y_pred).mean()", "y_pred.mean()")


@pytest.fixture(scope="module")
def local() -> LocalCluster:
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as running:
        yield running


def submissions(folder: Path, count: int) -> list[Submission]:
    made = []
    for number in range(count):
        root = folder / f"student-{number:02}"
        (root / "lib").mkdir(parents=True)
        (root / "lib" / "losses.py").write_text(WRONG if number % 3 else RIGHT)
        made.append(Submission(root.name, root))
    return made


def points(results: list[Results]) -> dict[str, float]:
    assert max(Counter(record.submission for record in results).values()) == 1
    return {record.submission: record.points for record in results}


def test_every_submission_is_graded_once_though_a_worker_is_killed(local, tmp_path):
    class_of = submissions(tmp_path, 12)
    killed = []

    def kill_a_worker(_: float) -> None:
        if killed:
            return
        with Client(local) as client:
            killed.append(next(iter(client.run(os.getpid).values())))
        threading.Timer(0.2, os.kill, (killed[0], signal.SIGKILL)).start()  # in mid-run: the others are waiting

    graded = list(grade_on_cluster(class_of, SETTINGS, kill_a_worker, local.scheduler_address))
    assert killed
    assert points(graded) == {each.name: 2.0 if int(each.name[-2:]) % 3 else 4.0 for each in class_of}
    assert {record.environment.seed for record in graded} == {7}


@pytest.mark.parametrize("workers", [1, 3])
def test_a_cluster_of_this_machine_has_as_many_workers_as_were_asked_for(workers):
    with cluster("", workers) as client:
        assert len(client.run(os.getpid)) == workers


def test_a_cluster_of_this_machine_gives_the_same_records(local, tmp_path):
    class_of = submissions(tmp_path, 2)
    here = list(grade_on_cluster(class_of, SETTINGS, lambda points: None, workers=1))
    there = list(grade_on_cluster(class_of, SETTINGS, lambda points: None, local.scheduler_address))

    def content(records: list[Results]) -> list[dict]:
        records = sorted(records, key=lambda record: record.submission)
        return [record.model_dump(exclude={"tasks": {"__all__": {"seconds"}}}) for record in records]

    assert content(here) == content(there)


def test_what_was_left_out_is_noted_as_without_a_cluster(local, tmp_path):
    (submission,) = submissions(tmp_path, 1)
    (submission.path / "lib" / "link.py").symlink_to("/etc/hosts")
    (record,) = grade_on_cluster([submission], SETTINGS, lambda points: None, local.scheduler_address)
    assert any("link.py" in note for note in record.notes)


def test_workers_with_other_graders_are_refused(local, tmp_path):
    def forget() -> None:
        from course.grading import run

        run.graders_hash = lambda: "another"  # what `client.run` pickles by name is looked up there

    with Client(local) as client:
        changed = next(iter(client.scheduler_info()["workers"]))
        client.run(forget, workers=[changed])
        try:
            with pytest.raises(CourseError, match="another version"):
                list(grade_on_cluster(submissions(tmp_path, 1), SETTINGS, lambda points: None, local.scheduler_address))
        finally:
            client.restart()


def test_a_scheduler_that_is_not_there_is_a_sentence(monkeypatch):
    monkeypatch.setattr("course.grading.cluster.CONNECT_TIMEOUT", 1)
    start = time.monotonic()
    with pytest.raises(CourseError, match="No Dask scheduler answers at tcp://127.0.0.1:9"):
        list(grade_on_cluster([], SETTINGS, lambda points: None, "tcp://127.0.0.1:9"))
    assert time.monotonic() - start < 60
