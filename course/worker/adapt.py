"""Calls students' classes and functions as they come: other parameter names, another order, arguments of their own."""

import inspect
from collections.abc import Callable
from itertools import takewhile
from typing import Any

from torch import nn

# What the same argument is called in real answers. The first name is the course's own.
SYNONYMS = {
    "y_pred": {"y_pred", "pred", "preds", "prediction", "predictions", "logits", "output", "outputs", "y_hat", "yhat"},
    "y_true": {"y_true", "y_real", "true", "target", "targets", "label", "labels", "y", "mask", "gt", "ground_truth"},
    "in_channels": {"in_channels", "n_channels", "in_ch", "input_channels"},
    "num_classes": {"num_classes", "n_classes", "classes", "num_class", "out_channels", "out_ch", "output_channels"},
    "train": {"train", "is_train", "training"},
    "transform": {"transform", "transforms", "joint_transform", "paired_transform"},
    "root": {"root", "root_dir", "data_root", "dataset_path", "data_path", "data_dir", "path"},
    "size": {"size", "im_size", "img_size", "image_size", "input_size"},
    "ignore_index": {"ignore_index", "ignore_label"},
    "class_weights": {"class_weights", "weight", "weights"},
}
DEFAULT_SIZE = 128


def meaning(parameter: str) -> str:
    """Return the course's own name for a parameter, or the parameter's name where it has none."""
    return next((own for own, names in SYNONYMS.items() if parameter in names), parameter)


def parameters_of(function: Callable) -> list[inspect.Parameter]:
    """Return the parameters that can be passed, without `self`; an empty list where they cannot be known."""
    if getattr(function, "__init__", None) is nn.Module.__init__:
        return []  # a module without a constructor of its own: its signature says (*args, **kwargs), but takes none
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []


def construct(cls: Callable, settings: dict[str, Any]) -> tuple[Any, list[str]]:
    """Build an object with the settings its constructor knows.

    A required parameter that means the size of the images, and is not among the settings, gets 128.

    Returns:
        the object, and the settings that its constructor has no parameter for.
    """
    arguments, dropped = understood(cls, settings)
    for parameter in parameters_of(cls):
        if meaning(parameter.name) == "size" and parameter.default is parameter.empty:
            arguments.setdefault(parameter.name, DEFAULT_SIZE)
    return cls(**arguments), dropped


def understood(function: Callable, settings: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the settings that a function has parameters for, under its own names for them, and those it has not."""
    parameters = parameters_of(function)
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return dict(settings), []
    own = {meaning(parameter.name): parameter.name for parameter in parameters}
    own |= {parameter.name: parameter.name for parameter in parameters}
    return {own[name]: value for name, value in settings.items() if name in own}, [n for n in settings if n not in own]


def arrange(function: Callable, inputs: dict[str, Any]) -> list[Any]:
    """Put inputs in the order in which a function wants them.

    By position, unless its first two parameters say that they are the other way round, as in the `(y_real, y_pred)`
    of earlier years. A function with fewer parameters than inputs gets the first ones. A parameter with a default is
    the function's own matter, as the weight in `(y_pred, weight=1.0)`, unless its name says that it is an input.
    """
    parameters = parameters_of(function)
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    names = [meaning(p.name) for p in positional]
    if names[:2] == ["y_true", "y_pred"] and set(names[:2]) <= set(inputs):
        return [inputs["y_true"], inputs["y_pred"]]
    wanted = positional[:1]
    wanted += takewhile(lambda p: p.default is p.empty or meaning(p.name) in inputs, positional[1:])
    takes_any = not parameters or any(p.kind is p.VAR_POSITIONAL for p in parameters)
    if takes_any and len(wanted) == len(positional):
        return list(inputs.values())
    return list(inputs.values())[: len(wanted)]
