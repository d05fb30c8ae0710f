"""What a run shows while it trains: a bar on a terminal, a line an epoch where the output goes into a file."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn, track

T = TypeVar("T")


class RunProgress(Progress):
    """A bar over all steps of a run, with the epoch, the loss and the best validation IoU."""

    def __init__(self, console: Console, epochs: int, steps: int) -> None:
        columns = [TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"), BarColumn(None)]
        columns += [TextColumn("loss {task.fields[loss]}  val IoU {task.fields[iou]}"), TimeRemainingColumn()]
        super().__init__(*columns, console=console, transient=True, disable=not console.is_terminal)
        self.epochs = epochs
        self.steps = steps
        self.bar = self.add_task("", total=epochs * steps, epoch=1, epochs=epochs, loss="-", iou="-")

    def step(self, epoch: int, step: int) -> None:
        """Say that a step of an epoch (both from 0) is done."""
        self.update(self.bar, completed=epoch * self.steps + step + 1, epoch=epoch + 1)

    def epoch(self, row: dict[str, float], best: bool) -> None:
        """Say what an epoch has come to."""
        iou = f"{row['val_iou']:.4f}" + (" (best)" if best else "")
        self.update(self.bar, loss=f"{row['loss']:.4f}", iou=iou)
        if not self.console.is_terminal:
            self.console.print(
                f"epoch {row['epoch']}/{self.epochs}  loss {row['loss']:.4f}  val IoU {iou}  {row['seconds']:.1f} s",
                soft_wrap=True,
            )


def watched(things: Sequence[T], doing: str, console: Console) -> Iterable[T]:
    """Yield the things, with a bar on a terminal that goes away when it is full."""
    if not console.is_terminal:
        return things
    return track(things, doing, console=console, transient=True)
