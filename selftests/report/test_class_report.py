"""The class report: counts that can be checked by hand, and a page that shows them and runs nothing."""

from datetime import datetime

import pytest

from course.catalogue import Late, load
from course.export.late import accounts
from course.grading.record import Diagnosis
from course.report.class_report import (
    class_report,
    differing,
    distributions,
    hardest,
    mistakes,
    stuck,
    to_inspect,
    unnamed,
)
from course.report.table import graded_exercises
from selftests.report.records import made_record, made_task
from selftests.report.test_feedback import HOSTILE

SIGMOID = Diagnosis(name="sigmoid-forgotten", sentence="Turn logits into probabilities first.")


@pytest.fixture
def records():
    """Four students: one has everything, two made the same mistake, one has only begun."""
    return [
        made_record("anna", [made_task("1.2"), made_task("2.1"), made_task("2.2")]),
        made_record(
            "bo",
            [made_task("1.2"), made_task("2.1", "failed", "a", SIGMOID, points=2), made_task("2.2", "failed", "x")],
        ),
        made_record(
            "cleo", [made_task("1.2", "failed", "x"), made_task("2.1", "failed", "b", SIGMOID), made_task("2.2")]
        ),
        made_record(
            "dana",
            [
                made_task("1.2", "not_attempted"),
                made_task("2.1", "not_attempted"),
                made_task("2.2", "grader_error", "ValueError: ours"),
            ],
        ),
    ]


def test_points_are_distributed(records):
    everything, first, second = distributions(records, graded_exercises(records, load()))
    assert everything.points == [18, 8, 6, 0]
    assert (everything.median, everything.maximum, everything.full) == (7, 18, 1)
    assert (first.points, second.points) == ([6, 6, 0, 0], [12, 2, 6, 0])


def test_the_hardest_check_is_the_one_that_the_fewest_passed_of_those_who_tried(records):
    found = [(count.task.id, count.check.name, count.passed, count.tried) for count in hardest(records, load())]
    assert found[0] == ("2.1", "test_1", 0, 1)
    assert set(found[1:]) == {("2.1", "test_0", 2, 3), ("1.2", "test_0", 2, 3), ("2.2", "test_0", 2, 3)}


def test_mistakes_are_counted_by_name(records):
    (mistake,) = mistakes(records, load())
    assert (mistake.task.id, mistake.name, mistake.who) == ("2.1", "sigmoid-forgotten", ["bo", "cleo"])
    (reason,) = unnamed(records)
    assert (reason.message, list(reason.tasks), list(reason.who)) == ("x", ["2.2", "1.2"], ["bo", "cleo"])


def test_who_is_stuck(records):
    found = stuck(records, graded_exercises(records, load()))
    assert [(student.name, [task.id for task in student.tried]) for student in found] == [("cleo", ["1.2", "2.1"])]
    begun = made_record("eve", [made_task(t, "not_attempted") for t in ("1.2", "2.1", "3.1")] + [made_task("4.1")])
    (student,) = stuck([begun], graded_exercises([begun], load()))
    assert [exercise.id for exercise in student.not_begun] == ["1", "2", "3"]


def test_what_did_more_than_compute_is_to_be_looked_at(records):
    records[1].notes = ["lib/x.py was left out: it is a link."]
    records[2].tasks[0].checks[0].message = "The code ended the Python process (by calling exit)."
    sources = {"anna": {"losses.py": "import subprocess"}}
    found = {item.name: item.reasons for item in to_inspect(records, sources)}
    assert list(found) == ["anna", "cleo"]
    assert found["cleo"] == ["The code ended the Python process (by calling exit)."]


def test_different_graders_are_said(records):
    assert differing(records) == []
    records[0].environment = records[0].environment.model_copy(update={"seed": 8})
    assert differing(records) == ["seed: 7 (3), 8 (1)"]
    assert "Not all were graded alike" in class_report(records, load())


def test_the_page_shows_it_all(visit, records):
    policy = Late(deadline="2026-12-01T00:00:00Z", percent_per_day=10)
    catalogue = load().model_copy(update={"late": policy})
    times = dict.fromkeys(("anna", "bo", "cleo", "dana"), datetime.fromisoformat("2026-12-02T12:00:00+00:00"))
    seen = visit(class_report(records, catalogue, {"anna": {}, "bo": {}}, accounts(records, catalogue, times)))
    assert (len(seen.requests), seen.said) == (1, [])
    text = seen.page.inner_text("main")
    for shown in ("sigmoid-forgotten", "bo, cleo", "ValueError: ours", "2 days, -20 %", "14.4", "No two submissions"):
        assert shown in text
    assert seen.page.locator("svg.histogram").count() == 3


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_sticks_out_and_no_text_runs(visit, width):
    everything = " ".join(HOSTILE)
    known = Diagnosis(name=everything, sentence=everything)
    records = [
        made_record(
            f"{number} {everything}",
            [
                made_task("2.1", "failed", everything, known),
                made_task("2.2", "failed", everything),
                made_task("2.3", "grader_error", everything),
            ],
            HOSTILE,
        )
        for number in range(3)
    ]
    seen = visit(
        class_report(records, load(), {record.submission: {everything: "os._exit(0)"} for record in records}), width
    )
    assert seen.page.evaluate("window.ran") is None
    assert (len(seen.requests), seen.said) == (1, [])
    assert seen.page.evaluate("document.querySelectorAll('script, iframe, link').length") == 0
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_class_of_one(visit):
    seen = visit(class_report([made_record("anna", [made_task("2.1")])], load()))
    assert "1 submission" in seen.page.inner_text("h1")
