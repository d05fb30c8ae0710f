"""Grades what lies in Gradescope's folder `submission`, and writes `results/results.json` for it.

Where the graders themselves fail no results are written: Gradescope then says that the autograder did not work, and
gives no mark.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from course.catalogue import load
from course.grading.record import CheckResult, Results, TaskResult
from course.report.files import read_record

ROOT = Path(os.environ["AUTOGRADER_ROOT"])
FAULT = "The graders failed here, not you: nothing is decided yet. Tell your teachers."
COURSE = [sys.executable, "-c", "from course.cli.main import main; main()"]


def main() -> None:
    """Grade, and write what Gradescope reads."""
    settings = json.loads(Path("autograder.json").read_text(encoding="utf-8"))
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as out:
        words = ["grade", ROOT / "submission", "--out", out, "--seed", settings["seed"], "--jobs", 1]
        words += ["--sandbox", settings["sandbox"], "--tasks", settings["tasks"]]
        code = subprocess.run([*COURSE, *map(str, words)], check=False).returncode
        folders = [path.parent for path in Path(out).glob("*/results.json")]
        if code not in (0, 1) or len(folders) != 1:
            sys.exit(f"course grade ended with {code} and {len(folders)} records: no results are written.")
        results = gradescope_results(read_record(folders[0]), settings["visibility"])
    results["execution_time"] = round(time.monotonic() - start)
    target = ROOT / "results" / "results.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(results, indent=1), encoding="utf-8")


def gradescope_results(record: Results, visibility: str) -> dict:
    """Return a record as Gradescope reads it: one test for each check.

    Args:
        visibility: of each test: "visible", "after_due_date", "after_published" or "hidden".
    """
    tests = [_test(task, check) | {"visibility": visibility} for task in record.tasks for check in task.checks]
    return {
        "output": "\n".join(record.notes),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {"graders": record.environment.graders, "sandbox": record.environment.sandbox},
    }


def _test(task: TaskResult, check: CheckResult) -> dict:
    """Return a check as a test. A bonus check is worth its points beyond the most there are."""
    return {
        "number": task.id,
        "name": check.sentence,
        "score": check.points,
        "max_score": 0 if check.bonus else check.max_points,
        "status": "passed" if check.verdict == "passed" else "failed",
        "output": "\n\n".join(_words(task, check)),
    }


def _words(task: TaskResult, check: CheckResult) -> list[str]:
    """Return what a student reads about a check."""
    if check.verdict == "grader_error":
        return [FAULT]
    if check.verdict == "passed":
        return [check.message] if check.message else []
    known = [task.diagnosis.sentence] if task.diagnosis and check.verdict == "failed" else []
    return [check.message, *known, f"Hint: {load().task(task.id).hint}"]


if __name__ == "__main__":
    main()
