"""Checkpoints: the best network as a state dict in safetensors with its settings inside; the last one to go on from."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import nn

from course.errors import CourseError
from course.training.files import show, whole
from course.training.pairs import TASKS, Task


@dataclass
class Settings:
    """What a prediction needs besides the weights, and what a run must have in common with the one it goes on from."""

    package: str
    model: str
    num_classes: int
    task: str
    loss: str
    size: int
    mean: list[float]
    std: list[float]
    batch_size: int
    lr: float
    seed: int
    epoch: int = 0
    val_iou: float | None = None
    versions: dict[str, str] = field(default_factory=lambda: {"torch": str(torch.__version__)})


def save_best(path: Path, model: nn.Module, settings: Settings) -> None:
    """Write the state dict and the settings (as JSON in the file's metadata), whole or not at all."""
    # safetensors wants every tensor contiguous and none sharing its memory with another.
    tensors = {name: t.detach().cpu().contiguous().clone() for name, t in model.state_dict().items()}
    with whole(path) as unfinished:
        unfinished.write_bytes(save(tensors, metadata={"settings": json.dumps(asdict(settings))}))


def read_settings(path: Path) -> Settings:
    """Return the settings of a checkpoint.

    Raises:
        CourseError: no such file, or not a checkpoint of train.py.
    """
    if not path.is_file():
        raise CourseError(f"There is no checkpoint {show(path)}. `train.py` writes one into its --out folder.")
    try:
        with safe_open(path, "pt") as stored:
            settings = Settings(**json.loads(stored.metadata()["settings"]))
            if settings.task not in TASKS:
                raise ValueError
    except (SafetensorError, TypeError, KeyError, ValueError):
        raise CourseError(f"{show(path)} is not a checkpoint of train.py (best.safetensors).") from None
    return settings


def load_best(path: Path, model: nn.Module, settings: Settings, where: str) -> None:
    """Load the weights into a model of the same architecture.

    Raises:
        CourseError: the model's layers are not those of the checkpoint.
    """
    with safe_open(path, "pt") as stored:
        tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118 - not a dict
    own = model.state_dict()
    differences = [f"{n} is missing in the checkpoint" for n in own if n not in tensors]
    differences += [f"{n} is only in the checkpoint" for n in tensors if n not in own]
    differences += [
        f"{n} is {tuple(own[n].shape)}, in the checkpoint {tuple(tensors[n].shape)}"
        for n in own
        if n in tensors and own[n].shape != tensors[n].shape
    ]
    if differences:
        more = f" (and {len(differences) - 1} more differences)" if len(differences) > 1 else ""
        hint = " It was trained with `--solutions`." if settings.package == "solutions" else ""
        raise CourseError(
            f"{show(path)} is a checkpoint of another model: it is {settings.model} of {settings.package}/, and "
            f"{where} has other layers: {differences[0]}{more}.{hint}"
        )
    model.load_state_dict(tensors)


def task_of(settings: Settings) -> Task:
    """Return the task of a checkpoint."""
    return TASKS[settings.task]


def save_last(path: Path, state: dict[str, Any]) -> None:
    """Write everything that a run needs to go on."""
    with whole(path) as unfinished:
        torch.save(state, unfinished)


def load_last(path: Path, settings: Settings) -> dict[str, Any]:
    """Read what `save_last` wrote, and check that the run is the same one.

    Raises:
        CourseError: nothing to go on from, or a run with other settings.
    """
    if not path.is_file():
        raise CourseError(f"There is no {show(path)} to go on from. Leave --resume out to start a run.")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        before = state["settings"]
    except Exception as error:
        raise CourseError(f"{show(path)} cannot be read: it is no state of train.py, or it is damaged.") from error
    now = asdict(settings)
    for name in ("package", "model", "task", "loss", "size", "batch_size", "lr", "seed", "mean", "std"):
        if before[name] != now[name]:
            what = "the training images" if name in ("mean", "std") else f"--{name.replace('_', '-')}"
            if name == "package":
                what = "--solutions"
            raise CourseError(
                f"{show(path)} is a run with another setting of {what} ({before[name]}, now {now[name]}). "
                "Start a new one in another --out folder."
            )
    return state
