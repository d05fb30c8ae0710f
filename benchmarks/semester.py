"""A semester with generated students, from the release to the exported marks, each step by its real command.

    uv run python -m benchmarks.semester --students 30 --out /tmp/semester

Every student works in a copy of the release: some tasks are right, some are known mistakes, some are not begun, and
the questions of the notebooks have an answer. Then everything is done that an instructor does, in the order of
docs/instructors.md, and the seconds of each step are printed, with what the command said last. The folder is kept.
The key of the hidden seeds is the project's own, `private/seed.toml`; it is made where there is none.
"""

import argparse
import csv
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from answers.entry import Answer
from course.catalogue import Task, load
from course.grading.bank import load_bank, with_answer
from course.paths import ROOT

NAMES = "ada alan anna ben carla david edith emil fatma felix grace hugo ida jan kim lena leo maja max mina noah nora"
NAMES += " olga omar paul rosa sami tara umut vera"
ASSIGNMENTS = [f"ex{number:02}" for number in range(1, 7)]
ASKING = ["ex01", "ex03", "ex05", "ex06"]  # those with questions, for which a person gives the marks
ANSWER = "Nearly all pixels are background: a mean over pixels hardly sees the cell, a ratio of sums does."


class Semester:
    """The folder of a class, the steps that were done in it, and how long they took."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.steps: list[tuple[str, float, str]] = []

    def run(self, *words: str) -> None:
        """Run a command of the course's or nbgrader's, and note its seconds and its last line."""
        program = ["-c", "from course.cli.main import main; main()"] if words[0] == "course" else ["-m", words[0]]
        start = time.monotonic()
        done = subprocess.run(
            [sys.executable, *program, *words[1:]],
            cwd=self.root,
            env=os.environ | {"COLUMNS": "100", "JUPYTER_PLATFORM_DIRS": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        last = [line for line in done.stdout.splitlines() if line.strip()][-1:] or [""]
        self.note(" ".join(words), time.monotonic() - start, last[0].strip())
        if done.returncode:
            raise SystemExit(f"{' '.join(words)} failed:\n{done.stdout}")

    def note(self, what: str, seconds: float, said: str) -> None:
        """Note a step, and print it at once."""
        self.steps.append((what, seconds, said))
        print(f"{seconds:7.1f} s  {what}\n           {said}", flush=True)


def main() -> None:
    """Go through the semester."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=30, help="default: 30")
    parser.add_argument("--out", type=Path, required=True, help="a folder that does not exist yet")
    parser.add_argument("--notebook", default="ex03", choices=ASKING, help="which is run for all; default: ex03")
    parser.add_argument("--jobs", type=int, default=2, help="submissions graded side by side; default: 2")
    args = parser.parse_args()
    args.out.mkdir(parents=True)
    semester = Semester(args.out.resolve())
    names = [f"{name}{number or ''}" for number in range(1 + args.students // 30) for name in NAMES.split()]
    names = names[: args.students]
    prepare(semester)
    hand_in(semester, names)
    grade(semester, args.jobs, args.notebook)
    hand_in_again(semester, names[:3])
    grade_again(semester, args.jobs, args.notebook)
    give_back(semester, names, args.notebook)
    total = sum(seconds for _, seconds, _ in semester.steps)
    print(f"\n{len(semester.steps)} steps, {total / 60:.1f} min in all; everything is in {semester.root}")


def prepare(semester: Semester) -> None:
    """Release the students' repository and nbgrader's notebooks."""
    shutil.copy(ROOT / "nbgrader_config.py", semester.root)
    semester.run("course", "release", "--out", "students", "--exercises", "1-6")
    for name in ASSIGNMENTS:
        shutil.copytree(ROOT / "notebooks" / name, semester.root / "notebooks" / name)
        semester.run("nbgrader", "generate_assignment", name)


def hand_in(semester: Semester, names: list[str]) -> None:
    """Let every student work in a copy of the release, and hand it in."""
    start = time.monotonic()
    for number, name in enumerate(names):
        folder = semester.root / "submissions" / name
        ignored = shutil.ignore_patterns("__pycache__", "data", "tests", "course")
        shutil.copytree(semester.root / "students", folder, ignore=ignored)
        work(folder, random.Random(number), begun=0.4 + 0.6 * (number + 1) / len(names))
    semester.note(f"{len(names)} students work and hand in", time.monotonic() - start, "generated")


def work(folder: Path, chance: random.Random, begun: float) -> None:
    """Fill in a student's files: that share of the tasks is begun, and a third of those with a known mistake."""
    catalogue = load()
    solved = [task for task in catalogue.tasks if task.references and task.exercise in "123456"]
    solved = solved[: round(begun * len(solved))]
    by_task: dict[str, list[Answer]] = defaultdict(list)
    for answer in load_bank():
        by_task[answer.task].append(answer)
    files = {file for task in solved for file, _ in task.references}
    for file in files:
        shutil.copy(ROOT / "solutions" / file, folder / "lib" / file)
    for task in solved:
        known = by_task[task.id]
        if known and chance.random() < 0.5:
            put(folder, task, chance.choice(known))
    for path in sorted((folder / "notebooks").glob("ex0?/*.ipynb")):
        notebook = nbformat.read(path, 4)
        for cell in notebook.cells:
            if is_question(cell.metadata.get("nbgrader", {}).get("grade_id", "")):
                cell.source = ANSWER
        nbformat.write(notebook, path)


def is_question(cell: str) -> bool:
    """Whether a cell of a notebook is an answer for which a person gives the marks."""
    return re.fullmatch(r"Q\d+", cell) is not None


def put(folder: Path, task: Task, answer: Answer) -> None:
    """Put a known answer in the place of the symbol that it is an answer to."""
    file = next(file for file, symbol in task.references if symbol == answer.symbol)
    path = folder / "lib" / file
    path.write_text(with_answer(path.read_text(), answer), encoding="utf-8")


def grade(semester: Semester, jobs: int, notebook: str) -> None:
    """Grade with the hidden seed, run the notebooks, and mark the questions by hand."""
    semester.run("course", "grade", "submissions", "--out", "results", "--jobs", str(jobs), "--tasks", "1,2,3,4,5,6")
    semester.run("course", "nbgrader", "collect", "submissions")
    semester.run("nbgrader", "autograde", notebook)
    semester.run("course", "nbgrader", "marks", "results")
    mark_by_hand(semester, notebook)


def mark_by_hand(semester: Semester, notebook: str) -> None:
    """Give each answer half of its marks, through the interface that the formgrader uses."""
    start, marked = time.monotonic(), 0
    with Gradebook(f"sqlite:///{semester.root / 'gradebook.db'}") as gradebook:
        for submission in gradebook.assignment_submissions(notebook):
            for grade in submission.notebooks[0].grades:
                if is_question(grade.name):
                    grade.manual_score = grade.max_score / 2
                    grade.needs_manual_grade = False
                    marked += 1
        gradebook.db.commit()
    semester.note(f"questions of {notebook} marked by hand", time.monotonic() - start, f"{marked} answers")


def hand_in_again(semester: Semester, names: list[str]) -> None:
    """Let a few students hand in the reference in the place of theirs."""
    for name in names:
        library = semester.root / "submissions" / name / "lib"
        shutil.rmtree(library)
        shutil.copytree(ROOT / "solutions", library, ignore=shutil.ignore_patterns("__pycache__"))


def grade_again(semester: Semester, jobs: int, notebook: str) -> None:
    """Grade who handed in again, and look whether the marks given by hand are still there."""
    words = ["--out", "results", "--jobs", str(jobs), "--tasks", "1,2,3,4,5,6", "--resume"]
    semester.run("course", "grade", "submissions", *words)
    semester.run("course", "nbgrader", "marks", "results")
    with Gradebook(f"sqlite:///{semester.root / 'gradebook.db'}") as gradebook:
        submissions = gradebook.assignment_submissions(notebook)
        grades = [grade for submission in submissions for grade in submission.notebooks[0].grades]
        questions = [grade for grade in grades if is_question(grade.name)]
        kept = sum(grade.manual_score == grade.max_score / 2 for grade in questions)
    semester.note("marks by hand that survived", 0.0, f"{kept} of {len(questions)}")


def give_back(semester: Semester, names: list[str], notebook: str) -> None:
    """Write feedback, the report, and the marks in all formats."""
    semester.run("course", "feedback", "results", "--out", "feedback")
    semester.run("course", "report", "results", "--submissions", "submissions", "--out", "class.html")
    with (semester.root / "roster.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["submission", "id", "username", "email", "first_name", "last_name", "canvas_id"])
        for number, name in enumerate(names):
            writer.writerow([name, number, name, f"{name}@example.org", name.title(), "Example", 1000 + number])
    for name in ("csv", "canvas", "moodle", "brightspace", "nbgrader"):
        words = ["--format", name, "--roster", "roster.csv", "--out", f"{name}.csv"]
        semester.run("course", "export", "results", *words)
    semester.run("nbgrader", "generate_feedback", notebook)
    semester.run("nbgrader", "export", "--to", "nbgrader-export.csv")


if __name__ == "__main__":
    main()
