"""A class of three students, taken through nbgrader's own commands: perfect, partial, hostile.

Everything is real: nbgrader, its database, the kernels, the sandbox, and the records of `course grade`.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import nbformat

from course.paths import ROOT

EXERCISE = "ex01"
TASKS = "1.1,1.2"
ANSWER = "Below -88.7 in float32 the exponential overflows; I would use logsigmoid."

# What a hostile cell tries. It prints what it reached; LOOT is a word that only the instructor's files hold.
LOOT = "gradebook-of-this-class"
ATTACK = """
import os, sqlite3, socket, subprocess
from pathlib import Path

database = Path({database!r})
try:
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE grade SET manual_score = 1000, auto_score = 1000, needs_manual_grade = 0")
    print("REACHED: the gradebook")
except Exception as error:
    print("refused:", error)
solutions = Path({root!r}) / "solutions" / "losses.py"
for path in [database.parent / "secret.txt", *database.parent.glob("**/*.db"), solutions]:
    try:
        print("REACHED:", path, path.read_text()[:200])
    except Exception as error:
        print("refused:", error)
try:
    (database.parent / "results" / "hostile").mkdir(parents=True, exist_ok=True)
    (database.parent / "results" / "hostile" / "results.json").write_text("{{}}")
    print("wrote inside the cell only")
except Exception as error:
    print("refused:", error)
try:
    socket.create_connection(("127.0.0.1", {port}), timeout=2)
    print("REACHED: the network")
except Exception as error:
    print("refused:", error)
print("environment:", sorted(name for name in os.environ if "TOKEN" in name or "GRADEBOOK" in name))
import sys
print("to be marked zero", file=sys.stderr)
"""
LIVE = """
from IPython.display import HTML, Javascript, SVG, display

display(HTML("<img src=x onerror=studentWasHere()><script>studentWasHere('in a result')</script>"))
display(Javascript("studentWasHere('in JavaScript')"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg'><script>studentWasHere('in a drawing')</script></svg>"))
"""
LIVE_TEXT = (
    "<script>studentWasHere('in a text')</script> "
    '<a href="javascript:studentWasHere()" onmouseover="studentWasHere()">my answer</a>'
)


@dataclass
class Class:
    """A course folder with a class in it."""

    root: Path

    @property
    def results(self) -> Path:
        return self.root / "results"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.database}"

    @property
    def database(self) -> Path:
        return self.root / "gradebook.db"

    def run(self, *words: str, url: str | None = None, fails: bool = False) -> str:
        """Run a command of nbgrader's or the course's in the course folder, and return what it printed."""
        variables = os.environ | {"OMP_NUM_THREADS": "1", "JUPYTER_PLATFORM_DIRS": "1", "INSTRUCTORS_TOKEN": LOOT}
        if url:
            variables["GRADEBOOK_URL"] = url
        program = ["-c", "from course.cli.main import main; main()"] if words[0] == "course" else ["-m", words[0]]
        done = subprocess.run(
            [sys.executable, *program, *words[1:]],
            cwd=self.root,
            env=variables,
            capture_output=True,
            text=True,
            timeout=600,
        )
        text = done.stdout + done.stderr
        assert (done.returncode != 0) == fails, text
        return text

    def autograded(self, student: str) -> nbformat.NotebookNode:
        return nbformat.read(self.root / f"class/autograded/{student}/{EXERCISE}/{EXERCISE}.ipynb", 4)

    def feedback(self, student: str) -> str:
        return (self.root / f"class/feedback/{student}/{EXERCISE}/{EXERCISE}.html").read_text(encoding="utf-8")


def grades(url: str) -> dict[tuple[str, str], tuple[float | None, float | None, float]]:
    """Return automatic mark, mark by hand and the one that counts, for each student and cell."""
    from nbgrader.api import Gradebook

    with Gradebook(url) as gradebook:
        return {
            (submission.student.id, grade.name): (grade.auto_score, grade.manual_score, grade.score)
            for submission in gradebook.assignment_submissions(EXERCISE)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def shown(cells: list[nbformat.NotebookNode]) -> str:
    """Return the text that cells have shown."""
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    parts = [part for output in outputs for part in (output.get("text"), output.get("evalue"), output.get("data"))]
    return "\n".join(part if isinstance(part, str) else part.get("text/plain", "") for part in parts if part)


class _Live(HTMLParser):
    """Collects what a browser would run of a page, where it calls studentWasHere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._script = tag == "script"
        for name, value in attrs:
            runs = name.startswith("on") or name == "srcdoc" or re.match(r"\s*(javascript|data:text)", value or "")
            if runs and "studentWasHere" in unquote(value or ""):
                self.found.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self._script = False

    def handle_data(self, data: str) -> None:
        if self._script and "studentWasHere" in data:
            self.found.append(data)


def live(page: str) -> list[str]:
    """Return what a browser would run of a page, of what a student wrote to be run."""
    parser = _Live()
    parser.feed(page)
    parser.close()
    return parser.found


def make_submission(folder: Path, library: Path, released: str, answer: str, more: list[str]) -> None:
    """Write a student's repository: lib/, and the notebook with an answer and more cells at its end."""
    shutil.copytree(library, folder / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    notebook = nbformat.reads(released, 4)
    for cell in notebook.cells:
        cell.source = re.sub(r"for step in range\(\d+\)", "for step in range(16)", cell.source)
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "Q1" and answer:
            cell.source = answer
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in more]
    place = folder / "notebooks" / EXERCISE
    place.mkdir(parents=True)
    nbformat.write(notebook, place / f"{EXERCISE}.ipynb")


def take_through(root: Path) -> None:
    """Release, collect, grade, autograde, write marks, and give feedback."""
    made = Class(root)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(ROOT / "notebooks" / EXERCISE, root / "notebooks" / EXERCISE)
    (root / "secret.txt").write_text(LOOT)
    made.run("nbgrader", "generate_assignment", EXERCISE)
    released = (root / f"class/release/{EXERCISE}/{EXERCISE}.ipynb").read_text(encoding="utf-8")

    half = root / "half"
    shutil.copytree(ROOT / "lib", half, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "solutions/losses.py", half)
    submissions = root / "submissions"
    make_submission(submissions / "perfect", ROOT / "solutions", released, ANSWER, ["1 + 1"])
    make_submission(submissions / "partial", half, released, "", [])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        attack = ATTACK.format(database=str(made.database), root=str(ROOT), port=listener.getsockname()[1])
        last = [attack, LIVE, "import os; os._exit(0)", "1"]
        make_submission(submissions / "hostile", half, released, LIVE_TEXT, last)
        # Its graded cells would earn all points in nbgrader's own way.
        path = submissions / "hostile" / "notebooks" / EXERCISE / f"{EXERCISE}.ipynb"
        path.write_text(path.read_text().replace('check(\\"1.1\\")', "6.0"))

        words = ["--tasks", TASKS, "--out", "results", "--jobs", "1", "--sandbox", "auto"]
        made.run("course", "grade", "submissions", *words)
        made.run("course", "nbgrader", "collect", "submissions", "--exercises", "1")
        made.run("nbgrader", "autograde", EXERCISE)
    made.run("course", "nbgrader", "marks", "results")
    made.run("nbgrader", "generate_feedback", EXERCISE)
