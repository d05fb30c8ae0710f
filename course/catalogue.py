"""The catalogue of exercises and tasks: reads `course.toml`, the only list there is."""

import ast
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from course.errors import CourseError
from course.paths import ROOT

CORE_POINTS = 100

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Entry(BaseModel):
    """Anything in the catalogue: unknown keys are errors, so that a misspelt key is noticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Question(Entry):
    """A question that a person marks."""

    id: Text
    title: Text
    points: int = Field(gt=0)


class Task(Entry):
    """The smallest thing that earns points: symbols in a file of `lib/`, or the scripts that use them.

    Attributes:
        file: path inside `lib/` and `solutions/`, where `symbols` are defined.
        also: symbols of other files that belong to the task, as "file:symbol".
        scripts: files of the project's root that the task runs.
        needs: tasks whose symbols this one uses: while they are empty, this one cannot be attempted.
        bonus: points that can be earned beside `points`.
        hint: the first hint, which gives nothing away.
        hints: further ones for who asks again, each gives away more than the one before.
        accept: names of the answers that earn the points; None: every legitimate definition in the answer bank.
    """

    id: Text
    title: Text
    points: int = Field(gt=0)
    bonus: int = Field(default=0, ge=0)
    file: Text | None = None
    symbols: list[Text] = []
    also: list[Annotated[str, StringConstraints(pattern=r"^[\w/]+\.py:\w+$")]] = []
    scripts: list[Text] = []
    needs: list[Text] = []
    hint: Text
    hints: list[Text] = []
    sources: list[Text] = Field(min_length=1)
    accept: list[Text] | None = None

    @property
    def references(self) -> list[tuple[str, str]]:
        """Every (file, symbol) that a student writes for this task."""
        own = [(self.file, symbol) for symbol in self.symbols] if self.file else []
        return own + [tuple(reference.split(":")) for reference in self.also]

    @property
    def exercise(self) -> str:
        """The exercise's id: "2" for task "2.1"."""
        return self.id.split(".")[0]


class Late(Entry):
    """What a late hand-in costs: `percent_per_day` of an exercise's points for each started day, at most `cap_percent`.

    Attributes:
        deadline: of all exercises that have none of their own; with its time zone.
        grace_days: days after the deadline that cost nothing; half a day is 0.5.
    """

    deadline: AwareDatetime | None = None
    grace_days: float = Field(default=0, ge=0)
    percent_per_day: float = Field(gt=0, le=100)
    cap_percent: float = Field(default=100, gt=0, le=100)


class Exercise(Entry):
    """A sheet of tasks and questions."""

    id: Text
    title: Text
    part: Literal["core", "beyond"]
    tasks: list[Task] = Field(min_length=1)
    questions: list[Question] = []
    deadline: AwareDatetime | None = None


class Catalogue(Entry):
    """All exercises, in order."""

    title: Text
    exercises: list[Exercise] = Field(min_length=1)
    late: Late | None = None

    @property
    def tasks(self) -> list[Task]:
        """All tasks, in order."""
        return [task for exercise in self.exercises for task in exercise.tasks]

    def task(self, task_id: str) -> Task:
        """Return the task with this id.

        Raises:
            CourseError: there is none.
        """
        for task in self.tasks:
            if task.id == task_id:
                return task
        known = ", ".join(task.id for task in self.tasks)
        raise CourseError(f"There is no task {task_id}. The tasks are {known}: see `course list`.")

    def task_of(self, file: str, symbol: str) -> Task | None:
        """Return the first task in which students write this symbol, None where it is given to them."""
        return next((task for task in self.tasks if (file, symbol) in task.references), None)

    def select(self, task_ids: list[str]) -> list[Task]:
        """Return the tasks for ids such as "2.1" or "2" (a whole exercise); all tasks for an empty list.

        Raises:
            CourseError: an id is unknown.
        """
        if not task_ids:
            return self.tasks
        exercises = {exercise.id for exercise in self.exercises}
        wanted = {self.task(task_id).id for task_id in task_ids if task_id not in exercises}
        return [task for task in self.tasks if task.id in wanted or task.exercise in task_ids]


def read(path: Path, solutions: Path) -> Catalogue:
    """Read and check a catalogue.

    Args:
        path: the `course.toml`.
        solutions: the folder in which every file and symbol must be found.

    Raises:
        CourseError: the file is missing, is no TOML, has a wrong entry, or its entries contradict each other.
    """
    try:
        catalogue = Catalogue.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise CourseError(f"The catalogue {path} cannot be read: {error.strerror}.") from None
    except tomllib.TOMLDecodeError as error:
        raise CourseError(f"{path} is not valid TOML: {error}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise CourseError(f"{path}: {_where(first['loc'])}: {first['msg']}.") from None
    problems = [*_problems(catalogue), *_missing(catalogue, solutions)]
    if problems:
        raise CourseError(f"{path}: {problems[0]}")
    return catalogue


@cache
def load() -> Catalogue:
    """Return the course's own catalogue."""
    return read(ROOT / "course.toml", ROOT / "solutions")


def _where(location: tuple) -> str:
    """Turn ("exercises", 1, "tasks", 0, "hint") into "exercises 2, tasks 1, hint"."""
    words: list[str] = []
    for part in location:
        if isinstance(part, int):
            words[-1] += f" {part + 1}"
        else:
            words.append(part)
    return ", ".join(words)


def _problems(catalogue: Catalogue) -> list[str]:
    """Find entries that contradict each other."""
    problems = []
    ids = [exercise.id for exercise in catalogue.exercises] + [task.id for task in catalogue.tasks]
    ids += [question.id for exercise in catalogue.exercises for question in exercise.questions]
    problems += [f"the id {id_} is used twice." for id_ in sorted({id_ for id_ in ids if ids.count(id_) > 1})]
    for exercise in catalogue.exercises:
        for task in exercise.tasks:
            if task.exercise != exercise.id:
                problems.append(f"task {task.id} stands in exercise {exercise.id}.")
            if not task.references and not task.scripts:
                problems.append(f"task {task.id} has neither a symbol nor a script.")
            problems += [f"task {task.id} needs {need}, which there is not." for need in task.needs if need not in ids]
    return problems


def _missing(catalogue: Catalogue, solutions: Path) -> list[str]:
    """Find points that are missing, and files and symbols that the solutions do not have.

    A student's copy has no solutions, and perhaps some of the exercises only: nothing to check.
    """
    if not solutions.is_dir():
        return []
    problems = []
    for exercise in catalogue.exercises:
        if catalogue.late and not (catalogue.late.deadline or exercise.deadline):
            problems.append(f"[late] has no deadline, and exercise {exercise.id} has none of its own.")
        if exercise.deadline and not catalogue.late:
            problems.append(f"exercise {exercise.id} has a deadline, but [late] does not say what being late costs.")
    core = sum(task.points for e in catalogue.exercises if e.part == "core" for task in e.tasks)
    if core != CORE_POINTS:
        problems.append(f"the points of the core tasks add up to {core}, not {CORE_POINTS}.")
    for task in catalogue.tasks:
        for file, symbol in task.references:
            path = solutions / file
            if not path.is_file():
                problems.append(f"task {task.id} names the file {file}, which is not under {solutions}.")
            elif symbol not in defined_symbols(path):
                problems.append(f"task {task.id} names the symbol {symbol}, which {path} does not define.")
        for script in task.scripts:
            if not (solutions.parent / script).is_file():
                problems.append(f"task {task.id} names the script {script}, which is not in {solutions.parent}.")
    return problems


def defined_symbols(path: Path) -> set[str]:
    """Return the names of the functions and classes that a file defines at its top level."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
