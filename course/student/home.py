"""A student's folder: `lib/` with what they wrote, and `.course/` with what the course remembers about it."""

from dataclasses import dataclass
from pathlib import Path

from course.errors import CourseError
from course.paths import ROOT
from course.report.files import write_atomically

LIBRARY = "lib"
MEMORY = ".course"


@dataclass(frozen=True)
class Home:
    """A student's folder.

    Attributes:
        folder: it holds `lib/`.
    """

    folder: Path

    @property
    def lib(self) -> Path:
        """The folder with the files that the student writes."""
        return self.folder / LIBRARY

    def shown(self, path: Path) -> str:
        """Return a path as the student knows it: inside their folder, with forward slashes."""
        return path.relative_to(self.folder).as_posix() if path.is_relative_to(self.folder) else str(path)

    def remembered(self, name: str) -> Path:
        """Return the path of something that is remembered."""
        return self.folder / MEMORY / name

    def remember(self, name: str, text: str) -> None:
        """Write something down in `.course/`, which git does not see. Where nothing can be written, nothing is."""
        try:
            write_atomically(self.remembered(".gitignore"), "*\n")
            write_atomically(self.remembered(name), text)
        except OSError:
            return

    def recall(self, name: str) -> str:
        """Return what was written down, "" where nothing was."""
        try:
            return self.remembered(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""


def home_at(folder: Path | None = None) -> Home:
    """Return the student's folder: the one given, else the nearest one upwards that holds `lib/`, else the course's.

    Raises:
        CourseError: there is no `lib/`.
    """
    if folder is not None:
        if not (folder / LIBRARY).is_dir():
            raise CourseError(f"There is no {LIBRARY}/ in {folder}: give --submission the folder that holds it.")
        return Home(folder.resolve())
    here = Path.cwd()
    for candidate in (here, *here.parents):
        if (candidate / LIBRARY / "losses.py").is_file() and (candidate / "course.toml").is_file():
            return Home(candidate)
    if (ROOT / LIBRARY).is_dir():
        return Home(ROOT)
    raise CourseError(f"There is no {LIBRARY}/ here. Go to the folder of the course, or give --submission FOLDER.")
