"""`course list`: what there is to do, and what it is worth."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from course.catalogue import Catalogue, Exercise, Task


def list_tasks(
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole catalogue as JSON.")] = False,
) -> None:
    """List the exercises and their tasks: points, and the file and the symbols that a student writes."""
    from rich.console import Console

    from course.catalogue import load

    catalogue = load()
    if as_json:
        print(json.dumps(as_data(catalogue), indent=2))
        return
    console = Console(highlight=False, markup=False)
    console.print(_table(catalogue))
    for part in ("core", "beyond"):
        console.print(_total(part, [exercise for exercise in catalogue.exercises if exercise.part == part]))


def as_data(catalogue: Catalogue) -> dict:
    """Return the catalogue as plain data; each task also has its `references`, a list of {file, symbol}."""
    data = catalogue.model_dump(mode="json")
    tasks = [task for exercise in data["exercises"] for task in exercise["tasks"]]
    for entry, task in zip(tasks, catalogue.tasks, strict=True):
        entry["references"] = [{"file": file, "symbol": symbol} for file, symbol in task.references]
    return data


def _table(catalogue: Catalogue) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(title=catalogue.title, box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Task", no_wrap=True)
    table.add_column("Title", ratio=1)
    table.add_column("Points", justify="right", no_wrap=True)
    table.add_column("File: what you write", ratio=1)
    for exercise in catalogue.exercises:
        points = sum(task.points for task in exercise.tasks)
        table.add_row(exercise.id, exercise.title, str(points), "", style="bold")
        for task in exercise.tasks:
            table.add_row(task.id, task.title, _points(task.points, task.bonus), _place(task))
        for question in exercise.questions:
            table.add_row(question.id, question.title, f"({question.points})", "in words, marked by a person")
        table.add_section()
    return table


def _points(points: int, bonus: int) -> str:
    return f"{points} +{bonus}" if bonus else str(points)


def _place(task: Task) -> str:
    """Return "losses.py: BCELoss", one line for each file; the scripts where a task has no file."""
    symbols: dict[str, list[str]] = {}
    for file, symbol in task.references:
        symbols.setdefault(file, []).append(symbol)
    return "\n".join(f"{file}: {', '.join(names)}" for file, names in symbols.items()) or ", ".join(task.scripts)


def _total(part: str, exercises: list[Exercise]) -> str:
    """Return "Core: 100 points, 2 bonus points, 16 points in words"."""
    tasks = [task for exercise in exercises for task in exercise.tasks]
    bonus = sum(task.bonus for task in tasks)
    questions = sum(question.points for exercise in exercises for question in exercise.questions)
    terms = [f"{sum(task.points for task in tasks)} points"]
    terms += [f"{bonus} bonus points"] if bonus else []
    terms += [f"{questions} points in words"] if questions else []
    return f"{part.capitalize()}: {', '.join(terms)}"
