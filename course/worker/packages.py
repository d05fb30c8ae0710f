"""Imports the folders of a student's `lib/` as packages, with an `__init__.py`, without one, and with a broken one."""

import importlib.abc
import importlib.machinery
import importlib.util
import types
from collections.abc import Sequence
from pathlib import Path

PACKAGE = "lib"


class PackageFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds `lib` and the packages in it. It must be the first finder of all: others might know another `lib`.

    Args:
        root: the submission's folder, which holds `lib/`.
    """

    def __init__(self, root: Path) -> None:
        self.folders = {PACKAGE: root / PACKAGE}
        self.folders |= {f"{PACKAGE}.{name}": root / PACKAGE / name for name in ("dataset", "model")}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for one of these packages."""
        folder = self.folders.get(fullname)
        if folder is None:
            return None
        init = folder / "__init__.py"
        if not init.is_file():
            spec = importlib.machinery.ModuleSpec(fullname, self, is_package=True)
            spec.submodule_search_locations = [str(folder)]
            return spec
        return importlib.util.spec_from_file_location(
            fullname, init, loader=self, submodule_search_locations=[str(folder)]
        )

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the package's `__init__.py`, if it has one.

        Where it fails, say because it imports a file with a syntax error, the folder becomes a plain package, so that
        its other files can still be imported.
        """
        if module.__spec__ is None or not module.__spec__.has_location:
            return
        before = dict(vars(module))
        try:
            importlib.machinery.SourceFileLoader(module.__name__, str(module.__file__)).exec_module(module)
        except BaseException:
            vars(module).clear()
            vars(module).update(before)
