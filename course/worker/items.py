"""Data sets as they come: dictionaries or triples for items, transforms called by keyword, other words for splits."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torchvision import tv_tensors
from torchvision.transforms import v2

from course.worker.adapt import meaning, parameters_of
from course.worker.loading import Library

IMAGE = {"image", "images", "img", "x", "input", "inputs", "pixel_values"}
LABEL = {"mask", "masks", "label", "labels", "y", "target", "targets", "segmentation", "gt", "seg"}
SPLIT = {"split", "mode", "phase", "subset", "partition", "dataset_type", "set_type"}


def parts_of(item: Any, library: Library) -> Any:
    """Return image and label of an item: from a dictionary by their names, from a longer tuple the two that are arrays.

    What is no such item is returned as it is.
    """
    if isinstance(item, Mapping):
        images = [value for key, value in item.items() if str(key).lower() in IMAGE]
        labels = [value for key, value in item.items() if str(key).lower() in LABEL]
        if len(images) == len(labels) == 1:
            library.note("Items are dictionaries: image and label were found by their names. Better return a pair.")
            return images[0], labels[0]
    elif isinstance(item, (tuple, list)) and len(item) > 2:
        arrays = [part for part in item if getattr(part, "ndim", 0) >= 2]
        if len(arrays) == 2:
            library.note("Items have more than two parts: the two that are arrays were taken. Better return a pair.")
            return tuple(arrays)
    return item


class JointTransform(v2.Transform):
    """A transform that also lets itself be called as albumentations' are: `transform(image=array, mask=array)`."""

    def __init__(self, transform: Callable, library: Library) -> None:
        super().__init__()
        self.joint = transform
        self.library = library

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """Transform image and mask together; return what came in, or by name a dictionary of numpy arrays."""
        if not named:
            return self.joint(*inputs)
        self.library.note("The transform was called by keyword, as albumentations wants it: it got numpy arrays.")
        arrays = {name: np.asarray(array) for name, array in named.items()}
        wrapped = {name: _wrapped(name, array) for name, array in arrays.items()}
        done = dict(zip(wrapped, self.joint(*wrapped.values()), strict=True))
        return {name: _unwrapped(done[name], array) for name, array in arrays.items()}


def _wrapped(name: str, array: np.ndarray) -> torch.Tensor:
    kind = tv_tensors.Image if name in IMAGE else tv_tensors.Mask
    tensor = torch.from_numpy(array.copy())
    return kind(tensor.permute(2, 0, 1) if tensor.ndim == 3 else tensor[None])


def _unwrapped(tensor: torch.Tensor, like: np.ndarray) -> np.ndarray:
    plain = tensor.as_subclass(torch.Tensor)
    return (plain.permute(1, 2, 0) if like.ndim == 3 else plain[0]).numpy()


def with_split(cls: Callable, settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings in which `train=True` is `split="train"`, or the other way round, where that is what is there."""
    names = [parameter.name for parameter in parameters_of(cls)]
    own = next((name for name in names if name in SPLIT), None)
    known = {meaning(name) for name in names}
    settings = dict(settings)
    if "train" in settings and "train" not in known and own:
        settings[own] = "train" if settings.pop("train") else "test"
    elif "split" in settings and "split" not in known:
        split = settings["split"]
        if own:
            settings[own] = settings.pop("split")
        elif "train" in known and split in ("train", "test"):
            settings["train"] = settings.pop("split") == "train"
    return settings
