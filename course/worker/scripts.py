"""Operation `run`: run the submission's train.py and predict.py one after the other, and return the masks."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from course.worker.datasets import write_files
from course.worker.evaluate import Answer
from course.worker.loading import Library
from course.worker.protocol import Arrays

TAIL = 2000


def run(library: Library, request: dict[str, Any], arrays: Arrays) -> Answer:
    """Run scripts in a fresh folder until one fails.

    Request: `commands`: lists of words, `{data}` and `{out}` standing for the folders of the files and for the
    results; `masks`: the folder inside `{out}` whose PNG files are returned; `timeout` in seconds for each.
    Arrays: `files/<path>`, uint8 bytes of each file.
    Reply: `exit_code` and `output` (its end) of the last command that ran; arrays `<stem>`: each mask, as it is.
    """
    with tempfile.TemporaryDirectory() as name:
        folders = {"data": Path(name) / "data", "out": Path(name) / "out"}
        for folder in folders.values():
            folder.mkdir()
        write_files(folders["data"], arrays)
        # A script may write beside itself, but not into what later checks are run with.
        home = shutil.copytree(library.root, Path(name) / "submission")
        environment = dict(os.environ, PYTHONPATH="", MPLBACKEND="Agg", COLUMNS="80", TERM="dumb")
        for words in request["commands"]:
            command = [sys.executable, *(word.format(**folders) for word in words)]
            try:
                done = subprocess.run(
                    command,
                    cwd=home,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    timeout=request["timeout"],
                )
            except subprocess.TimeoutExpired:
                took = f"{words[0]} took more than {request['timeout']:.0f} seconds."
                return {"exit_code": 124, "output": took, "script": words[0]}, {}
            if done.returncode != 0:
                break
        # The folder has another name each time, and a record must not.
        output = done.stdout.decode("utf-8", "replace").replace(f"{name}/", "")[-TAIL:]
        masks = read_masks(folders["out"] / request["masks"])
    # A process that a signal ended has a negative code: as a shell says it, 128 and the signal's number.
    exit_code = done.returncode if done.returncode >= 0 else 128 - done.returncode
    return {"exit_code": exit_code, "output": output, "script": words[0]}, masks


def read_masks(folder: Path) -> Arrays:
    """Read all PNG files of a folder; a file that is no image is left out."""
    masks: Arrays = {}
    for path in sorted(folder.glob("*.png")):
        try:
            with Image.open(path) as image:
                masks[path.stem] = np.array(image)
        except (OSError, ValueError, Image.DecompressionBombError):
            continue
    return masks
