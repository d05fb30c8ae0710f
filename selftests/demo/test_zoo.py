"""The real networks: their sizes, and that they run with weights from a folder: random ones stand in for trained."""

import numpy as np
import pytest
import torch

from course.demo import zoo, zoo_run
from course.errors import CourseError

# Counted apart from this code, with the libraries' own constructors and metadata.
PARAMETERS = {
    "FCN, ResNet-50": 35_322_218,
    "DeepLabv3, ResNet-50": 42_004_074,
    "LR-ASPP, MobileNetV3": 3_221_538,
    "Mask R-CNN, ResNet-50 FPN": 44_401_393,
    "SegFormer B0": 3_752_694,
    "SegFormer B2": 27_461_974,
    "Mask2Former, Swin-L": 215_491_851,
    "SAM, ViT-H": 641_090_864,
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters(name):
    found = zoo.anatomy(name)
    assert found.parameters == PARAMETERS[name]
    assert sum(part.parameters for part in found.parts) == found.parameters
    assert 2 <= len(found.parts) <= 16


def test_the_sizes_are_those_that_torchvision_states():
    from torchvision.models import detection, segmentation

    stated = {
        "FCN, ResNet-50": segmentation.FCN_ResNet50_Weights,
        "DeepLabv3, ResNet-50": segmentation.DeepLabV3_ResNet50_Weights,
        "LR-ASPP, MobileNetV3": segmentation.LRASPP_MobileNet_V3_Large_Weights,
        "Mask R-CNN, ResNet-50 FPN": detection.MaskRCNN_ResNet50_FPN_Weights,
    }
    for name, weights in stated.items():
        assert PARAMETERS[name] == weights.DEFAULT.meta["num_params"]
        assert weights.DEFAULT.url.endswith("/" + zoo.animal(name).weights)


def test_what_is_not_installed_or_not_there_is_a_sentence(tmp_path):
    with pytest.raises(CourseError, match="Detectron2 is not installed"):
        zoo.anatomy("Panoptic FPN (detectron2)")
    with pytest.raises(CourseError, match="course demo --weights DIR"):
        zoo.weights_of("SegFormer B0", None)
    with pytest.raises(CourseError, match="no segformer-b0"):
        zoo.weights_of("SegFormer B0", tmp_path)
    with pytest.raises(CourseError, match="its own demo"):
        zoo.weights_of("Mask R-CNN (detectron2)", tmp_path)


IMAGE = np.random.default_rng(0).integers(0, 255, (60, 90, 3), np.uint8)


def test_a_torchvision_network_runs_from_its_file(tmp_path):
    name = "LR-ASPP, MobileNetV3"
    torch.manual_seed(0)
    torch.save(zoo.animal(name).build().state_dict(), tmp_path / zoo.animal(name).weights)
    shown = zoo_run.run(name, zoo.weights_of(name, tmp_path), IMAGE)
    assert shown.labels.shape == (60, 90)
    assert shown.names and all(0 < share <= 1 for *_, share in shown.names)


def test_a_transformers_network_runs_from_its_folder(tmp_path):
    name = "SegFormer B0"
    zoo.animal(name).build().save_pretrained(tmp_path / zoo.animal(name).weights)
    shown = zoo_run.run(name, zoo.weights_of(name, tmp_path), IMAGE)
    assert shown.labels.shape == (60, 90) and 0 < len(shown.names) <= zoo_run.NAMED


def test_a_promptable_network_answers_a_point(tmp_path):
    from transformers import SamConfig, SamModel, SamVisionConfig

    small = SamVisionConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, mlp_dim=32)
    SamModel(SamConfig(vision_config=small.to_dict())).save_pretrained(tmp_path / "sam-vit-huge")
    shown = zoo_run.run("SAM, ViT-H", zoo.weights_of("SAM, ViT-H", tmp_path), IMAGE, 0.2, 0.8)
    assert shown.labels.shape == (60, 90) and len(shown.names) == 3


def test_weights_of_another_network_are_refused(tmp_path):
    path = tmp_path / zoo.animal("LR-ASPP, MobileNetV3").weights
    torch.save({"layer": torch.zeros(3)}, path)
    with pytest.raises(CourseError, match="holds no weights for"):
        zoo_run.run("LR-ASPP, MobileNetV3", path, IMAGE)


def test_a_pickle_that_would_run_code_is_refused_unrun(tmp_path):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    path = tmp_path / zoo.animal("LR-ASPP, MobileNetV3").weights
    torch.save(Evil(), path)
    with pytest.raises(CourseError):
        zoo_run.run("LR-ASPP, MobileNetV3", path, IMAGE)
    assert not (tmp_path / "ran").exists()
