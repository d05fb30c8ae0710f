"""Whether a worker is still as it was when it was forked: only then may it serve another check.

A fork costs more than most checks. So a worker forgets what it has imported of the student's and serves the next
check, unless the student's code, or something that it imported, has changed anything that outlives it: a function of
torch, the default dtype, the environment, a thread that still runs, a file that still lies there. Then the worker ends,
and the next check gets a new one. A worker that lies about this deceives nobody but its own submission's later checks.
"""

import builtins
import contextlib
import gc
import math
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import PIL.Image
import torch
import torchvision
from torch.overrides import _get_current_function_mode_stack
from torch.utils._python_dispatch import _get_current_dispatch_mode_stack
from torchvision.transforms import v2

from course.sandbox.limits import shut_in

# Where a change stays when the student's own modules are gone.
SHARED = (
    builtins,
    math,
    os,
    random,
    np,
    np.random,
    torch,
    torch.Tensor,
    torch.autograd,
    torch.backends.mkldnn,
    torch.nn,
    torch.nn.functional,
    torch.nn.init,
    torch.nn.Module,
    torch.nn.Parameter,
    torch.optim,
    torch.utils.data,
    torchvision,
    v2,
    PIL.Image,
)
HOOKS = [value for name, value in vars(torch.nn.modules.module).items() if name.startswith("_global_")]
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGXCPU, signal.SIGCHLD)
SCRATCH = ("/tmp", "/dev/shm")  # in a sandbox, where nobody else has files there
# A worker whose checks leave memory behind is not kept, lest the last of them pays for all.
MEMORY = 512 * 1024**2
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class Pristine:
    """What a process is like now, to compare with later. Make it before anything of a student's is imported."""

    def __init__(self) -> None:
        self._modules = set(sys.modules)
        self._shared = [dict(vars(space)) for space in SHARED]
        self._settings = _settings()
        self._memory = _memory()

    def holds(self) -> bool:
        """Whether this process is as it was, but for its random numbers."""
        if set(sys.modules) != self._modules or _settings() != self._settings:
            return False
        if not all(map(_same_names, self._shared, map(vars, SHARED))):
            return False
        gc.collect()
        return _memory() - self._memory < MEMORY


def _same_names(before: dict[str, Any], now: Any) -> bool:
    """Whether all names stand for the very same objects."""
    return len(before) == len(now) and all(now.get(name) is value for name, value in before.items())


def _settings() -> list[Any]:
    """Return everything else that the code of one check could change for the next."""
    questions: list[Callable[[], Any]] = [
        torch.get_default_dtype,
        torch.get_default_device,
        torch.get_num_threads,
        torch.get_float32_matmul_precision,
        torch.is_grad_enabled,
        torch.is_inference_mode_enabled,
        torch.is_anomaly_enabled,
        torch.are_deterministic_algorithms_enabled,
        lambda: torch.is_autocast_enabled("cpu"),
        torch._C._get_mkldnn_enabled,
        lambda: len(_get_current_function_mode_stack()),
        lambda: len(_get_current_dispatch_mode_stack()),
        lambda: [len(hooks) if isinstance(hooks, dict) else hooks for hooks in HOOKS],
        np.geterr,
        lambda: dict(os.environ),
        os.getcwd,
        threading.active_count,
        lambda: [signal.getsignal(number) for number in SIGNALS],
        lambda: signal.getitimer(signal.ITIMER_REAL),
        lambda: (list(sys.path), list(sys.meta_path), sys.stdin, sys.stdout, sys.stderr),
        lambda: (sys.gettrace(), sys.getprofile(), sys.getrecursionlimit()),
        lambda: (sys.displayhook, sys.excepthook, sys.unraisablehook),
        lambda: list(warnings.filters),
        lambda: (gc.isenabled(), gc.get_threshold(), list(gc.callbacks)),
        _has_children,
        lambda: [_names_in(folder) for folder in ("/proc/self/task", "/proc/self/fd", *(SCRATCH if shut_in() else ()))],
    ]
    return [question() for question in questions]


def _has_children() -> bool:
    """Whether this process has started others that it, or the system, has not done with."""
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def _names_in(folder: str) -> list[str]:
    with contextlib.suppress(OSError):
        return sorted(os.listdir(folder))  # noqa: PTH208 - the name alone is asked for
    return []


def _memory() -> int:
    """Return the bytes that this process has touched; 0 where the system does not say."""
    with contextlib.suppress(OSError), open("/proc/self/statm") as stream:  # noqa: PTH123 - no file to speak of
        return int(stream.read().split()[1]) * PAGE
    return 0
