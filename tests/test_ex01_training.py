"""Task 1.4: train.py and predict.py from end to end, with the student's data set, loss and network.

The scripts run in a folder of their own on a part of the embedded cells, and segment cells that were drawn for this
run, of several sizes; there are no labels for these in the folder.
"""

import io

import numpy as np
import pytest
from PIL import Image

from course.catalogue import load
from course.data.single_cells import make_sequence
from course.grading.outcomes import CheckFailed, NotAttempted
from course.grading.student import Run
from course.paths import DATA
from course.training.scores import binary_iou
from tests.networks import BINARY, random_images

# Every second frame of the embedded training set: of each of its sequences three.
STRIDE = 2
# The kinds of cells take turns, six in a row: each kind is there as often as in the training set.
UNSEEN = 12
EPOCHS = 12
BATCH_SIZE = 4
# docs/grading.md says where this bar is from.
BAR = 0.6
# Own scripts come first, then the course's, which lie beside them: who changed train.py may have broken it.
SCRIPTS = (("train.py", "predict.py"), ("course_train.py", "course_predict.py"))
TIMEOUT = 300.0


@pytest.fixture(scope="module")
def kept() -> dict:
    """What came of the one run that both checks look at."""
    return {}


@pytest.mark.task("1.4", points=2)
def test_masks_are_written(student, oracle, kept):
    """predict.py writes one PNG of 0 and 255 for each image, of the image's own size and name."""
    run, truth = masks_of(student, oracle, kept)
    for name, mask in truth.items():
        if name not in run.masks:
            raise CheckFailed(f"There is no mask for {name}.jpg; predict.py wrote {len(run.masks)} PNG files.")
        got = run.masks[name]
        if got.shape != mask.shape:
            raise CheckFailed(f"The image {name}.jpg has the size {mask.shape}, its mask {got.shape}.")
        if not np.isin(got, (0, 255)).all():
            raise CheckFailed(f"The mask {name}.png holds other values than 0 and 255: {np.unique(got)[:6].tolist()}.")
    if extra := sorted(set(run.masks) - set(truth)):
        raise CheckFailed(f"predict.py wrote {extra[0]}.png, for which there is no image.")


@pytest.mark.task("1.4", points=2)
def test_masks_are_good(student, oracle, kept):
    """The masks of unseen cells are good: their intersection over union with the truth reaches the bar."""
    run, truth = masks_of(student, oracle, kept)
    _keep_evidence(student, kept["files"], run.masks, truth)
    iou = score(run.masks, truth)
    if not iou >= BAR:
        share = np.mean([np.mean(mask > 0) for mask in run.masks.values()])
        message = (
            f"IoU {iou:.3f} on unseen images; the bar is {BAR}. In the masks {share:.0%} of the pixels are foreground."
        )
        if _returns_probabilities(student, oracle):
            message += " predict.py takes what is above 0 for foreground, and probabilities always are."
            raise CheckFailed(message, oracle.diagnosis("ends-in-sigmoid"))
        raise CheckFailed(message)


def _returns_probabilities(student, oracle) -> bool:
    """Whether EncDec ends in a sigmoid: right together with a loss of probabilities, but not with predict.py."""
    images = random_images(oracle.generator("probabilities"), 2)
    try:
        seen = student.beside(load().task("1.3")).structure(images, BINARY)
    except (CheckFailed, NotAttempted):
        return False
    return 0 <= seen.lowest < seen.highest <= 1


def _keep_evidence(student, files: dict[str, bytes], masks: dict, truth: dict[str, np.ndarray]) -> None:
    """Keep the masks beside the truth for the feedback."""
    images = [np.asarray(Image.open(io.BytesIO(files[f"unseen/{name}.jpg"]))) for name in truth]
    predicted = [(masks.get(name, np.zeros(0)) > 0).astype(np.uint8) for name in truth]
    true = [(mask > 0).astype(np.uint8) for mask in truth.values()]
    student.evidence.pictures(images, predicted, true, [score(masks, {name: truth[name]}) for name in truth])


def score(masks: dict[str, np.ndarray], truth: dict[str, np.ndarray]) -> float:
    """Return the IoU over all images; a mask that is missing, or of another size, counts as empty."""
    found = [masks.get(name, np.zeros(0)) for name in truth]
    pairs = list(zip(found, truth.values(), strict=True))
    return binary_iou([got if got.shape == mask.shape else 0 * mask for got, mask in pairs], list(truth.values()))


def masks_of(student, oracle, kept: dict) -> tuple[Run, dict[str, np.ndarray]]:
    """Return the run with the masks that predict.py wrote, and the true masks by name; run the scripts only once."""
    if "run" not in kept:
        kept["files"], kept["truth"] = files_for(oracle.seed)
        for scripts in SCRIPTS:
            kept["run"] = student.run(
                commands(*scripts, oracle.training_seed, student.device), kept["files"], "masks", TIMEOUT
            )
            if kept["run"].exit_code == 0 and kept["run"].masks:
                break
    run = kept["run"]
    if "is not filled in yet" in run.output:
        raise NotAttempted(" ".join(run.output.split()))
    if run.exit_code != 0:
        script = run.script.removeprefix("course_")
        raise CheckFailed(f"{script} ended with exit code {run.exit_code}: {' '.join(run.output.split())[-600:]}")
    if not run.masks:
        raise CheckFailed("predict.py ended without an error, but wrote no PNG file into its --out folder.")
    return run, kept["truth"]


def commands(train: str, predict: str, seed: int, device: str) -> list[list[str]]:
    """Return the command lines of a short training and of the prediction."""
    training = [train, "--model", "EncDec", "--loss", "BCELoss", "--data", "{data}/phc", "--out", "{out}/run"]
    training += ["--epochs", str(EPOCHS), "--batch-size", str(BATCH_SIZE), "--seed", str(seed)]
    training += ["--device", device, "--precision", "fp32"]
    prediction = [predict, "--checkpoint", "{out}/run/best.safetensors", "--images", "{data}/unseen"]
    return [training, [*prediction, "--out", "{out}/masks", "--device", device]]


def files_for(seed: int) -> tuple[dict[str, bytes], dict[str, np.ndarray]]:
    """Return the files to learn from and the unseen images by path, and the unseen images' masks by name."""
    files = {}
    train = DATA / "phc" / "train"
    for path in sorted((train / "images").glob("*.jpg"))[::STRIDE]:
        label = path.name.replace("img", "label").replace(".jpg", ".png")
        files[f"phc/train/images/{path.name}"] = path.read_bytes()
        files[f"phc/train/labels/{label}"] = (train / "labels" / label).read_bytes()
    files["phc/train/sequences.csv"] = (train / "sequences.csv").read_bytes()
    truth = {}
    for number in range(UNSEEN):
        ((image, mask),) = make_sequence(UNSEEN * seed + number, 1)
        name = f"cell_{number:03}"
        stream = io.BytesIO()
        Image.fromarray(image).save(stream, "JPEG", quality=92)
        files[f"unseen/{name}.jpg"] = stream.getvalue()
        truth[name] = mask
    return files, truth
