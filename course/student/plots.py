"""Pictures of a student's own code: their loss as a curve, their network's maps and receptive field, their masks."""

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from course.catalogue import Task
from course.errors import CourseError
from course.grading.launch import shared_zygote
from course.grading.outcomes import CheckFailed, NotAttempted
from course.grading.record import Curve, Evidence, Results
from course.grading.student import Student
from course.report.bands import reference_band
from course.student.home import Home
from course.submission.find import open_submission
from course.submission.stage import stage
from course.training import figures
from course.training.files import whole
from course.training.pictures import sheet

FOLDER = "plots"
SETTINGS = {"in_channels": 3, "num_classes": 1}
SIZE = 128


def plot(home: Home, task: Task, results: Results) -> list[Path]:
    """Draw everything that there is to see of a task, into `plots/`; return the files.

    Args:
        results: what came of its checks.

    Raises:
        CourseError: the folder cannot be written.
    """
    folder = home.folder / FOLDER
    try:
        folder.mkdir(exist_ok=True)
        return [*_of_evidence(folder, task, results), *_of_network(folder, home, task)]
    except OSError as error:
        raise CourseError(f"The pictures cannot be written to {folder}: {error.strerror}.") from None


def _of_evidence(folder: Path, task: Task, results: Results) -> Iterator[Path]:
    """Draw what the checks have left to look at."""
    kept = [check.evidence for result in results.tasks for check in result.checks if check.evidence]
    curves = {curve.name: curve for evidence in kept for curve in evidence.curves}
    for curve in curves.values():
        path = folder / f"{task.id}-{_file_name(curve.name)}.png"
        _draw_curve(path, task, curve)
        yield path
    for evidence in kept:
        if evidence.pictures:
            path = folder / f"{task.id}-masks.png"
            _draw_masks(path, evidence, results.files)
            yield path


def _draw_curve(path: Path, task: Task, curve: Curve) -> None:
    title = f"{task.id} {task.title}"
    if curve.name == "training":
        figures.steps_to_the_bar(path, curve, reference_band(task.id), title)
    else:
        figures.loss_over_logit(path, curve, f"{title}: {curve.name}")


def _draw_masks(path: Path, evidence: Evidence, files: dict[str, bytes]) -> None:
    def read(name: str) -> torch.Tensor:
        return torch.from_numpy(np.array(Image.open(io.BytesIO(files[name]))))

    pictures = [picture for picture in evidence.pictures if picture.image in files]
    images = [read(picture.image).permute(2, 0, 1) for picture in pictures]
    masks = [read(picture.prediction) for picture in pictures]
    truths = [read(picture.truth) for picture in pictures]
    binary = max(int(truth.max()) for truth in truths) <= 1
    names = ["IoU " + ("undefined" if picture.iou is None else f"{picture.iou:.2f}") for picture in pictures]
    with whole(path) as unfinished:
        sheet(images, masks, truths, names, binary).save(unfinished)


def _of_network(folder: Path, home: Home, task: Task) -> Iterator[Path]:
    """Draw the maps and the receptive field of a task's network; nothing where it has none, or that does not run."""
    networks = [symbol for file, symbol in task.references if file.startswith("model/")]
    if not networks or task.needs:
        return
    images = np.random.default_rng(0).standard_normal((2, 3, SIZE, SIZE), dtype=np.float32)
    with shared_zygote("none") as zygote, tempfile.TemporaryDirectory(prefix="plots-") as staged:
        stage(open_submission(home.folder), Path(staged))
        worker = zygote.spawn(Path(staged))
        student = Student(worker, task, "cpu")
        try:
            seen = student.structure(images, SETTINGS)
            field = student.receptive_field(SIZE)
        except (CheckFailed, NotAttempted):
            return  # its checks say what is wrong
        finally:
            worker.close()
    path = folder / f"{task.id}-maps.png"
    figures.map_sizes(path, seen.calls, seen.skips, networks[0])
    yield path
    path = folder / f"{task.id}-receptive-field.png"
    figures.receptive_field(path, field, networks[0])
    yield path


def _file_name(text: str) -> str:
    """Return a text as part of a file's name."""
    return "-".join("".join(c if c.isalnum() else " " for c in text).split())
