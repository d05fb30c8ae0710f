"""Imports a student's files one by one, so that an error in one of them costs no other."""

import difflib
import importlib
import sys
import types
from pathlib import Path
from typing import Any

from course.worker.absent import AbsentFinder
from course.worker.encoding import wrong_encoding
from course.worker.faults import Fault, fault_of, relative

PACKAGE = "lib"


class Library:
    """A student's `lib/`, imported file by file under the name `lib`.

    Args:
        root: the submission's folder, which holds `lib/`.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        # `from losses import ...` and `from lib.losses import ...` both occur in real answers.
        sys.path[:0] = [str(root), str(root / PACKAGE)]
        own = {PACKAGE, *(path.stem for path in (root / PACKAGE).glob("*"))}
        sys.meta_path.append(AbsentFinder(own, root))
        for folder in (".", "dataset", "model"):
            self._add_package(root / PACKAGE / folder)

    def symbol(self, file: str, name: str) -> Any:
        """Return what a file of `lib/` defines under a name.

        Raises:
            Fault: the file is missing, cannot be imported, or has no such name.
        """
        path = self.root / PACKAGE / file
        if not path.is_file():
            raise Fault("not_attempted", f"{PACKAGE}/{file} is not in the submission.")
        module = self._import(f"{PACKAGE}." + file.removesuffix(".py").replace("/", "."))
        if not hasattr(module, name):
            raise Fault("missing", f"{PACKAGE}/{file} defines no `{name}`.{_did_you_mean(name, module)}")
        return getattr(module, name)

    def _import(self, module: str) -> types.ModuleType:
        try:
            return importlib.import_module(module)
        except BaseException as error:
            fault = fault_of(error, self.root, kind="import")
            if fault.kind == "import":
                fault.text = f"The file cannot be imported: {self._wrongly_encoded(error, module) or fault.text}"
            raise fault from None

    def _wrongly_encoded(self, error: BaseException, module: str) -> str:
        """Say what is wrong with the encoding of the file that Python could not read; "" where that is not it."""
        if not isinstance(error, SyntaxError):
            return ""
        path = Path(error.filename or self.root / (module.replace(".", "/") + ".py"))
        wrong = wrong_encoding(path.read_bytes()) if path.is_relative_to(self.root) and path.is_file() else None
        return f"{relative(path, self.root)}{wrong}" if wrong else ""

    def _add_package(self, folder: Path) -> None:
        """Make a folder a package.

        Its `__init__.py` is run first. Where there is none, or it fails, say because it imports a file with a syntax
        error, the folder becomes a plain package, so that the other files can still be imported. (Without an
        `__init__.py` of its own, Python would rather take any other `lib` on its path.)
        """
        name = ".".join((PACKAGE, *folder.relative_to(self.root / PACKAGE).parts))
        try:
            if (folder / "__init__.py").is_file():
                importlib.import_module(name)
                return
        except BaseException:
            sys.modules.pop(name, None)
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package


def _did_you_mean(name: str, module: types.ModuleType) -> str:
    """Return a sentence with the closest name that the module itself defines, or nothing."""
    own = [key for key, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__]
    folded = {key.lower().replace("_", ""): key for key in own}
    close = difflib.get_close_matches(name.lower().replace("_", ""), folded, n=1, cutoff=0.5)
    return f" Did you mean `{folded[close[0]]}`? Rename it to `{name}`." if close else ""
