"""A process that imports torch once, and forks a worker for each request: milliseconds instead of seconds.

It holds no answers and starts no threads. Started as `python -m course.worker.zygote FD`, it reads from the control
socket FD: JSON, with descriptors attached.

    {"op": "spawn", "root": FOLDER} + [channel, output]  ->  {"pid": PID}      the worker serves on `channel`
    {"op": "end", "pid": PID}                            ->  {"status": CODE}  the worker and all it started are gone
"""

import contextlib
import json
import os
import signal
import socket
import sys
import traceback
from pathlib import Path

import torch._dynamo  # noqa: F401 - an optimiser imports it at its first step, which takes seconds
from torchvision.transforms import v2  # noqa: F401

import course
from course.worker.serve import serve

MAX_CONTROL = 64 * 1024


def main() -> None:
    """Serve the control socket until it is closed."""
    hide_project()
    control = socket.socket(fileno=int(sys.argv[1]))
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, MAX_CONTROL, 2)
        if not message:
            return
        request = json.loads(message)
        if request["op"] == "spawn":
            reply = {"pid": spawn(request, descriptors, control)}
        else:
            reply = {"status": end(request["pid"])}
        control.sendall(json.dumps(reply).encode())


def hide_project() -> None:
    """Take the project's folder off the import path: a submission must not find `solutions` or another `lib` there."""
    project = Path(course.__file__).resolve().parents[1]
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != project]


def spawn(request: dict[str, str], descriptors: list[int], control: socket.socket) -> int:
    """Fork a worker, and return its process id."""
    pid = os.fork()
    if pid:
        for descriptor in descriptors:
            os.close(descriptor)
        return pid
    status = 1
    try:
        control.close()
        become_worker(descriptors[1])
        serve(socket.socket(fileno=descriptors[0]), Path(request["root"]))
        status = 0
    except BaseException:
        traceback.print_exc()
    os._exit(status)


def become_worker(output: int) -> None:
    """Leave the zygote's session, and send everything that is printed to `output`."""
    os.setsid()
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(null)
    os.close(output)


def end(pid: int) -> int:
    """Kill a worker's process group, and return the worker's exit status as `os.waitstatus_to_exitcode` gives it."""
    try:
        waited, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return 0
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    if waited == 0:
        _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    main()
