"""Opens a release that a student was given: a folder, or a zip of one."""

import contextlib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from course.errors import CourseError
from course.update.manifest import NAME, Manifest, digest, read_manifest

LARGEST = 256 * 1024 * 1024


@dataclass(frozen=True)
class Source:
    """A release.

    Attributes:
        where: what it is, as the student named it.
        manifest: what it says of itself.
    """

    where: str
    manifest: Manifest
    _read: Callable[[str], bytes]

    def read(self, path: str) -> bytes:
        """Return a file of the release.

        Raises:
            CourseError: it is missing, or is not what the manifest says.
        """
        try:
            content = self._read(path)
        except (OSError, KeyError, zipfile.BadZipFile):
            content = None
        if content is None or digest(content) != self.manifest.files[path]:
            what = "missing" if content is None else "damaged"
            raise CourseError(f"{path} is {what} in {self.where}: fetch the release once more. Nothing was changed.")
        return content


@contextlib.contextmanager
def open_release(path: Path) -> Iterator[Source]:
    """Open a release.

    Raises:
        CourseError: there is none.
    """
    if path.is_dir():
        manifest = path / NAME
        if not manifest.is_file():
            raise CourseError(f"{path} is no release of this course: there is no {NAME} in it.")
        yield Source(str(path), read_manifest(manifest.read_bytes(), str(path)), lambda name: _bytes(path / name))
        return
    try:
        with zipfile.ZipFile(path) as archive:
            root = _root(archive, path)
            manifest = read_manifest(_member(archive, root + NAME), str(path))
            yield Source(str(path), manifest, lambda name: _member(archive, root + name))
    except FileNotFoundError:
        raise CourseError(f"There is no {path}: give the folder or the zip of the new release.") from None
    except (OSError, zipfile.BadZipFile):
        raise CourseError(f"{path} is no zip that can be read: give the folder or the zip of a release.") from None


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > LARGEST:
        raise OSError
    return path.read_bytes()


def _root(archive: zipfile.ZipFile, path: Path) -> str:
    """Return the folder in which an archive holds a release: "" or, as in GitHub's, "name-of-the-repository/"."""
    found = [name for name in archive.namelist() if name == NAME or name.endswith(f"/{NAME}")]
    if not found:
        raise CourseError(f"{path} holds no release of this course: there is no {NAME} in it.")
    return min(found, key=lambda name: (name.count("/"), name)).removesuffix(NAME)


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > LARGEST:
        raise OSError
    return archive.read(name)
