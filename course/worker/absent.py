"""Stands in for packages that are not installed here, so that importing one without using it costs nothing.

Many real answers import pandas, seaborn or torchsummary at the top of a file and never touch them again.
"""

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn


class AbsentPackage(types.ModuleType):
    """A package that is not installed: it can be imported, and everything in it can be named, but not used."""

    __path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return AbsentThing(f"{self.__name__}.{name}")


class AbsentThing:
    """A name from a package that is not installed."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *args: object, **kwargs: object) -> NoReturn:
        """Say that it is not there."""
        raise ImportError(f"`{self._name}` is called, but this package is not among those of the course.")

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)  # Python itself asks for these, to find out what it is
        raise ImportError(f"`{self._name}.{name}` is used, but this package is not among those of the course.")


class AbsentFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds every package that nobody else finds. It must be the last finder of all.

    Args:
        own: first parts of module names that are the student's own: a wrong import of those stays an error.
        root: the submission's folder. Only imports in files under it are helped: libraries probe for optional packages.
    """

    def __init__(self, own: set[str], root: Path) -> None:
        self.own = own
        self.root = root

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for an absent package, and for its submodules."""
        first, _, rest = fullname.partition(".")
        inside_absent = isinstance(sys.modules.get(first), AbsentPackage)
        if first in self.own or (rest and not inside_absent) or not self._asked_by_student():
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> AbsentPackage:
        """Return the stand-in."""
        return AbsentPackage(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing is to be run."""

    def _asked_by_student(self) -> bool:
        """Whether the import statement that is being run stands in a file of the submission."""
        frame = sys._getframe(2)
        while frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
            frame = frame.f_back
        return frame is not None and Path(frame.f_code.co_filename).is_relative_to(self.root)
