"""Where to compute, and in which precision."""

import signal
import time

import torch
from accelerate import Accelerator, PartialState
from accelerate.utils import broadcast, broadcast_object_list
from torch import nn

from course.errors import CourseError
from course.worker.layout import fast_layout
from course.worker.threads import one_thread


def find_device(name: str) -> str:
    """Return "cpu", "cuda" or "mps"; "auto" takes what is there.

    Raises:
        CourseError: the device was asked for by name and is not there.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return next(device for device, found in there.items() if found)
    if not there[name]:
        raise CourseError(
            f"`--device {name}`: PyTorch {torch.__version__} finds no such device on this machine. "
            "`--device auto` takes what is there."
        )
    return name


def choose_precision(asked: str, state: PartialState) -> str:
    """Return "fp32" or "bf16", the same in all processes. "auto" is bf16 only where a short trial shows it faster."""
    if asked != "auto":
        return asked
    choice = ["bf16" if state.is_main_process and bf16_is_faster(state.device) else "fp32"]
    broadcast_object_list(choice)
    return choice[0]


def bf16_is_faster(device: torch.device) -> bool:
    """Time a few steps of two convolutions both ways; True where bfloat16 takes less than 0.8 of the time.

    Many processors accept bfloat16 and emulate it, several times slower: only the clock can tell.
    """
    if device.type == "mps":
        return False
    # Threads that wait for each other on a busy machine would measure the machine.
    with one_thread():
        conv = nn.Conv2d(64, 64, 3, padding=1).to(device, memory_format=torch.channels_last)
        x = torch.randn(2, 64, 64, 64, device=device).contiguous(memory_format=torch.channels_last)
        seconds = {False: [], True: []}
        for bf16 in [False, True] * 4:
            start = time.perf_counter()
            with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
                y = conv(conv(x))
            y.float().sum().backward()
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            seconds[bf16].append(time.perf_counter() - start)
    return min(seconds[True]) < 0.8 * min(seconds[False])


def run_fast(model: nn.Module, size: int) -> nn.Module:
    """Let a network work in the memory layout in which it is fastest, whatever its input's is; return it.

    Args:
        size: height and width of the images.
    """
    layout = fast_layout(model.eval(), torch.zeros(1, 3, size, size))
    model.register_forward_pre_hook(lambda _, inputs: (inputs[0].contiguous(memory_format=layout), *inputs[1:]))
    return model.to(memory_format=layout)


def same_buffers(model: nn.Module) -> None:
    """Give all processes the first one's buffers (batch norm's running means), so that they validate one network."""
    for buffer in model.buffers():
        broadcast(buffer)


def stop_on_ctrl_c(accelerator: Accelerator) -> None:
    """Let Ctrl-C set the accelerator's trigger, so that all processes stop after the same step.

    In a single process a second Ctrl-C stops at once, for networks whose steps take minutes.
    """

    def ask(*_: object) -> None:
        accelerator.set_trigger()
        if accelerator.num_processes == 1:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, ask)
