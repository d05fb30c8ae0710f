"""Operation `dataset`: write files into a folder, open a student's data set on it, and return its items."""

import os
import tempfile
from pathlib import Path
from typing import Any

import torch
from torchvision.transforms import v2

from course.worker.adapt import construct
from course.worker.evaluate import Answer, describe
from course.worker.faults import fault_of
from course.worker.loading import Library
from course.worker.protocol import Arrays


def dataset(library: Library, request: dict[str, Any], arrays: Arrays) -> Answer:
    """Open a data set and read items.

    Request: `file`, `symbol`, `settings`; `root` "argument" or the name of an environment variable; `transform` (null,
    or {"name": "resize", "size": [H, W]} or {"name": "flip"}: a random horizontal flip); `indices` to read; `seed`.
    Arrays: `files/<path>`, uint8 bytes of each file.
    Reply: `length`; `items`: kinds and dtypes of the parts of each item; arrays `0.value0`, `0.value1`, ...; or
    `raised`, the text of the error with which the data set refused the folder, with `folder`, the folder's name, and
    `where`, where in the student's code that was.
    """
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "dataset"
        root.mkdir()
        write_files(root, arrays)
        settings = dict(request["settings"])
        settings["transform"] = _transform(request["transform"])
        if request["root"] == "argument":
            settings["root"] = str(root)
        else:
            os.environ[request["root"]] = str(root)
        cls = library.symbol(request["file"], request["symbol"])
        torch.manual_seed(request["seed"])
        try:
            opened, _ = construct(cls, settings)
            length = len(opened)
        except Exception as error:
            fault = fault_of(error, library.root)
            if fault.kind == "not_attempted":
                raise fault from None
            return {"raised": f"{type(error).__name__}: {error}", "folder": str(root), "where": fault.text}, {}
        header: dict[str, Any] = {"length": length, "items": []}
        replies: Arrays = {}
        for position, index in enumerate(request["indices"]):
            kinds, values = describe(opened[index])
            header["items"].append(kinds)
            replies |= {f"{position}.{key}": array for key, array in values.items()}
        return header, replies


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


def _transform(request: dict[str, Any] | None) -> v2.Transform | None:
    if request is None:
        return None
    if request["name"] == "resize":
        return v2.Resize(request["size"], antialias=True)
    return v2.RandomHorizontalFlip(0.5)
