"""Load the student's parts (or the reference's), and say in one sentence what is wrong with them."""

import importlib
import inspect
import os
import re
import sys
import time
import traceback
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from course.errors import CourseError
from course.training.files import show

FILES = {
    "EncDec": "model.EncDecModel",
    "UNet": "model.UNetModel",
    "UNet2": "model.UNetModel",
    "DilatedNet": "model.DilatedNetModel",
    "PhC": "dataset.PhCDataset",
    "Facade": "dataset.FacadeDataset",
}
MODELS = ["EncDec", "UNet", "UNet2", "DilatedNet"]


class PartError(Exception):
    """A part of the student's (a data set, a loss, a model) does not do what its docstring says: a sentence."""


class Parts:
    """The parts of one package, `lib` or `solutions`, that stands in the folder `home`."""

    def __init__(self, home: Path, solutions: bool) -> None:
        self.package = "solutions" if solutions else "lib"
        self.folder = home / self.package
        if not self.folder.is_dir():
            raise CourseError(f"There is no folder {show(self.folder)}: it holds the parts that this program uses.")
        if str(home) not in sys.path:
            sys.path.insert(0, str(home))

    def load(self, name: str) -> Any:
        """Return a model's or a data set's class. Only its own file is needed: others may hold errors."""
        file = FILES[name]
        found = self._module(file)
        if not hasattr(found, name):
            raise PartError(f"{show(self.path(file))} has no {name}.")
        return getattr(found, name)

    def build(self, name: str, *arguments: Any, **named: Any) -> Any:
        """Return a new model or data set."""
        return _call(self.load(name), self.where(name), *arguments, **named)

    def model(self, name: str, num_classes: int) -> nn.Module:
        """Return a model with new weights. For one class its default will do: some know no other."""
        model = self.build(name, **({} if num_classes == 1 else {"num_classes": num_classes}))
        if not isinstance(model, nn.Module) or not list(model.parameters()):
            raise PartError(f"{self.where(name)} is no network: it has no parameters.")
        return model

    def where(self, name: str) -> str:
        """Return the path of the file that a model or a data set is in, as the user knows it."""
        return show(self.path(FILES[name]))

    def loss(self, name: str, device: torch.device, **arguments: Any) -> Callable[[Tensor, Tensor], Tensor]:
        """Return the loss, to be called as `loss(y_pred, y_true)`; a plain function will do as well as a class."""
        module = self._module("losses")
        found = getattr(module, name, None)
        if not callable(found):
            known = [n for n, thing in vars(module).items() if getattr(thing, "__module__", "") == module.__name__]
            raise CourseError(f"{show(self.path('losses'))} has no loss {name}. It has: {', '.join(sorted(known))}.")
        loss = _call(found, show(self.path("losses")), **arguments) if inspect.isclass(found) else found
        if isinstance(loss, nn.Module):
            loss.to(device)
        names = list(inspect.signature(getattr(loss, "forward", loss)).parameters)
        if len(names) < 2:
            raise CourseError(f"{name} is no loss to train with: it takes {', '.join(names)}, not y_pred and y_true.")
        if names[:2] in (["y_true", "y_pred"], ["y_real", "y_pred"]):  # the order of earlier years
            return lambda y_pred, y_true: loss(y_true, y_pred)
        return loss

    def metrics(self) -> types.ModuleType:
        """Return the module of the metrics."""
        return self._module("metrics")

    def path(self, file: str) -> Path:
        """Return the path of a file, given as `model.UNetModel`."""
        return self.folder / (file.replace(".", "/") + ".py")

    def _module(self, file: str) -> types.ModuleType:
        if not self.path(file).is_file():
            raise CourseError(f"There is no file {show(self.path(file))}.")
        try:
            return importlib.import_module(f"{self.package}.{file}")
        except Exception:
            # The error may be in a neighbour that `__init__.py` imports: try this file without the `__init__.py`.
            for parent in [self.package, *[f"{self.package}.{file.split('.')[0]}"][: file.count(".")]]:
                bare = types.ModuleType(parent)
                bare.__path__ = [str(self.folder.parent / parent.replace(".", "/"))]
                sys.modules[parent] = bare
            return importlib.import_module(f"{self.package}.{file}")


def _call(part: Callable, where: str, *arguments: Any, **named: Any) -> Any:
    try:
        return part(*arguments, **named)
    except TypeError as error:
        if error.__traceback__ is not None and error.__traceback__.tb_next is None:  # the call itself, not its inside
            raise PartError(f"{where}: {error}.") from None
        raise


def run_program(main: Callable[[], int | None], home: Path, reference: str) -> None:
    """Run a program, and turn what goes wrong into a sentence on the standard error and an exit code.

    2: the input is wrong, or an exercise is not filled in. 1: the student's code is wrong. 130: stopped by Ctrl-C.
    Anything else is our own error and keeps its traceback.

    Args:
        main: the program; returns its exit code, or None for 0.
        home: the folder that `lib/` and `solutions/` are in.
        reference: what `--solutions` does in this program, for who has not filled in an exercise yet.
    """
    try:
        code = main() or 0
    except KeyboardInterrupt:
        code, message = 130, "Stopped by Ctrl-C."
    except Exception as error:
        explained = explain(error, home, reference)
        if explained is None:
            raise
        code, message = explained
    else:
        sys.exit(code)
    if int(os.environ.get("RANK", "0")) == 0:
        print(message, file=sys.stderr, flush=True)
    else:
        time.sleep(1)  # the first process to end takes the others with it: let the one that speaks be first
    sys.exit(code)


def explain(error: Exception, home: Path, reference: str) -> tuple[int, str] | None:
    """Return the exit code and the text for an error, or None where it is nobody's but ours."""
    if isinstance(error, CourseError):
        return 2, str(error)
    if isinstance(error, PartError):
        return 1, str(error)
    frames = own_frames(error, home)
    if isinstance(error, SyntaxError) and _is_own(error.filename, home):
        text = (error.text or "").strip()
        return 1, f"{show(Path(error.filename))}, line {error.lineno}: {type(error).__name__}: {error.msg}\n    {text}"
    unfilled = re.match(r"Exercise (\d+\.\d+): ", str(error)) if isinstance(error, NotImplementedError) else None
    if unfilled and frames:
        where = f"{show(Path(frames[-1].filename))}, line {frames[-1].lineno}"
        return 2, (
            f"Exercise {unfilled.group(1)} is not filled in yet: {where}. `course check {unfilled.group(1)}` says what "
            f"is asked; {reference}."
        )
    if frames:
        lines = [f"{show(Path(f.filename))}, line {f.lineno}, in {f.name}:\n    {f.line}" for f in frames]
        return 1, "\n".join([*lines, f"{type(error).__name__}: {error}"])
    if isinstance(error, OSError) and error.filename and error.strerror:
        return 2, f"{show(Path(error.filename))}: {error.strerror}."
    return None


def own_frames(error: BaseException, home: Path) -> list[traceback.FrameSummary]:
    """Return the lines of `lib/` and `solutions/` that the error went through, outermost first."""
    return [frame for frame in traceback.extract_tb(error.__traceback__) if _is_own(frame.filename, home)]


def _is_own(filename: str | None, home: Path) -> bool:
    path = Path(filename or "").resolve()
    return any(path.is_relative_to(home / package) for package in ("lib", "solutions"))
