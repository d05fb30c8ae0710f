"""What the tab "Zoo" knows of the real networks: how they are built, how large they are, where their weights would be.

They are built on torch's "meta" device, which has shapes and no memory: 641 million parameters in a tenth of a second.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from torch import nn

from course.errors import CourseError

CLASSES_VOC, CLASSES_ADE = 21, 150


@dataclass(frozen=True)
class Animal:
    """A real network.

    Attributes:
        package: what it is built with.
        kind: "classes", "instances" or "prompt".
        build: makes it with random weights, on torch's default device; `weights`: the file or folder below --weights.
        learn: what is worth saying about it.
    """

    name: str
    package: str
    kind: str
    build: Callable[[], nn.Module]
    weights: str
    learn: str


def _torchvision(name: str, **arguments: object) -> nn.Module:
    from torchvision.models import segmentation

    return getattr(segmentation, name)(weights=None, weights_backbone=None, num_classes=CLASSES_VOC, **arguments)


def _mask_rcnn() -> nn.Module:
    """Build it as its weights want it: with frozen batch norm in the backbone, which `weights=None` does not give."""
    from torchvision.models import resnet50
    from torchvision.models.detection import MaskRCNN
    from torchvision.models.detection.backbone_utils import _resnet_fpn_extractor
    from torchvision.ops.misc import FrozenBatchNorm2d

    backbone = resnet50(weights=None, norm_layer=FrozenBatchNorm2d)
    return MaskRCNN(_resnet_fpn_extractor(backbone, 3), num_classes=91)


def _segformer(depths: list[int], sizes: list[int], head: int) -> nn.Module:
    from transformers import SegformerConfig, SegformerForSemanticSegmentation

    config = SegformerConfig(
        num_labels=CLASSES_ADE, depths=depths, hidden_sizes=sizes, decoder_hidden_size=head
    )  # the rest is alike in all sizes
    return SegformerForSemanticSegmentation(config)


def _mask2former() -> nn.Module:
    from transformers import Mask2FormerConfig, Mask2FormerForUniversalSegmentation, SwinConfig

    swin = SwinConfig(
        image_size=384, embed_dim=192, depths=[2, 2, 18, 2], num_heads=[6, 12, 24, 48], window_size=12,
        drop_path_rate=0.3, out_features=["stage1", "stage2", "stage3", "stage4"],
    )  # fmt: skip
    return Mask2FormerForUniversalSegmentation(Mask2FormerConfig(backbone_config=swin, num_labels=CLASSES_ADE))


def _sam() -> nn.Module:
    from transformers import SamConfig, SamModel, SamVisionConfig

    huge = SamVisionConfig(
        hidden_size=1280,
        num_hidden_layers=32,
        num_attention_heads=16,
        global_attn_indexes=[7, 15, 23, 31],
        mlp_dim=5120,
    )
    return SamModel(SamConfig(vision_config=huge.to_dict()))


def _detectron2(config: str) -> nn.Module:
    from detectron2 import model_zoo

    return model_zoo.get(config, trained=False, device="cpu")


ANIMALS = [
    Animal(
        "FCN, ResNet-50", "torchvision", "classes", lambda: _torchvision("fcn_resnet50", aux_loss=True),
        "fcn_resnet50_coco-1167a1af.pth",
        "Fully connected layers became convolutions: the first one 7 by 7, not 1 by 1.",
    ),
    Animal(
        "DeepLabv3, ResNet-50", "torchvision", "classes", lambda: _torchvision("deeplabv3_resnet50", aux_loss=True),
        "deeplabv3_resnet50_coco-cd0a2569.pth",
        "Without its auxiliary head it has 39,638,869 parameters; with it, as its weights are, 42,004,074. The "
        "39,639,617 that is often printed is neither.",
    ),
    Animal(
        "LR-ASPP, MobileNetV3", "torchvision", "classes", lambda: _torchvision("lraspp_mobilenet_v3_large"),
        "lraspp_mobilenet_v3_large-d234d4ea.pth", "A tenth of the others' size, made for phones.",
    ),
    Animal(
        "Mask R-CNN, ResNet-50 FPN", "torchvision", "instances", _mask_rcnn, "maskrcnn_resnet50_fpn_coco-bf2d0c1e.pth",
        "44,401,393 with the frozen batch norm that its weights have; 44,454,513 with weights=None. Neither is the "
        "44,177,097 that is often printed.",
    ),
    Animal(
        "SegFormer B0", "transformers", "classes", lambda: _segformer([2, 2, 2, 2], [32, 64, 160, 256], 256),
        "segformer-b0-finetuned-ade-512-512",
        "Logits come at a quarter of the image's size: who forgets to enlarge them compares the wrong pixels.",
    ),
    Animal(
        "SegFormer B2", "transformers", "classes", lambda: _segformer([3, 4, 6, 3], [64, 128, 320, 512], 768),
        "segformer-b2-finetuned-ade-512-512",
        "The 25 million of the tables are nearly its encoder alone: 24,196,288. The head has the rest.",
    ),
    Animal(
        "Mask2Former, Swin-L", "transformers", "classes", _mask2former, "mask2former-swin-large-ade-semantic",
        "A hundred queries, each with a class and a mask. The mIoU of 57.7 beside its name belongs to another row: the "
        "official zoo has 56.1, and 57.3 with several scales.",
    ),
    Animal(
        "SAM, ViT-H", "transformers", "prompt", _sam, "sam-vit-huge",
        "Points and boxes as prompts; the released model takes no text. Its three masks are whole, part and subpart. "
        "segment-anything's own code has 256 fewer: there a matrix of the prompts' places is no parameter.",
    ),
    Animal(
        "Mask R-CNN", "detectron2", "instances",
        lambda: _detectron2("COCO-InstanceSegmentation/mask_rcnn_R_50_FPN_3x.yaml"), "", "Detectron2's own.",
    ),
    Animal(
        "Panoptic FPN", "detectron2", "instances",
        lambda: _detectron2("COCO-PanopticSegmentation/panoptic_fpn_R_50_3x.yaml"), "",
        "Things and stuff in one network.",
    ),
    Animal(
        "Semantic FPN", "detectron2", "instances", lambda: _detectron2("Misc/semantic_R_50_FPN_1x.yaml"), "",
        "The config is under Misc/: the COCO-Stuff path that is often printed does not exist.",
    ),
]  # fmt: skip


def titles() -> list[str]:
    """Return the names of all, with the package where two have one name."""
    return [title(animal) for animal in ANIMALS]


def title(animal: Animal) -> str:
    """Return what it is called on the page."""
    return f"{animal.name} ({animal.package})" if animal.package == "detectron2" else animal.name


def animal(name: str) -> Animal:
    """Return the one with this title."""
    return next(found for found in ANIMALS if title(found) == name)


@dataclass(frozen=True)
class Part:
    """A part of a network: its name, its class, how many parameters."""

    name: str
    kind: str
    parameters: int


@dataclass(frozen=True)
class Anatomy:
    """What a network is made of."""

    parameters: int
    parts: tuple[Part, ...]


@cache
def anatomy(name: str) -> Anatomy:
    """Build a network without memory, and return its parts: two levels deep where a part is large.

    Raises:
        CourseError: what it is built with is not installed.
    """
    chosen = animal(name)
    if importlib.util.find_spec(chosen.package) is None:
        raise CourseError(_how_to_install(chosen.package))
    device = "cpu" if chosen.package == "detectron2" else "meta"  # it moves its models itself
    with torch.device(device):
        model = chosen.build()
    total = sum(parameter.numel() for parameter in model.parameters())
    return Anatomy(total, tuple(_parts(model, total)))


def _parts(model: nn.Module, total: int) -> list[Part]:
    """Return the parts. Parameters that two share are the first's."""
    counted: set[int] = set()

    def size_of(module: nn.Module) -> int:
        new = {id(parameter): parameter.numel() for parameter in module.parameters() if id(parameter) not in counted}
        counted.update(new)
        return sum(new.values())

    parts = []
    for name, child in model.named_children():
        whole = sum(parameter.numel() for parameter in child.parameters())
        if whole > total / 2 and 1 < len(list(child.children())) <= 12:
            parts += [Part(f"{name}.{n}", type(c).__name__, size_of(c)) for n, c in child.named_children()]
            parts.append(Part(f"{name}, its own", "Parameter", size_of(child)))
        else:
            parts.append(Part(name, type(child).__name__, size_of(child)))
    return [part for part in parts if part.parameters]


def _how_to_install(package: str) -> str:
    if package == "detectron2":
        return (
            "Detectron2 is not installed, and is not on PyPI: it is built from source, see "
            "github.com/facebookresearch/detectron2. The other networks are there without it."
        )
    return f"{package} is not installed: `uv pip install {package}`. The networks of torchvision are there without it."


def weights_of(name: str, folder: Path | None) -> Path:
    """Return where a network's weights are.

    Raises:
        CourseError: they are not there; says where they are looked for.
    """
    chosen = animal(name)
    if chosen.package == "detectron2":
        raise CourseError("Detectron2's networks are shown, not run: use its own demo.")
    if folder is None:
        raise CourseError(
            f"No weights: this is the architecture alone. With `course demo --weights DIR`, and DIR/{chosen.weights} "
            "in it, the network runs here. Nothing is downloaded."
        )
    path = folder / chosen.weights
    if not path.exists():
        raise CourseError(f"There is no {chosen.weights} in {folder}: this is the architecture alone.")
    return path
