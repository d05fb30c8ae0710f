"""Runs a real network of the zoo with weights from a folder: nothing is ever downloaded, nothing unpickled."""

import pickle
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course.demo.zoo import Animal, animal
from course.errors import CourseError

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet: what all of them were trained with
LONGEST = 640  # a laptop should answer within seconds
SAM_SIZE = 1024
SURE = 0.5
NAMED = 8  # classes or objects that are named


@dataclass(frozen=True)
class Shown:
    """What came of it.

    Attributes:
        labels: a number for each pixel, 0 for nothing, int64 `(H, W)`.
        names: what the numbers mean, with a figure to each: the share of the image, or how sure it is.
    """

    labels: np.ndarray
    names: list[tuple[int, str, float]]


def run(name: str, path: Path, image: np.ndarray, x: float = 0.5, y: float = 0.5) -> Shown:
    """Show an image to a network.

    Args:
        path: its weights, as `weights_of` finds them.
        image: uint8 `(H, W, 3)`.
        x, y: the prompt's place, from 0 to 1, where there is one.

    Raises:
        CourseError: the weights are not this network's.
    """
    chosen = animal(name)
    model = _load(name, path)
    with torch.inference_mode():
        if chosen.kind == "prompt":
            return _prompted(model, image, x, y)
        if chosen.kind == "instances":
            return _instances(model, image)
        return _classes(chosen, model, image)


@lru_cache(maxsize=1)
def _load(name: str, path: Path) -> nn.Module:
    """Load one network; the one before is forgotten: some need gigabytes."""
    chosen = animal(name)
    try:
        if chosen.package == "torchvision":
            model = chosen.build()
            model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        else:
            with torch.device("meta"):
                kind = type(chosen.build())
            model = kind.from_pretrained(path, local_files_only=True, use_safetensors=True)
    except (OSError, RuntimeError, ValueError, KeyError, pickle.UnpicklingError) as error:
        raise CourseError(f"{path.name} holds no weights for {name}: {str(error).splitlines()[0]}") from None
    return model.eval()


def _input(image: np.ndarray, longest: int = LONGEST) -> Tensor:
    """Return an image `(1, 3, h, w)` with ImageNet's mean and spread taken out, no side longer than asked."""
    pixels = torch.from_numpy(image.transpose(2, 0, 1).copy()).float()[None] / 255
    share = min(1.0, longest / max(image.shape[:2]))
    if share < 1:
        pixels = F.interpolate(pixels, scale_factor=share, mode="bilinear", antialias=True)
    mean, std = (torch.tensor(values).reshape(1, 3, 1, 1) for values in (MEAN, STD))
    return (pixels - mean) / std


def _classes(chosen: Animal, model: nn.Module, image: np.ndarray) -> Shown:
    out = model(_input(image))
    if chosen.package == "torchvision":
        logits, names = out["out"], _names_of_voc()
    elif hasattr(out, "logits"):
        logits, names = out.logits, model.config.id2label
    else:  # Mask2Former: a class for each query, a mask for each query
        queries = out.class_queries_logits.softmax(-1)[..., :-1]
        logits = torch.einsum("bqc,bqhw->bchw", queries, out.masks_queries_logits.sigmoid())
        names = model.config.id2label
    logits = F.interpolate(logits, size=image.shape[:2], mode="bilinear", align_corners=False)
    labels = logits[0].argmax(0).numpy()
    counts = np.bincount(labels.ravel())
    largest = [int(k) for k in np.argsort(-counts)[:NAMED] if counts[k]]
    return Shown(labels, [(k, str(names.get(k, k)), counts[k] / labels.size) for k in largest])


def _instances(model: nn.Module, image: np.ndarray) -> Shown:
    from torchvision.models.detection import MaskRCNN_ResNet50_FPN_Weights

    categories = MaskRCNN_ResNet50_FPN_Weights.DEFAULT.meta["categories"]
    pixels = torch.from_numpy(image.transpose(2, 0, 1).copy()).float() / 255  # it normalises by itself
    (out,) = model([pixels])
    labels, names = np.zeros(image.shape[:2], np.int64), []
    for number, (score, kind, mask) in enumerate(zip(out["scores"], out["labels"], out["masks"], strict=True), 1):
        if score < SURE or number > NAMED:
            break
        labels[(mask[0] > 0.5).numpy()] = number
        names.append((number, categories[int(kind)], float(score)))
    return Shown(labels, names)


def _prompted(model: nn.Module, image: np.ndarray, x: float, y: float) -> Shown:
    """Ask SAM for the three masks at a point; show the one that it is surest of."""
    height, width = image.shape[:2]
    scale = SAM_SIZE / max(height, width)
    pixels = F.interpolate(_input(image, max(height, width)), scale_factor=scale, mode="bilinear", antialias=True)
    h, w = pixels.shape[2:]
    pixels = F.pad(pixels, (0, SAM_SIZE - w, 0, SAM_SIZE - h))
    points = torch.tensor([[[[x * w, y * h]]]])
    out = model(pixel_values=pixels, input_points=points, multimask_output=True)
    masks = F.interpolate(out.pred_masks[0].float(), (SAM_SIZE, SAM_SIZE), mode="bilinear", align_corners=False)
    masks = F.interpolate(masks[..., :h, :w], (height, width), mode="bilinear", align_corners=False)[0] > 0
    scores = out.iou_scores[0, 0]
    best = int(scores.argmax())
    names = [
        (k + 1, f"mask {k + 1}: {float(masks[k].float().mean()):.0%} of the image", float(scores[k])) for k in range(3)
    ]
    return Shown(masks[best].long().numpy() * (best + 1), names)


def _names_of_voc() -> dict[int, str]:
    from torchvision.models.segmentation import FCN_ResNet50_Weights

    return dict(enumerate(FCN_ResNet50_Weights.DEFAULT.meta["categories"]))
