"""What the networks see, and which files are let in."""

import io
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

from course.demo import checkpoints, seeing, uploads
from course.demo.seeing import Scene
from course.errors import CourseError
from course.training.pairs import TASKS, read_image
from course.training.predicting import segment


@pytest.mark.parametrize("name", ["EncDec", "UNet", "UNet2", "DilatedNet", "UNet-facade"])
def test_every_checkpoint_ships_and_is_what_its_record_says(name):
    record = checkpoints.recorded()[name]
    found = {checkpoint.name: checkpoint for checkpoint in checkpoints.available()}[name]
    assert found.path.stat().st_size == record["bytes"]
    assert abs(record["test_iou"] - record["test_iou_float32"]) <= checkpoints.ALLOWED_LOSS
    assert found.settings.epoch == record["best_epoch"]
    assert record["command"].endswith(f"--seed {found.settings.seed}")


def test_the_checkpoints_are_small():
    assert sum(path.stat().st_size for path in checkpoints.FOLDER.iterdir()) < 8 * 2**20


@pytest.mark.parametrize("name", ["UNet", "UNet-facade"])
def test_the_recorded_iou_is_measured_again(name):
    found = {checkpoint.name: checkpoint for checkpoint in checkpoints.available()}[name]
    assert checkpoints.measure(found) == pytest.approx(checkpoints.recorded()[name]["test_iou"], abs=2e-3)


def test_masks_are_those_of_predict_py():
    scene = seeing.scenes()["cell 2"]
    checkpoint, model = seeing.network("UNet")
    pixels = torch.from_numpy(scene.image.transpose(2, 0, 1).copy())
    (mask,) = segment(model, [pixels], checkpoint.settings, torch.device("cpu"))
    seen = seeing.look("UNet", scene)
    assert (seen.classes == mask.numpy()).all()
    truth = scene.label > 0
    assert seen.score == pytest.approx((truth & (seen.classes > 0)).sum() / (truth | (seen.classes > 0)).sum())
    assert ((seen.sure > 0.5) == (seen.classes > 0)).all()


def test_the_images_that_are_shown_were_never_trained_on():
    for number in seeing.CELLS:
        assert TASKS["cells"].binary and read_image(seeing.DATA / f"phc/test/images/img_{number:05d}.jpg").shape[0] == 3
    assert all(number % 5 == 0 for number in seeing.FACADES), "facades divisible by 5 are the test half"


def test_the_feature_maps_are_those_of_the_layers_in_order():
    names = seeing.layers("UNet")
    assert names[0] == "enc_conv0" and names[-1] == "dec_conv0" and len(names) == 9
    seen = seeing.look("UNet", seeing.scenes()["cell 1"])
    assert seen.features["bottleneck_conv"].shape == (64, 8, 8)
    assert seen.features["enc_conv0"].shape == (64, 128, 128) and seen.features["enc_conv0"].min() >= 0


def test_a_network_that_was_first_looked_at_still_has_gradients():
    seeing.network.cache_clear()
    scene = seeing.scenes()["cell 1"]
    seeing.look("EncDec", scene)
    assert seeing.influence("EncDec", scene, 0.5, 0.5).max() > 0


def test_the_receptive_field_follows_the_cross():
    scene = seeing.scenes()["cell 1"]
    middle = seeing.influence("DilatedNet", scene, 0.5, 0.5)
    high, wide = seeing.extent(middle)
    assert 55 <= high <= 63 and 55 <= wide <= 63
    corner = seeing.influence("DilatedNet", scene, 0.0, 0.0)
    assert corner[:20, :20].sum() > 0 and corner[40:, 40:].sum() == 0
    assert seeing.extent(np.zeros((4, 4))) == (0, 0)


def test_without_a_label_there_is_no_score_and_a_wrong_label_is_a_sentence():
    image = seeing.scenes()["facade 5"].image
    assert seeing.look("UNet-facade", Scene(image)).score is None
    with pytest.raises(CourseError, match="value of 255"):
        seeing.look("UNet-facade", Scene(image, np.full(image.shape[:2], 255, np.uint8)))


@pytest.fixture
def write(tmp_path):
    def write(content, name="picture.png"):
        path = tmp_path / name
        if isinstance(content, Image.Image):
            content.save(path)
        else:
            path.write_bytes(content)
        return path

    return write


def png_header(width, height):
    """A PNG that announces a size, and holds nothing."""

    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    size = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x00\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def test_an_image_is_read_and_a_large_one_made_smaller(write):
    pixels = np.random.default_rng(0).integers(0, 255, (50, 70, 3), np.uint8)
    assert (uploads.read_image(write(Image.fromarray(pixels))) == pixels).all()
    assert uploads.read_image(write(Image.new("L", (3000, 1500)))).shape == (512, 1024, 3)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"hello", "is no image that is read here"),
        (b"\x89PNG\r\n\x1a\n" + b"rubbish" * 20, "damaged|no image"),
        (png_header(50_000, 50_000), "too many pixels|at most 40 million"),
        (png_header(8000, 8000), "8000 x 8000 pixels: at most 40 million|too many pixels"),
        (b"\0" * (21 * 2**20), "21 MB: at most 20 MB"),
        (Image.new("RGB", (4, 4)), "at least 32 each way"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no image"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(write, content, says):
    with pytest.raises(CourseError, match=says):
        uploads.read_image(write(content), "<b>holiday</b>.png")


def test_a_gif_is_of_the_wrong_kind_although_pillow_could_read_it(write):
    stream = io.BytesIO()
    Image.new("P", (64, 64)).save(stream, "GIF")
    with pytest.raises(CourseError, match="must be one of JPEG, PNG"):
        uploads.read_image(write(stream.getvalue()))


def test_a_label_must_fit_its_image(write):
    label = Image.fromarray(np.eye(64, dtype=np.uint8) * 255)
    assert uploads.read_label(write(label), (64, 64)).sum() == 64 * 255
    with pytest.raises(CourseError, match="64 x 64 pixels, its image 32 x 64"):
        uploads.read_label(write(label), (64, 32))
    with pytest.raises(CourseError, match="in colour"):
        uploads.read_label(write(Image.new("RGB", (64, 64))), (64, 64))
