"""A process that imports torch once, and forks a worker for each request: milliseconds instead of seconds.

It holds no answers and starts no threads. Started as `python -m course.worker.zygote FD [cells]`, it reads from the
control socket FD: JSON, with descriptors attached. Workers that need no sandbox are its own children:

    {"op": "spawn", "root": FOLDER} + [channel, output]  ->  {"pid": PID}      the worker serves on `channel`
    {"op": "end", "pid": PID}                            ->  {"status": CODE, "cpu": SECONDS}   it is gone

With `cells`, the workers of a submission live in a cell, which is asked the same over a socket of its own:

    {"op": "open"} + [control socket]                    ->  {}                see `course.sandbox.cell`
"""

import gc
import os
import socket
import sys
from pathlib import Path
from typing import Any

import PIL.Image
import torch._dynamo  # noqa: F401 - an optimiser imports it at its first step, which takes seconds
from torchvision.transforms import v2  # noqa: F401

import course
from course.worker.forks import Worker, listen
from course.worker.loading import remember_compiled


def main() -> None:
    """Serve the control socket until it is closed."""
    hide_project()
    PIL.Image.preinit()  # else each worker that opens a picture imports the file formats anew
    remember_compiled()
    gc.freeze()  # a worker that collects garbage must not copy everything that it has in common with this process
    control = socket.socket(fileno=int(sys.argv[1]))
    if sys.argv[2:] == ["cells"]:
        from course.sandbox import cell, linux, syscalls

        linux.set_dumpable(False)
        syscalls.worker_filter()
        listen(control, {"open": cell.open_cell})
    else:
        listen(control, {"spawn": spawn, "end": end})
    os._exit(0)  # a library's last words, about objects that nobody has collected, are nothing for a student


def hide_project() -> None:
    """Take the project's folder off the import path: a submission must not find `solutions` or another `lib` there."""
    project = Path(course.__file__).resolve().parents[1]
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != project]


_workers: dict[int, Worker] = {}


def spawn(request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
    """Fork a worker without a sandbox, and return its process id."""
    worker = Worker(Path(request["root"]), descriptors, lambda: None)
    _workers[worker.pid] = worker
    return {"pid": worker.pid}


def end(request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
    """Kill a worker and its process group."""
    status, cpu = _workers.pop(request["pid"]).end(everything=False)
    return {"status": status, "cpu": cpu}


if __name__ == "__main__":
    main()
