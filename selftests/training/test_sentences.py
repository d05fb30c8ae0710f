"""What goes wrong is said in one sentence that names the path; exit code 2, and nothing half-written."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from course.paths import ROOT
from selftests.training.made import make_cells, make_facades

TINY = ["--size", "48", "--precision", "fp32", "--device", "cpu", "--epochs", "1"]


@pytest.fixture
def refused(say, tmp_path):
    """Train on a folder, and return the sentence of the refusal."""

    def train(data: Path, *arguments: object, code: int = 2, home: Path = ROOT) -> str:
        out = tmp_path / "out"
        parts = [] if home != ROOT else ["--solutions"]
        given = say("train.py", *TINY, *parts, "--data", data, "--out", out, *arguments, home=home)
        assert given[0] == code, given[1]
        assert not out.exists(), "a refused run leaves nothing behind"
        return given[1]

    return train


def test_data_folders_that_cannot_be_trained_on(refused, fresh_cells, tmp_path):
    assert f"There is no data folder {tmp_path / 'nowhere'}" in refused(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    said = refused(tmp_path / "empty")
    assert f"0 images found under {tmp_path / 'empty' / 'train'}" in said
    assert "images/img_00000.jpg" in said
    said = refused(tmp_path / "empty", "--task", "facade")
    assert f"0 images found under {tmp_path / 'empty'}: expected cmp_b0001.jpg" in said

    image = fresh_cells / "train" / "images" / "img_00003.jpg"
    label = fresh_cells / "train" / "labels" / "label_00003.png"
    pixels = image.read_bytes()
    image.unlink()
    assert f"{label} has no image" in refused(fresh_cells)
    image.write_bytes(b"not an image")
    assert f"{image} cannot be read as an image" in refused(fresh_cells)
    image.write_bytes(pixels[:-200])
    assert f"{image} cannot be read as an image" in refused(fresh_cells), "a header that is right is not enough"
    image.write_bytes(pixels)
    Image.open(label).resize((40, 48)).save(label)
    assert f"{image} is 48x48 pixels, its label {label} 40x48" in refused(fresh_cells)
    label.unlink()
    assert f"{image} has no label" in refused(fresh_cells)


def test_tables_of_sequences_that_do_not_serve(refused, fresh_cells):
    table = fresh_cells / "train" / "sequences.csv"
    table.write_text("number,sequence,frame\n" + "\n".join(f"{n},s,0" for n in range(6)))
    assert "All 6 training images are of one sequence" in refused(fresh_cells)
    table.write_text("number,sequence,frame\n0,s,0\n")
    assert "does not say which sequence img_00001.jpg is of" in refused(fresh_cells)
    table.write_text("a,b\n1,2\n")
    assert "should have the columns number,sequence,frame" in refused(fresh_cells)


def test_options_that_ask_for_what_is_not_there(refused, say, cells):
    import torch

    if not torch.cuda.is_available():
        assert "`--device cuda`: PyTorch" in refused(cells, "--device", "cuda")
    said = refused(cells, "--loss", "DyceLoss")
    assert "has no loss DyceLoss. It has: BCELoss" in said
    assert "centered_penalty is no loss to train with: it takes y_pred" in refused(cells, "--loss", "centered_penalty")
    said = refused(cells, "--loss", "CrossEntropyLoss", "--task", "cells", code=1)
    assert "losses.py, line" in said
    assert "to go on from" in refused(cells, "--resume")
    code, said = say("train.py", "--solutions", *TINY, "--data", cells, "--out", cells / "train" / "sequences.csv")
    assert code == 2
    assert "is a file: expected a folder" in said
    for wrong in (["--epoch", "3"], ["--epochs", "0"], ["--lr", "-1"], ["--model", "VGG"], ["--size", "8"]):
        assert say("train.py", *wrong)[0] == 2


def package(home: Path, **files: str) -> Path:
    """A submission: the reference under the name lib, with some files replaced (`model_EncDecModel="..."`)."""
    shutil.copytree(ROOT / "solutions", home / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in files.items():
        (home / "lib" / (name.replace("_", "/") + ".py")).write_text(text)
    return home


def test_an_unfilled_exercise_is_named_with_its_line(refused, cells, tmp_path):
    home = package(
        tmp_path / "home",
        model_UNetModel="class UNet:\n    def __init__(self):\n"
        '        raise NotImplementedError("Exercise 3.1: UNet")\n',
    )
    file = home / "lib" / "model" / "UNetModel.py"
    assert refused(cells, "--model", "UNet", home=home) == (
        f"Exercise 3.1 is not filled in yet: {file}, line 3. `course check 3.1` says what is asked; "
        "`--solutions` trains the reference."
    )


def test_mistakes_in_the_students_code_are_told_with_their_own_lines_only(refused, cells, tmp_path):
    home = package(tmp_path / "syntax", model_EncDecModel="class EncDec:\n    ....\n")
    assert "EncDecModel.py, line 2: SyntaxError" in refused(cells, home=home, code=1)
    home = package(
        tmp_path / "name",
        model_EncDecModel="from torch import nn\n\n\nclass EncDec(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.conv = conv(3, 1)\n",
    )
    said = refused(cells, home=home, code=1)
    assert "EncDecModel.py, line 7, in __init__: self.conv = conv(3, 1) NameError: name 'conv' is not defined" in said
    assert "course/training" not in said
    head = "import torch\nfrom torch import nn\n\n\nclass EncDec(nn.Module):\n    def __init__(self):\n"
    head += (
        "        super().__init__()\n        self.conv = nn.Conv2d(3, 1, 3, padding=1)\n\n    def forward(self, x):\n"
    )
    home = package(tmp_path / "shape", model_EncDecModel=head + "        return self.conv(x)[:, 0]\n")
    said = refused(cells, home=home, code=1)
    assert "EncDec returns (6, 48, 48) for images (6, 3, 48, 48): expected logits (6, 1, 48, 48)" in said
    home = package(tmp_path / "tuple", model_EncDecModel=head + "        return self.conv(x), x\n")
    assert "EncDec returns a tuple" in refused(cells, home=home, code=1)
    assert "EncDecModel.py: EncDec.__init__() got an unexpected keyword argument 'num_classes'" in refused(
        make_facades(tmp_path / "facades"), "--task", "facade", home=home, code=1
    )
    loss = "import torch.nn.functional as F\n\n\ndef BCELoss(y_pred, y_true):\n    return "
    home = package(tmp_path / "item", losses=loss + "F.mse_loss(y_pred, y_true).item()\n")
    assert "BCELoss returns a float: expected a tensor" in refused(cells, home=home, code=1)
    home = package(tmp_path / "map", losses=loss + "(y_pred - y_true) ** 2\n")
    assert "BCELoss returns (6, 1, 48, 48) numbers: expected one" in refused(cells, home=home, code=1)
    home = package(tmp_path / "round", losses=loss + "(y_pred.round().detach() - y_true).mean()\n")
    assert "BCELoss has no gradient" in refused(cells, home=home, code=1)
    home = package(tmp_path / "nan", losses=loss + "(y_pred * float('nan')).mean()\n")
    assert "BCELoss became nan in epoch 1" in refused(cells, home=home, code=1)


def test_a_mask_that_is_not_binary_after_resizing_is_refused(refused, cells, tmp_path):
    text = (ROOT / "solutions" / "dataset" / "PhCDataset.py").read_text()
    home = package(tmp_path / "grey", dataset_PhCDataset=text.replace("tv_tensors.Mask(", "tv_tensors.Image("))
    home_ok = (home / "lib" / "dataset" / "PhCDataset.py").read_text()
    (home / "lib" / "dataset" / "PhCDataset.py").write_text(
        home_ok.replace("(mask > 0).to(torch.float32)", "tvf.to_dtype(mask, torch.float32, scale=True)")
    )
    said = refused(cells, "--size", "31", home=home, code=1)
    assert "different values: expected 0. and 1. only" in said


def test_errors_in_files_that_are_not_needed_do_not_matter(say, cells, tmp_path):
    home = package(
        tmp_path / "home",
        dataset_FacadeDataset="class Facade:\n    ....\n",
        model_DilatedNetModel="class DilatedNet:\n    ....\n",
        metrics="....",
        losses="def BCELoss(y_true, y_pred):\n    assert set(y_true.unique().tolist()) <= {0.0, 1.0}\n"
        "    return ((y_pred - y_true) ** 2).mean()\n",
    )
    code, said = say("train.py", *TINY, "--data", cells, "--out", tmp_path / "out", home=home)
    assert code == 0, said
    assert (tmp_path / "out" / "best.safetensors").is_file()


def test_train_works_beside_a_students_lib_in_another_folder(launch, cells, tmp_path):
    home = package(tmp_path / "submission")
    shutil.copy(ROOT / "train.py", home)
    shutil.copy(ROOT / "predict.py", home)
    launch("train.py", *TINY, "--data", cells, "--out", "run", home=home)
    launch(
        "predict.py", "--checkpoint", "run/best.safetensors", "--images", cells / "test" / "images", "--out", "masks",
        home=home,
    )  # fmt: skip
    assert len(list((home / "masks").glob("*.png"))) == 3


@pytest.fixture(scope="module")
def checkpoint(launch, cells, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("run") / "EncDec"
    launch("train.py", "--solutions", *TINY, "--data", cells, "--out", out)
    return out / "best.safetensors"


def test_predict_refuses_what_would_go_wrong(say, checkpoint, cells, tmp_path):
    def predict(images: Path, out: Path = tmp_path / "out", file: Path = checkpoint, home: Path = ROOT) -> str:
        chosen = ["--solutions"] if home == ROOT else []
        code, said = say("predict.py", *chosen, "--checkpoint", file, "--images", images, "--out", out, home=home)
        assert code == 2, said
        assert not (tmp_path / "out").exists()
        assert not list(tmp_path.glob(".predict*"))
        return said

    images = tmp_path / "images"
    assert f"There is no folder {images}" in predict(images)
    images.mkdir()
    assert f"0 images found in {images}" in predict(images)
    shutil.copy(cells / "test" / "images" / "img_00000.jpg", images / "a.jpg")
    (images / "b.png").write_bytes(b"not an image")
    assert f"{images / 'b.png'} cannot be read as an image" in predict(images)
    Image.new("RGB", (20, 20)).save(images / "b.png")
    Image.new("RGB", (20, 20)).save(images / "a.tif")
    assert f"{images / 'a.jpg'} and a.tif would both become a.png" in predict(images) or "a.tif" in predict(images)
    (images / "a.tif").unlink()
    assert "is the folder of the images" in predict(images, images)
    other = tmp_path / "other"
    other.mkdir()
    Image.new("L", (20, 20)).save(other / "old.png")
    assert "old.png" in predict(images, other)

    assert "There is no checkpoint" in predict(images, file=tmp_path / "best.safetensors")
    assert "is not a checkpoint of train.py" in predict(images, file=images / "a.jpg")
    bigger = (ROOT / "solutions" / "model" / "EncDecModel.py").read_text().replace("64", "48")
    home = package(tmp_path / "home", model_EncDecModel=bigger)
    said = predict(images, home=home)
    assert "is a checkpoint of another model: it is EncDec of solutions/" in said
    assert "enc_conv0.weight is (48, 3, 3, 3), in the checkpoint (64, 3, 3, 3)" in said


def test_resuming_another_run_is_refused(say, checkpoint, cells):
    out = checkpoint.parent
    for option, value in (("--model", "UNet"), ("--lr", "0.1"), ("--seed", "5"), ("--batch-size", "3")):
        code, said = say("train.py", "--solutions", *TINY, "--data", cells, "--out", out, "--resume", option, value)
        assert code == 2
        assert f"another setting of {option}" in said


def test_measure_refuses_what_has_no_score(say, cells, tmp_path):
    def measure(predictions: Path, labels: Path = cells / "test" / "labels") -> str:
        table = tmp_path / "table.csv"
        code, said = say("measure.py", "--solutions", "--predictions", predictions, "--labels", labels, "--csv", table)
        assert code == 2, said
        assert not table.exists()
        return said

    assert "There is no folder" in measure(tmp_path / "nowhere")
    masks = tmp_path / "masks"
    masks.mkdir()
    assert f"0 predictions found in {masks}" in measure(masks)
    assert "0 labels found" in measure(cells / "test" / "labels", masks)
    for number in range(2):
        shutil.copy(cells / "test" / "labels" / f"label_{number:05}.png", masks / f"img_{number:05}.png")
    assert "1 of 3 labels have no prediction" in measure(masks)
    assert "label_00002.png" in measure(masks)
    Image.new("L", (48, 65)).save(masks / "img_00002.png")
    assert "is 48x65 pixels, its label" in measure(masks)
    Image.linear_gradient("L").resize((65, 48)).save(masks / "img_00002.png")
    assert "grey levels: a mask has two" in measure(masks)


def test_a_new_run_puts_the_old_one_aside(say, cells, tmp_path):
    arguments = ["train.py", "--solutions", *TINY, "--data", cells, "--out", tmp_path / "run"]
    assert say(*arguments)[0] == 0
    first = (tmp_path / "run" / "best.safetensors").read_bytes()
    assert say(*arguments, "--seed", 1)[0] == 0
    assert (tmp_path / "run" / "previous" / "best.safetensors").read_bytes() == first
    assert (tmp_path / "run" / "best.safetensors").read_bytes() != first


def test_a_data_set_without_a_test_half_is_trained_on_and_said_so(say, tmp_path):
    data = make_cells(tmp_path / "data", train=6, test=0, sequences=False)
    assert say("train.py", "--solutions", *TINY, "--data", data, "--out", tmp_path / "run")[0] == 0
