"""Raw recordings of the Cell Tracking Challenge, cut into single-cell pairs in the layout of the PhC set.

Two namings are read: the challenge's own (`01/t000.tif` with `01_GT/SEG/man_seg000.tif`, or the computed
`01_ST/SEG` where there is no gold) and a flat one (`images/01_t098.tif` with `labels/01_t098_gold.tif`).
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from skimage.measure import regionprops

from course.data.canvas import encode_jpeg
from course.data.folders import new_folder, watched
from course.data.single_cells import JPEG_QUALITY, write_sequences
from course.errors import CourseError


@dataclass(frozen=True)
class Frame:
    """One annotated frame: which recording, when, and its files."""

    recording: str
    time: int
    image: Path
    label: Path
    track: Path | None  # the same cells under numbers that last a cell's life, where the recording has them


@dataclass(frozen=True)
class Crop:
    """A cell's surroundings, cut out: image uint8 (H, W), mask uint8 (H, W) of 0 and 255."""

    image: np.ndarray
    mask: np.ndarray
    sequence: str
    time: int


def crop_recordings(raw: Path, out: Path, margin: int = 20, test: str | None = None) -> dict[str, int]:
    """Cut every cell that lies wholly inside its frame and write the pairs; returns how many in train and test.

    Whole recordings go to train or test (`test`, by default the last one). A mask marks every cell seen in the
    crop, because a network cannot know which one was meant. Raises CourseError with a sentence.
    """
    frames = find_frames(raw)
    recordings = sorted({frame.recording for frame in frames})
    test = test or recordings[-1]
    if test not in recordings:
        raise CourseError(f"{raw} has no annotated recording {test}, only {', '.join(recordings)}.")
    if len(recordings) < 2:
        raise CourseError(
            f"{raw} has one annotated recording, {recordings[0]}: as it is the test half, none is left to train on. "
            "Put a second recording beside it."
        )
    counts = {}
    with new_folder(out) as part:
        for split in ("train", "test"):
            chosen = [name for name in recordings if (name == test) == (split == "test")]
            crops = []
            for name in chosen:
                crops += _crops([frame for frame in frames if frame.recording == name], margin)
            if not crops:
                raise CourseError(f"No cell of {raw} {', '.join(chosen)} lies wholly inside its frame.")
            _write(part / split, crops)
            counts[split] = len(crops)
    return counts


def find_frames(raw: Path) -> list[Frame]:
    """Return the annotated frames below `raw`, in either naming; raises CourseError where there are none."""
    if not raw.is_dir():
        raise CourseError(f"There is no folder {raw}.")
    frames = []
    for folder in sorted(path for path in raw.iterdir() if path.is_dir() and re.fullmatch(r"\d\d", path.name)):
        frames += _challenge_frames(folder)
    if not frames and (raw / "images").is_dir():
        frames = _flat_frames(raw)
    if not frames:
        raise CourseError(
            f"{raw} holds no annotated recording. Expected are 01/t000.tif with 01_GT/SEG/man_seg000.tif "
            "(or 01_ST/SEG), or images/01_t000.tif with labels/01_t000_gold.tif."
        )
    return frames


def _challenge_frames(folder: Path) -> list[Frame]:
    images = {int(path.stem[1:]): path for path in folder.glob("t*.tif") if path.stem[1:].isdigit()}
    for truth in ("GT", "ST"):
        parent = folder.parent / f"{folder.name}_{truth}"
        labels = {int(path.stem[7:]): path for path in (parent / "SEG").glob("man_seg*.tif") if path.stem[7:].isdigit()}
        if not labels:
            continue
        for time in sorted(labels.keys() - images.keys()):
            raise CourseError(f"{labels[time]} has no image: {folder} holds no frame t{labels[time].stem[7:]}.tif.")
        tracks = folder.parent / f"{folder.name}_GT" / "TRA"
        return [
            Frame(folder.name, time, images[time], label, _present(tracks / f"man_track{label.stem[7:]}.tif"))
            for time, label in sorted(labels.items())
        ]
    return []


def _flat_frames(raw: Path) -> list[Frame]:
    frames = []
    for image in sorted((raw / "images").glob("*.tif")):
        named = re.fullmatch(r"(\d\d)_t(\d+)", image.stem)
        labels = [raw / "labels" / f"{image.stem}_{truth}.tif" for truth in ("gold", "silver")]
        label = next((path for path in labels if path.is_file()), None)
        if named and label:
            frames.append(Frame(named[1], int(named[2]), image, label, None))
    return frames


def _present(path: Path) -> Path | None:
    return path if path.is_file() else None


def _crops(frames: list[Frame], margin: int) -> list[Crop]:
    low, high = _range(frames)
    ancestors = _ancestors(frames[0].track)
    crops = []
    for frame in watched(frames, f"recording {frames[0].recording}"):
        image, label = _read(frame.image), _read(frame.label)
        if image.shape != label.shape:
            raise CourseError(f"{frame.image} is {_size(image)} pixels, its label {frame.label} {_size(label)}.")
        grey = np.clip((image.astype(float) - low) * (255.0 / (high - low)), 0, 255).round().astype(np.uint8)
        track = _read(frame.track) if frame.track else None
        for cell in regionprops(label):
            top, left, bottom, right = cell.bbox
            if top == 0 or left == 0 or bottom == label.shape[0] or right == label.shape[1]:
                continue
            box = (slice(max(0, top - margin), bottom + margin), slice(max(0, left - margin), right + margin))
            name = f"{frame.recording}-t{frame.time:03d}"
            if track is not None and (number := _most(track[cell.slice][cell.image])):
                name = f"{frame.recording}-c{ancestors.get(number, number):03d}"
            crops.append(Crop(grey[box], np.where(label[box] > 0, 255, 0).astype(np.uint8), name, frame.time))
    return crops


def _most(numbers: np.ndarray) -> int:
    """The number that occurs most often, 0 left out; 0 where there is no other."""
    counts = np.bincount(numbers.ravel())
    counts[0] = 0
    return int(np.argmax(counts))


def _ancestors(track: Path | None) -> dict[int, int]:
    """Return the first ancestor of every cell, from man_track.txt (label, begin, end, parent).

    A cell and those it divides into are of one sequence: they look alike and must not be split.
    """
    table = track.parent / "man_track.txt" if track else None
    if table is None or not table.is_file():
        return {}
    parents = {}
    for line in table.read_text().splitlines():
        fields = line.split()
        if len(fields) != 4 or not all(field.isdigit() for field in fields):
            raise CourseError(f"{table}: expected four numbers a line (label begin end parent), found {line!r}.")
        parents[int(fields[0])] = int(fields[3])
    ancestors = {}
    for cell in parents:
        first = cell
        for _ in parents:  # as many steps as there are cells, so that a circle in the table ends too
            if not parents.get(first):
                break
            first = parents[first]
        ancestors[cell] = first
    return ancestors


def _range(frames: list[Frame]) -> tuple[float, float]:
    """Grey values that become 0 and 255: the 0.5 and 99.5 percentiles of the recording; bytes stay as they are."""
    lows, highs = [], []
    for frame in frames:
        image = _read(frame.image)
        if image.dtype == np.uint8:
            return 0.0, 255.0
        low, high = np.percentile(image, (0.5, 99.5))
        lows.append(low)
        highs.append(high)
    low, high = float(np.mean(lows)), float(np.mean(highs))
    return low, max(high, low + 1.0)


def _read(path: Path) -> np.ndarray:
    try:
        with Image.open(path) as image:
            array = np.asarray(image)
    except OSError as error:
        raise CourseError(f"{path} is not an image that can be read: {error}.") from error
    if array.ndim != 2:
        raise CourseError(f"{path} has shape {array.shape}; a frame or label is grey and flat, (height, width).")
    return array


def _size(array: np.ndarray) -> str:
    return f"{array.shape[1]}x{array.shape[0]}"


def _write(folder: Path, crops: list[Crop]) -> None:
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    rows = []
    for number, crop in enumerate(crops):
        name = f"{number:05d}"
        grey = np.repeat(crop.image[:, :, None], 3, axis=2)
        (folder / "images" / f"img_{name}.jpg").write_bytes(encode_jpeg(grey, JPEG_QUALITY))
        Image.fromarray(crop.mask).save(folder / "labels" / f"label_{name}.png", optimize=True)
        rows.append((name, crop.sequence, crop.time))
    write_sequences(folder / "sequences.csv", rows)
