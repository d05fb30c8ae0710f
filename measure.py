"""Measure masks against labels: `uv run measure.py --predictions DIR --labels data/phc/test/labels`.

Prints the metrics of each image and over the set (docs/metrics.md says how they are computed); `--csv` writes them.
"""

import argparse
import csv
import math
from pathlib import Path

from rich.console import Console
from rich.table import Table

from course.training.files import show, whole
from course.training.measuring import Scores, match, measure
from course.training.pairs import TASKS
from course.training.parts import Parts, run_program

HOME = Path(__file__).resolve().parent
ROWS = 40


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Measure masks against labels.", allow_abbrev=False)
    add = parser.add_argument
    add("--predictions", type=Path, required=True, metavar="DIR", help="what predict.py wrote")
    add("--labels", type=Path, required=True, metavar="DIR", help="the labels, with the same numbers in their names")
    add("--task", choices=TASKS, default="cells", help="default: cells")
    add("--csv", type=Path, metavar="FILE", help="write the table there, too")
    add("--solutions", action="store_true", help="use the metrics of solutions/ instead of lib/")
    return parser.parse_args()


def main() -> None:
    """Measure."""
    args = parse()
    console = Console(highlight=False, soft_wrap=True)
    task = TASKS[args.task]
    metrics = Parts(HOME, args.solutions).metrics()
    pairs, remarks = match(task, args.predictions, args.labels)
    scores = measure(task, pairs, metrics)
    console.print(table_of(scores))
    if scores.classes:
        values = [f"{number}: {shown(value)}" for number, value in enumerate(scores.classes, start=1)]
        console.print("IoU of each class over the set (number on disk):")
        console.print("  " + "  ".join(values[:6]) + "\n  " + "  ".join(values[6:]))
    for remark in remarks:
        console.print(remark)
    if args.csv:
        write_csv(args.csv, scores)
        console.print(f"Written to {show(args.csv)}.")


def shown(value: float) -> str:
    """Return a score as text; what is undefined is n/a, never 0 and never 1."""
    return "n/a" if math.isnan(value) else f"{value:.4f}"


def table_of(scores: Scores) -> Table:
    """Return the table: images, then the set, then the mean over the images."""
    table = Table(box=None, header_style="bold")
    table.add_column("image", no_wrap=True)
    for column in scores.columns:
        table.add_column(column, justify="right")
    rows = list(scores.images.items())
    if len(rows) > ROWS:
        rows = sorted(rows, key=lambda row: row[1][-1])[:ROWS]
        table.title = f"The {ROWS} worst of {len(scores.images)} images; --csv FILE writes all"
    for name, values in rows:
        table.add_row(name, *map(shown, values))
    mean, undefined = scores.mean_and_undefined()
    table.add_section()
    table.add_row("set", *map(shown, scores.whole_set), style="bold")
    table.add_row("mean of images", *map(shown, mean))
    if any(undefined):
        table.add_row("n/a in images", *map(str, undefined))
    return table


def write_csv(path: Path, scores: Scores) -> None:
    """Write the table, an undefined score as an empty field."""
    mean, undefined = scores.mean_and_undefined()
    with whole(path) as unfinished, unfinished.open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["image", *scores.columns])
        for name, values in [*scores.images.items(), ("set", scores.whole_set), ("mean of images", mean)]:
            table.writerow([name, *("" if math.isnan(value) else f"{value:.6f}" for value in values)])
        table.writerow(["n/a in images", *undefined])
        for number, value in enumerate(scores.classes, start=1):
            table.writerow([f"class {number} IoU", "", "" if math.isnan(value) else f"{value:.6f}"])


if __name__ == "__main__":
    run_program(main, HOME, "`--solutions` takes the reference")
