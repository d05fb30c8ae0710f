"""Files: written whole or not at all, and shown by the path that the user knows them by."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from course.errors import CourseError

IMAGE_SUFFIXES = {".jpg", ".jpeg", ".png", ".tif", ".tiff"}


def show(path: Path) -> str:
    """Return the path as the user would type it: relative to the working folder where it lies inside."""
    path, here = Path(path).absolute(), Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; it takes the place of `path` when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.stem}.{os.getpid()}.unfinished{path.suffix}")
    try:
        yield unfinished
        os.replace(unfinished, path)  # noqa: PTH105 - the name that says atomic
    finally:
        unfinished.unlink(missing_ok=True)


def images_in(folder: Path, out: Path) -> list[Path]:
    """Return the images of a folder that are to be predicted into `out`, sorted by name.

    A palette PNG beside a JPEG of the same name is the label of that photograph (the layout of the CMP Facade
    Database), and is left out.

    Raises:
        CourseError: no folder, no image in it, two images that would have the same mask, or an `out` where the masks
            would overwrite the images or be mixed with other masks.
    """
    if not folder.is_dir():
        raise CourseError(f"There is no folder {show(folder)}.")
    paths = [p for p in sorted(folder.iterdir()) if p.suffix.lower() in IMAGE_SUFFIXES and not p.name.startswith(".")]
    photographs = {p.stem for p in paths if p.suffix.lower() in (".jpg", ".jpeg")}
    paths = [p for p in paths if not (p.stem in photographs and p.suffix.lower() == ".png" and _has_palette(p))]
    if not paths:
        raise CourseError(f"0 images found in {show(folder)}: expected .jpg, .png or .tif files there.")
    named: dict[str, Path] = {}
    for path in paths:
        if path.stem in named:
            raise CourseError(
                f"{show(named[path.stem])} and {path.name} would both become {path.stem}.png. Rename one of them."
            )
        named[path.stem] = path
    if out.exists() and not out.is_dir():
        raise CourseError(f"--out {show(out)} is a file: expected a folder, which may not exist yet.")
    if out.resolve() == folder.resolve():
        raise CourseError(f"--out {show(out)} is the folder of the images. Name another, so that none is overwritten.")
    others = [p.name for p in sorted(out.glob("*.png")) if p.stem not in named]
    if others:
        raise CourseError(
            f"--out {show(out)} holds {len(others)} PNG files that are not of these images ({others[0]}, ...). Name "
            "an empty folder, so that old and new masks are not mixed."
        )
    return paths


def publish(unfinished: Path, out: Path) -> None:
    """Move every file of a finished folder to the same place in `out`."""
    for path in sorted(unfinished.rglob("*")):
        target = out / path.relative_to(unfinished)
        if path.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)


def _has_palette(path: Path) -> bool:
    try:
        with Image.open(path) as image:
            return image.mode == "P"
    except OSError:
        return False
