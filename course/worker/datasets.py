"""Operation `dataset`: write files into a folder, open a student's data set on it, and return its items."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torchvision.transforms import v2

from course.worker.adapt import construct, meaning, parameters_of
from course.worker.evaluate import Answer, describe
from course.worker.faults import fault_of
from course.worker.items import JointTransform, parts_of, with_split
from course.worker.loading import Library
from course.worker.protocol import Arrays
from course.worker.seeding import seed_torch

# What ToTensor does. A data set that cannot be used without a transform may leave this to it.
TO_TENSOR = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True)]


def dataset(library: Library, request: dict[str, Any], arrays: Arrays) -> Answer:
    """Open a data set and read items.

    Request: `file`, `symbol`, `settings`; `root` "argument" or the name of an environment variable; `outdone` the
    name of one that names an empty folder besides, or null; `transform` (null, or
    {"name": "resize", "size": [H, W]} or {"name": "flip"}: a random horizontal flip); `indices` to read, or null
    for the `first` so many, as far as they are there; `seed`.
    Arrays: `files/<path>`, uint8 bytes of each file.
    Reply: `length`; `items`: kinds and dtypes of the parts of each item; arrays `0.value0`, `0.value1`, ...; or
    `raised`, the text of the error with which the data set refused the folder, with `folder`, the folder's name, and
    `where`, where in the student's code that was.
    """
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "dataset"
        root.mkdir()
        write_files(root, arrays)
        settings = dict(request["settings"])
        if request["root"] == "argument":
            settings["root"] = str(root)
        else:
            stack.enter_context(_environment(request["root"], str(root)))
        if request["outdone"]:
            stack.enter_context(_environment(request["outdone"], stack.enter_context(tempfile.TemporaryDirectory())))
        cls = library.symbol(request["file"], request["symbol"])
        settings = with_split(cls, settings)
        transform = _transform(request["transform"], required=_needs_transform(cls))
        if transform is not None:
            transform = JointTransform(transform, library)
        try:
            opened, _ = construct(cls, settings | {"transform": transform})
            length = len(opened)
        except Exception as error:
            fault = fault_of(error, library.root)
            if fault.kind == "not_attempted":
                raise fault from None
            return {"raised": f"{type(error).__name__}: {error}", "folder": str(root), "where": fault.text}, {}
        indices = request["indices"]
        if indices is None:
            indices = list(range(min(request["first"], length)))
        items = _read(opened, indices, request["seed"])
        if _needs_transform(cls) and any(map(_holds_pictures, items)):
            opened, _ = construct(cls, settings | {"transform": v2.Compose([transform, *TO_TENSOR])})
            items = _read(opened, indices, request["seed"])
        header: dict[str, Any] = {"length": length, "items": []}
        replies: Arrays = {}
        for position, item in enumerate(items):
            kinds, values = describe(parts_of(item, library))
            header["items"].append(kinds)
            replies |= {f"{position}.{key}": array for key, array in values.items()}
        return header, replies


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """Set an environment variable for a while."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before


def write_files(root: Path, arrays: Arrays) -> None:
    """Write the arrays named `files/<path>` as files under a folder. A path that ends in "/" is an empty folder."""
    for name, content in arrays.items():
        if name.startswith("files/"):
            path = root / name.removeprefix("files/")
            if name.endswith("/"):
                path.mkdir(parents=True, exist_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.tobytes())


def _read(opened: Any, indices: list[int], seed: int) -> list[Any]:
    seed_torch(seed)
    return [opened[index] for index in indices]


def _transform(request: dict[str, Any] | None, required: bool) -> v2.Transform | None:
    if request is None:
        return v2.Identity() if required else None
    if request["name"] == "resize":
        return v2.Resize(request["size"], antialias=True)
    return v2.RandomHorizontalFlip(0.5)


def _needs_transform(cls: Callable) -> bool:
    """Whether a constructor has a parameter `transform` without a default, as the sheet's starter code has."""
    return any(meaning(p.name) == "transform" and p.default is p.empty for p in parameters_of(cls))


def _holds_pictures(item: Any) -> bool:
    """Whether an item has parts that no transform has made tensors yet."""
    return isinstance(item, (tuple, list)) and any(isinstance(part, Image.Image) for part in item)
