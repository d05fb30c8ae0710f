"""Operations that call a loss, a metric or any function on arrays, and return its values and its gradient."""

import json
from typing import Any

import numpy as np
import torch
from torch import nn

from course.worker.adapt import arrange, construct, understood
from course.worker.loading import Library
from course.worker.protocol import Arrays

Answer = tuple[dict[str, Any], Arrays]


def evaluate(library: Library, request: dict[str, Any], arrays: Arrays) -> Answer:
    """Call one symbol.

    Request: `file`, `symbol`, `settings` (constructor arguments of a class, keyword arguments of a function; a list
    becomes a tensor), `inputs` (names of the arrays, in order), `dtype` of floating inputs, `device`, `gradient` (of
    the sum of the result with respect to the first input).
    Reply: `dropped` settings (there is no parameter for them), `modified` inputs, `values` (kind and dtype of each
    result), arrays `value0`, ... and `gradient` where there is one.
    """
    return _call(Target(library, request), request, arrays)


class Target:
    """A symbol, ready to be called: a function with settings, or an object built with them."""

    def __init__(self, library: Library, request: dict[str, Any]) -> None:
        symbol = library.symbol(request["file"], request["symbol"])
        device = torch.device(request["device"])
        settings = with_tensors(request["settings"], request["dtype"], device)
        self.function, self.dropped = symbol, []
        if isinstance(symbol, type):
            self.function, self.dropped = construct(symbol, settings)
            settings = {}
            if isinstance(self.function, nn.Module):
                self.function.to(device)
        self.signature = self.function.forward if isinstance(self.function, nn.Module) else self.function
        if settings:
            settings, self.dropped = understood(self.signature, settings)
        self.settings = settings


def _call(target: Target, request: dict[str, Any], arrays: Arrays) -> Answer:
    device = torch.device(request["device"])
    inputs = {name: to_tensor(arrays[name], request["dtype"], device) for name in request["inputs"]}
    before = {name: tensor.clone() for name, tensor in inputs.items()}
    first = next(iter(inputs.values()))
    if request["gradient"]:
        first.requires_grad_(True)
    result = target.function(*arrange(target.signature, inputs), **target.settings)

    header: dict[str, Any] = {"dropped": target.dropped}
    values, replies = describe(result)
    header["values"] = values
    if request["gradient"]:
        gradient = gradient_of(result, first)
        if gradient is not None:
            replies["gradient"] = to_array(gradient)
    header["modified"] = [name for name in inputs if not torch.equal(inputs[name].detach(), before[name])]
    return header, replies


def evaluate_each(library: Library, request: dict[str, Any], arrays: Arrays) -> Answer:
    """Call one symbol several times: a request costs as much as many a call.

    An object is built once for all calls with the same settings, as in a training: what it keeps from one batch, it has
    in the next.

    Request: as `evaluate`, with a list of `settings`, one for each call. Arrays: `0.y_pred`, ..., `1.y_pred`, ...
    Reply: `calls`, the reply of each; arrays `0.value0`, `0.gradient`, ...
    """
    calls, replies, targets = [], {}, {}
    for number, settings in enumerate(request["settings"]):
        inputs = {name: arrays[f"{number}.{name}"] for name in request["inputs"]}
        built = json.dumps(settings, sort_keys=True)
        if built not in targets:
            targets[built] = Target(library, request | {"settings": settings})
        header, values = _call(targets[built], request, inputs)
        calls.append(header)
        replies |= {f"{number}.{name}": array for name, array in values.items()}
    return {"calls": calls}, replies


def accumulate(library: Library, request: dict[str, Any], arrays: Arrays) -> Answer:
    """Build an object, pass it several batches, ask it questions.

    Request: `file`, `symbol`, `settings`, `update` (method for a batch), `batches` (how many), `questions` (methods or
    attributes). Arrays: `0.y_pred`, `0.y_true`, `1.y_pred`, ...
    Reply: as `evaluate`, one value for each question.
    """
    target, dropped = construct(library.symbol(request["file"], request["symbol"]), request["settings"])
    update = getattr(target, request["update"])
    for batch in range(request["batches"]):
        inputs = {name: torch.from_numpy(arrays[f"{batch}.{name}"]) for name in ("y_pred", "y_true")}
        update(*arrange(update, inputs))
    results = []
    for question in request["questions"]:
        attribute = getattr(target, question)
        results.append(attribute() if callable(attribute) else attribute)
    values, replies = describe(tuple(results))
    return {"dropped": dropped, "values": values, "modified": []}, replies


def describe(result: Any) -> Answer:
    """Turn a result, or a tuple or list of results, into arrays and a description of each."""
    results = result if isinstance(result, (tuple, list)) else (result,)
    kinds, replies = [], {}
    for index, value in enumerate(results):
        if isinstance(value, torch.Tensor):
            kinds.append({"kind": "tensor", "dtype": str(value.dtype).removeprefix("torch.")})
            replies[f"value{index}"] = to_array(value)
        elif isinstance(value, (bool, int, float, np.ndarray, np.generic)) and np.asarray(value).dtype.kind in "fiub":
            array = np.asarray(value)
            kinds.append({"kind": "number", "dtype": str(array.dtype)})
            replies[f"value{index}"] = array
        else:
            kinds.append({"kind": type(value).__name__, "dtype": ""})
    return kinds, replies


def gradient_of(result: Any, wrt: torch.Tensor) -> torch.Tensor | None:
    """Return the gradient of the sum of a result; None where the result does not depend on `wrt`."""
    if not isinstance(result, torch.Tensor) or not result.requires_grad:
        return None
    (gradient,) = torch.autograd.grad(result.sum(), wrt, allow_unused=True)
    return gradient


def to_tensor(array: np.ndarray, dtype: str, device: torch.device) -> torch.Tensor:
    """Copy an array to a tensor; floating arrays get the dtype asked for, others keep theirs."""
    tensor = torch.from_numpy(array.copy())
    return tensor.to(device, getattr(torch, dtype) if tensor.is_floating_point() else None)


def with_tensors(settings: dict[str, Any], dtype: str, device: torch.device) -> dict[str, Any]:
    """Return settings in which each list, say of class weights, is a tensor: JSON has no other way to carry one."""
    return {
        name: torch.tensor(value, dtype=getattr(torch, dtype), device=device) if isinstance(value, list) else value
        for name, value in settings.items()
    }


def to_array(tensor: torch.Tensor) -> np.ndarray:
    """Copy a tensor to an array. numpy has no bfloat16: half precision travels as float32."""
    plain = tensor.detach().cpu().as_subclass(torch.Tensor)
    if plain.dtype in (torch.bfloat16, torch.float16):
        plain = plain.float()
    return plain.contiguous().numpy()
