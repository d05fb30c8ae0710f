"""What is in the sets: how many, how large, how much foreground, and what needs no learning at all."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from skimage.filters import threshold_otsu

from course.data.facades import CLASSES
from course.data.folders import watched
from course.errors import CourseError


@dataclass(frozen=True)
class Table:
    """A table of figures, printed in the terminal or as Markdown."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]


@dataclass(frozen=True)
class Overlap:
    """Pixels in the intersection and in the union of a prediction and its mask."""

    intersection: int
    union: int

    @property
    def iou(self) -> float:
        """Intersection over union; nan where both are empty."""
        return self.intersection / self.union if self.union else float("nan")


def overlap(prediction: np.ndarray, mask: np.ndarray) -> Overlap:
    """Count two bool arrays (H, W)."""
    return Overlap(int((prediction & mask).sum()), int((prediction | mask).sum()))


def otsu(grey: np.ndarray, mask: np.ndarray) -> Overlap:
    """Otsu's threshold, its bright or its dark side, whichever fits the mask (H, W) better: a flattered baseline."""
    bright = grey > threshold_otsu(grey) if grey.min() < grey.max() else np.ones_like(mask)
    return max((overlap(bright, mask), overlap(~bright, mask)), key=lambda o: (o.iou, o.intersection))


def over_the_set(overlaps: list[Overlap]) -> float:
    """IoU of all pixels counted together."""
    return Overlap(sum(o.intersection for o in overlaps), sum(o.union for o in overlaps)).iou


def tables(folder: Path) -> list[Table]:
    """Describe a folder that holds the embedded sets (phc, facades, cells), or one set in the PhC layout.

    Raises CourseError where it holds neither.
    """
    if (folder / "train" / "images").is_dir() or (folder / "test" / "images").is_dir():
        return phc_tables(folder, folder.name)
    made = []
    if (folder / "phc").is_dir():
        made += phc_tables(folder / "phc", "phc")
    if (folder / "facades" / "base").is_dir():
        made.append(facade_table(folder / "facades" / "base"))
    if (folder / "cells").is_dir():
        made.append(cell_table(folder / "cells"))
    if not made:
        raise CourseError(
            f"{folder} holds no data set: expected is phc/, facades/base/ or cells/ in it, or train/images/. "
            "`course data make` writes the embedded sets."
        )
    return made


def phc_tables(folder: Path, name: str) -> list[Table]:
    """Describe train and test of a set in the PhC layout, and what baselines reach that need no learning."""
    contents, baselines = [], []
    for split in ("train", "test"):
        if not (folder / split / "images").is_dir():
            continue
        sides, shares = [], []
        guesses: dict[str, list[Overlap]] = {"foreground": [], "background": [], "otsu": []}
        for grey, mask in _pairs(folder / split):
            sides += mask.shape
            shares.append(float(mask.mean()))
            guesses["foreground"].append(overlap(np.ones_like(mask), mask))
            guesses["background"].append(overlap(np.zeros_like(mask), mask))
            guesses["otsu"].append(otsu(grey, mask))
        if not shares:
            raise CourseError(f"{folder / split / 'images'} holds no image img_00000.jpg.")
        spread = f"{min(shares):.3f}..{max(shares):.3f}"
        contents.append((split, str(len(shares)), _sequences(folder / split), f"{min(sides)}..{max(sides)}",
                         f"{np.mean(shares):.3f}", spread))  # fmt: skip
        mean = np.nanmean([o.iou for o in guesses["otsu"]])
        baselines.append((split, *(f"{over_the_set(g):.3f}" for g in guesses.values()), f"{mean:.3f}"))
    sizes = ("part", "pairs", "sequences", "side", "foreground", "min..max")
    reached = ("part", "all foreground", "all background", "Otsu", "Otsu, mean of images")
    return [
        Table(f"{name}: pairs, and their share of foreground", sizes, contents),
        Table(f"{name}: IoU over the set without learning", reached, baselines),
    ]


def _pairs(folder: Path) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    images = sorted((folder / "images").glob("img_*.jpg"))
    for path in watched(images, f"reading {folder.name}"):
        label = folder / "labels" / f"label_{path.stem.removeprefix('img_')}.png"
        if not label.is_file():
            raise CourseError(f"{path} has no label: {label} is missing.")
        grey, mask = _array(path, "L"), _array(label, "L") > 127
        if grey.shape != mask.shape:
            raise CourseError(f"{path} and its label {label} differ in size.")
        yield grey, mask


def _sequences(folder: Path) -> str:
    table = folder / "sequences.csv"
    if not table.is_file():
        return "not told"
    return str(len({line.split(",")[1] for line in table.read_text().split()[1:]}))


def facade_table(base: Path) -> Table:
    """Share of every class in the pixels, in how many facades it occurs, and the mean IoU of guessing only it."""
    counts = np.zeros(13, np.int64)
    present = np.zeros(13, np.int64)
    paths = sorted(base.glob("cmp_b*.png"))
    if not paths:
        raise CourseError(f"{base} holds no label cmp_b0001.png.")
    for path in watched(paths, "reading facades"):
        of_this = np.bincount(_array(path, None).ravel(), minlength=13)
        if len(of_this) > 13:
            raise CourseError(
                f"{path} holds the id {len(of_this) - 1}; ids are 1..12, and 0 where nothing is labelled."
            )
        counts += of_this
        present += of_this > 0
    labelled = counts[1:].sum()
    rows = []
    for number, name in enumerate(("unlabelled", *CLASSES)):
        # Everything called class k: its IoU is its share, that of the others 0.
        guess = f"{counts[number] / labelled / len(CLASSES):.3f}" if number else ""
        share = f"{counts[number] / counts.sum():.3f}"
        rows.append((str(number), name, share, f"{present[number]} of {len(paths)}", guess))
    columns = ("id", "class", "share of pixels", "facades", "mean IoU of guessing only it")
    return Table("facades: 12 classes", columns, rows)


def cell_table(folder: Path) -> Table:
    """Describe recordings in the naming of the Cell Tracking Challenge."""
    columns = ("recording", "frames", "size", "cells in a frame", "foreground", "touching cells", "tracks")
    rows = []
    for truth in sorted(folder.glob("*_GT")):
        maps = [_array(path, None) for path in sorted((truth / "SEG").glob("man_seg*.tif"))]
        if not maps:
            raise CourseError(f"{truth / 'SEG'} holds no man_seg000.tif.")
        cells = [len(np.unique(ids)) - 1 for ids in maps]
        touching = sum(len(_touching(ids)) for ids in maps) / sum(cells)
        tracks = len(np.unique(np.concatenate([ids.ravel() for ids in maps]))) - 1
        rows.append((
            truth.name.removesuffix("_GT"), str(len(maps)), f"{maps[0].shape[1]}x{maps[0].shape[0]}",
            f"{min(cells)}..{max(cells)}", f"{np.mean([(ids > 0).mean() for ids in maps]):.3f}",
            f"{touching:.2f}", str(tracks),
        ))  # fmt: skip
    return Table("cells: frames with instances", columns, rows)


def _touching(ids: np.ndarray) -> set[int]:
    """Numbers of the cells that share a border with another cell."""
    found: set[int] = set()
    for a, b in ((ids[:, :-1], ids[:, 1:]), (ids[:-1], ids[1:])):
        meet = (a != b) & (a > 0) & (b > 0)
        found |= set(a[meet].tolist()) | set(b[meet].tolist())
    return found


def _array(path: Path, mode: str | None) -> np.ndarray:
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert(mode) if mode else image)
    except OSError as error:
        raise CourseError(f"{path} is not an image that can be read: {error}.") from error


def markdown(table: Table) -> str:
    """Return the table as Markdown, figures flush right."""
    lines = [f"**{table.title}**", "", "| " + " | ".join(table.columns) + " |"]
    lines.append("|---|" + "---:|" * (len(table.columns) - 1))
    lines += ["| " + " | ".join(row) + " |" for row in table.rows]
    return "\n".join(lines)
