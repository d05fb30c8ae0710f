"""The policy for late hand-ins: days, grace, cap, and where the times come from. Records are never changed."""

import os
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from course.catalogue import Late, load, read
from course.errors import CourseError
from course.export.late import account, accounts, days_late, penalty
from course.export.times import handed_in, read_times
from course.paths import ROOT
from course.submission.find import open_submission
from selftests.report.records import made_record, made_task

DEADLINE = datetime(2026, 12, 1, 23, 59, tzinfo=UTC)
POLICY = Late(deadline=DEADLINE, grace_days=1, percent_per_day=10, cap_percent=35)


def catalogue(**deadlines: datetime):
    exercises = [e.model_copy(update={"deadline": deadlines.get(f"ex{e.id}")}) for e in load().exercises]
    return load().model_copy(update={"late": POLICY, "exercises": exercises})


@pytest.mark.parametrize(
    ("hours", "days"),
    [(-100, 0), (0, 0), (1, 0), (24, 0), (24.001, 1), (25, 1), (48, 1), (48.5, 2), (24 * 40, 39)],
)
def test_a_started_day_counts_after_those_of_grace(hours, days):
    assert days_late(DEADLINE + timedelta(hours=hours), DEADLINE, 1) == days


def test_half_a_day_of_grace():
    assert days_late(DEADLINE + timedelta(hours=12), DEADLINE, 0.5) == 0
    assert days_late(DEADLINE + timedelta(hours=13), DEADLINE, 0.5) == 1


@pytest.mark.parametrize(("days", "percent"), [(0, 0), (1, 10), (3, 30), (4, 35), (100, 35)])
def test_the_penalty_has_a_cap(days, percent):
    assert penalty(days, POLICY) == percent


def test_time_zones_are_minded():
    there = datetime.fromisoformat("2026-12-02T01:00:00+02:00")
    assert days_late(there, DEADLINE, 0) == 0, "it is 23:00 where the deadline is"


def test_exercises_have_deadlines_of_their_own_and_the_record_stays():
    record = made_record("anna", [made_task("1.2"), made_task("2.1"), made_task("3.1", "grader_error")])
    before = record.to_json()
    found = account(record, catalogue(ex2=DEADLINE + timedelta(days=30)), DEADLINE + timedelta(days=2, hours=1))
    assert [(c.exercise.id, c.earned, c.days, c.percent, c.counts) for c in found.exercises] == [
        ("1", 6, 2, 20, 4.8),
        ("2", 6, 0, 0, 6),
        ("3", 0, 2, 20, 0),
    ]
    assert (found.points, found.words, found.undecided) == (10.8, "2 days, -20 %", {"3"})
    assert record.to_json() == before


def test_without_a_time_or_a_policy_points_count_as_they_are():
    record = made_record("anna", [made_task("1.2")])
    assert account(record, catalogue(), None).points == 6
    assert account(record, load().model_copy(update={"late": None}), DEADLINE + timedelta(days=9)).points == 6


def test_a_time_that_is_not_known_is_an_error():
    records = [made_record(name, [made_task("1.2")]) for name in ("anna", "bo", "cleo")]
    with pytest.raises(CourseError, match="When was bo handed in.*1 more"):
        accounts(records, catalogue(), {"anna": DEADLINE})
    assert [a.points for a in accounts(records, catalogue(), None)] == [6, 6, 6]


def test_times_of_a_learning_platform(tmp_path):
    path = tmp_path / "times.csv"
    path.write_text("\ufeffsubmission,time,grader\nanna,2026-12-01T23:59:00+01:00,x\nbo,2026-12-01 22:59:00 UTC,y\n")
    times = read_times(path)
    assert times["anna"] == times["bo"] == DEADLINE - timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name,when\na,b\n", "columns submission and time"),
        ("submission,time\nanna,yesterday\n", "'yesterday' is no time"),
        ("submission,time\nanna,2026-12-01T23:59:00\n", "no time zone"),
        ("submission,time\nanna\n", "'' is no time"),
    ],
)
def test_times_that_are_none(tmp_path, text, sentence):
    (tmp_path / "times.csv").write_text(text)
    with pytest.raises(CourseError, match=sentence):
        read_times(tmp_path / "times.csv")


def git(folder, *words: str, when: datetime | None = None) -> None:
    environment = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b"}
    environment |= {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
    environment |= {"GIT_COMMITTER_DATE": when.isoformat(), "GIT_AUTHOR_DATE": "2001-01-01T00:00:00Z"} if when else {}
    subprocess.run(["git", *words], cwd=folder, env=environment, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "anna"
    (folder / "lib").mkdir(parents=True)
    git(folder, "init", "--quiet")
    for number in range(2):
        (folder / "lib" / "losses.py").write_text(f"x = {number}")
        git(folder, "add", ".")
        git(folder, "commit", "-qm", "work", when=DEADLINE + timedelta(days=number))
    return folder


def test_the_time_of_a_commit(repository, tmp_path):
    assert handed_in(open_submission(repository)) == DEADLINE + timedelta(days=1)
    assert handed_in(open_submission(f"{repository}@HEAD~1")) == DEADLINE
    for number, what in enumerate(("--all", "HEAD")):
        path = tmp_path / f"{number}.bundle"
        git(repository, "bundle", "create", str(path), what)
        assert handed_in(open_submission(path)) == DEADLINE + timedelta(days=1)


@pytest.mark.parametrize("commit", ["nowhere", "--output=/tmp/x", "HEAD; rm"])
def test_a_commit_that_there_is_not(repository, commit):
    with pytest.raises(CourseError, match="--times"):
        handed_in(open_submission(f"{repository}@{commit}"))


def test_the_time_of_files(tmp_path):
    folder, archive = tmp_path / "anna", tmp_path / "bo.zip"
    (folder / "lib").mkdir(parents=True)
    for name, days in (("a.py", 1), ("b.py", 3)):
        (folder / "lib" / name).touch()
        os.utime(folder / "lib" / name, (0, (DEADLINE + timedelta(days=days)).timestamp()))
    (folder / "lib" / "link.py").symlink_to("/etc/hostname")
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("lib/losses.py", "")
    os.utime(archive, (0, DEADLINE.timestamp()))
    assert handed_in(open_submission(folder)) == DEADLINE + timedelta(days=3)
    assert handed_in(open_submission(archive)) == DEADLINE


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        ("[late]\npercent_per_day = 10\n", r"\[late\] has no deadline, and exercise 1"),
        ("[late]\ndeadline = 2026-12-01T23:59:00\npercent_per_day = 10\n", "late, deadline"),
        ("[late]\ndeadline = 2026-12-01T23:59:00Z\npercent_per_day = -1\n", "percent_per_day"),
        ("[late]\ndeadline = 2026-12-01T23:59:00Z\npercent = 10\n", "percent"),
    ],
)
def test_a_policy_that_is_none(tmp_path, policy, sentence):
    path = tmp_path / "course.toml"
    path.write_text((ROOT / "course.toml").read_text() + policy)
    with pytest.raises(CourseError, match=sentence):
        read(path, ROOT / "solutions")


def test_the_policy_that_course_toml_shows_is_one(tmp_path):
    text = (ROOT / "course.toml").read_text()
    path = tmp_path / "course.toml"
    path.write_text("\n".join(line.removeprefix("#: ") for line in text.splitlines()))
    assert read(path, ROOT / "solutions").late is not None
    assert load().late is None
