"""The checks that train: what must never pass them, and what fails at once. Nothing here trains a reference network."""

from pathlib import Path

import numpy as np
import pytest
import torch
from skimage.filters import threshold_otsu
from torch import Tensor, nn

from course.catalogue import load
from course.data.single_cells import fresh_pairs
from course.grading.launch import shared_zygote
from course.grading.oracle import LiveOracle
from course.grading.outcomes import CheckFailed, NotAttempted
from course.grading.student import Student
from course.paths import ROOT
from course.training.scores import binary_iou
from course.worker.faults import Fault
from course.worker.fitting import Fit
from selftests.models.probing import REQUEST, Made
from solutions.model.UNetModel import UNet
from tests import test_ex01_training
from tests.learning import CLASSES, IGNORE, LESSONS, check_learns, facades, lesson_of

SEEDS = range(20)
BARS_OF_CELLS = [lesson.bar for task, lesson in LESSONS.items() if task != "6.3"]


def otsu(images: np.ndarray) -> np.ndarray:
    """Masks `(N, 1, H, W)` of what is brighter than Otsu's threshold, image by image."""
    grey = images.mean(1)
    return np.stack([image > threshold_otsu(image) for image in grey])[:, None]


@pytest.mark.parametrize("seed", SEEDS)
def test_cells_without_a_network(seed: int) -> None:
    images, hidden = fresh_pairs(seed, 12, 128)
    bright = otsu(images)
    for masks in (np.zeros_like(hidden), np.ones_like(hidden), bright, ~bright):
        assert binary_iou(masks, hidden) < min(BARS_OF_CELLS)


@pytest.mark.parametrize("seed", SEEDS)
def test_cells_of_the_scripts_without_a_network(seed: int) -> None:
    _, truth = test_ex01_training.files_for(seed)
    everything = {name: np.full_like(mask, 255) for name, mask in truth.items()}
    assert test_ex01_training.score(everything, truth) < test_ex01_training.BAR
    assert test_ex01_training.score({}, truth) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_facades_without_a_network(seed: int) -> None:
    _, hidden, score, _ = lesson_of("6.3", seed)
    _, labels = facades()
    counts = np.stack([(labels == number).sum(0) for number in range(CLASSES)])
    guesses = [np.full_like(hidden, number) for number in range(CLASSES)]
    guesses.append(np.repeat(counts.argmax(0)[None], len(hidden), 0))  # each place's most frequent class
    assert max(score(guess, hidden) for guess in guesses) < LESSONS["6.3"].bar


def test_the_unseen_is_another_one_for_another_seed_and_none_of_the_training_set() -> None:
    arrays, hidden, _, _ = lesson_of("3.2", 1)
    others, _, _, _ = lesson_of("3.2", 2)
    assert arrays["unseen"].shape == (12, 3, 128, 128)
    assert set(np.unique(hidden)) == set(np.unique(arrays["targets"])) == {0, 1}
    assert not np.allclose(arrays["unseen"], others["unseen"])
    known = {image.tobytes() for image in arrays["images"]}
    assert not any(image.tobytes() in known for image in arrays["unseen"])
    assert abs(arrays["images"].mean()) < 1e-3


def test_the_facades_have_classes_and_unlabelled_pixels() -> None:
    arrays, hidden, _, settings = lesson_of("6.3", 1)
    assert settings["num_classes"] == CLASSES
    assert set(np.unique(arrays["targets"])) | set(np.unique(hidden)) <= {*range(CLASSES), IGNORE}
    assert arrays["class_weights"].shape == (CLASSES,)


HEADER = "import torch\nfrom torch import nn\n\n\nclass UNet(nn.Module):\n    def __init__(self):\n"
CONSTANT = """        super().__init__()
        self.value = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return self.value.expand(len(x), 1, *x.shape[2:])
"""
DETACHED = """        super().__init__()
        self.conv = nn.Conv2d(3, 1, 3, padding=1)

    def forward(self, x):
        return self.conv(x).detach()
"""


@pytest.mark.parametrize(
    ("body", "message", "name"),
    [
        (CONSTANT, r"at every pixel of every image", "constant-output"),
        (DETACHED, r"does not depend on its weights", None),
    ],
    ids=["constant", "detached"],
)
def test_what_cannot_learn_is_not_trained_to_the_end(body: str, message: str, name: str | None, tmp_path: Path) -> None:
    (tmp_path / "lib" / "model").mkdir(parents=True)
    (tmp_path / "lib" / "model" / "UNetModel.py").write_text(HEADER + body)
    task = load().task("3.2")
    with shared_zygote() as zygote:
        worker = zygote.spawn(tmp_path)
        try:
            with pytest.raises(CheckFailed, match=message) as failed:
                check_learns(Student(worker, task, "cpu"), LiveOracle(0, task))
        finally:
            worker.close()
    assert (failed.value.diagnosis and failed.value.diagnosis.name) == name
    assert f"{LESSONS['3.2'].steps} steps" not in failed.value.message


def test_scripts_with_an_empty_exercise_are_not_attempted(tmp_path: Path) -> None:
    from course.submission.find import open_submission
    from course.submission.stage import stage

    stage(open_submission(ROOT / "lib"), tmp_path)
    task = load().task("1.4")
    with shared_zygote() as zygote:
        worker = zygote.spawn(tmp_path)
        try:
            with pytest.raises(NotAttempted, match="Exercise 1.3 is not filled in yet"):
                test_ex01_training.masks_of(Student(worker, task, "cpu"), LiveOracle(0, task), {})
        finally:
            worker.close()


class SigmoidUNet(UNet):
    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(super().forward(x))


def losses_of(network: type[nn.Module]) -> list[float]:
    generator = np.random.default_rng(3)
    images = generator.standard_normal((6, 3, 32, 32), dtype=np.float32)
    arrays = {"images": images, "targets": (images[:, :1] > 0.5).astype(np.float32), "unseen": images[:2]}
    fit = Fit(Made(network), REQUEST | {"batch_size": 3, "learning_rate": 1e-3}, arrays)
    return [fit.steps(2)[0]["loss"] for _ in range(3)]


def test_a_network_that_returns_probabilities_is_trained_as_one_that_returns_logits() -> None:
    assert losses_of(SigmoidUNet) == pytest.approx(losses_of(UNet), rel=1e-3)


class FixedChannels(UNet):
    def __init__(self) -> None:
        super().__init__(3, 5)


def test_the_wrong_number_of_classes_is_said_in_a_sentence() -> None:
    with pytest.raises(Fault, match=r"1 class expected logits \(3, 1, 32, 32\), got \(3, 5, 32, 32\)"):
        losses_of(FixedChannels)


def test_a_network_without_weights_is_refused() -> None:
    with pytest.raises(Fault, match="no weights"):
        losses_of(nn.Identity)
