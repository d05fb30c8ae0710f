"""Imports a student's files one by one, so that an error in one of them costs no other."""

import difflib
import importlib
import importlib.machinery
import sys
import types
from functools import lru_cache
from pathlib import Path
from typing import Any

from course.worker.absent import AbsentFinder, AbsentPackage
from course.worker.encoding import wrong_encoding
from course.worker.faults import Fault, fault_of, relative
from course.worker.names import another_name, folded
from course.worker.packages import PACKAGE, PackageFinder


class Library:
    """A student's `lib/`, imported file by file under the name `lib`.

    Args:
        root: the submission's folder, which holds `lib/`.

    Attributes:
        notes: what was taken for what, in sentences for the student.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.notes: list[str] = []
        self._before = set(sys.modules)
        # `from losses import ...` and `from lib.losses import ...` both occur in real answers.
        self._places = [str(root), str(root / PACKAGE)]
        sys.path[:0] = self._places
        own = {PACKAGE, *(path.stem for path in (root / PACKAGE).glob("*"))}
        self._finders = [PackageFinder(root), AbsentFinder(own, root)]
        sys.meta_path[:] = [self._finders[0], *sys.meta_path, self._finders[1]]

    def symbol(self, file: str, name: str) -> Any:
        """Return what a file of `lib/` defines under a name.

        Raises:
            Fault: the file is missing, cannot be imported, or has no such name.
        """
        path = self.root / PACKAGE / file
        if not path.is_file():
            raise Fault("not_attempted", f"{PACKAGE}/{file} is not in the submission.")
        module = self._import(f"{PACKAGE}." + file.removesuffix(".py").replace("/", "."))
        if hasattr(module, name):
            return getattr(module, name)
        other = another_name(name, module)
        if other is None:
            raise Fault("missing", f"{PACKAGE}/{file} defines no `{name}`.{_did_you_mean(name, module)}")
        self.note(f"{PACKAGE}/{file} defines no `{name}`: its `{other}` was taken for it. Better rename it.")
        return getattr(module, other)

    def note(self, sentence: str) -> None:
        """Say once what was adapted."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def close(self) -> None:
        """Forget all modules of the student's, and the stand-ins for those that are absent."""
        for name in set(sys.modules) - self._before:
            if self._is_students(sys.modules[name]):
                del sys.modules[name]
        sys.path[:] = [place for place in sys.path if place not in self._places]
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder not in self._finders]

    def _is_students(self, module: types.ModuleType) -> bool:
        places = [getattr(module, "__file__", None) or "", *getattr(module, "__path__", ())]
        return isinstance(module, AbsentPackage) or any(Path(place).is_relative_to(self.root) for place in places)

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


def remember_compiled() -> None:
    """Compile a file once for all checks of this process: each imports it anew, and compiling takes most of that."""
    sys.dont_write_bytecode = True
    compile_source = importlib.machinery.SourceFileLoader.source_to_code
    compiled = lru_cache(maxsize=1000)(lambda data, path: compile_source(None, data, path))
    importlib.machinery.SourceFileLoader.source_to_code = lambda loader, data, path, **_: compiled(bytes(data), path)


def _did_you_mean(name: str, module: types.ModuleType) -> str:
    """Return a sentence with the closest name that the module itself defines, or nothing."""
    own = [key for key, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__]
    by_folded = {folded(key): key for key in own}
    close = difflib.get_close_matches(folded(name), by_folded, n=1, cutoff=0.5)
    return f" Did you mean `{by_folded[close[0]]}`? Rename it to `{name}`." if close else ""
