"""What a hostile submission would try first. It is run in the sandbox as if it were one: see `course.sandbox.selftest`.

Each attempt returns whether it succeeded. It gets the facts that a submission could only guess.
"""

import contextlib
import ctypes
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

ENOUGH_THREADS = 1000


def attempt_all(_: Any, facts: str) -> np.ndarray:
    """Return for each attempt whether it succeeded."""
    known = json.loads(facts)
    return np.array([bool(attempt(known)) for attempt in ATTEMPTS.values()], float)


def read_file(facts: dict[str, Any]) -> bool:
    """Read a file that everybody may read."""
    with contextlib.suppress(OSError):
        return Path(facts["file"]).read_text() == facts["secret"]
    return False


def see_project(facts: dict[str, Any]) -> bool:
    """Find the solutions, the tests, the answers or the data."""
    return any(os.path.lexists(path) for path in facts["hidden"])


def read_variable(facts: dict[str, Any]) -> bool:
    """Find an environment variable of the grading process, in this process or in another one."""
    here = os.environ.get(facts["variable"]) == facts["secret"]
    return here or any(facts["secret"].encode() in text for text in _texts("environ"))


def see_processes(facts: dict[str, Any]) -> bool:
    """Find the grading process among the processes, by what it was started with."""
    return any(text and text == facts["command"].encode() for text in _texts("cmdline"))


def signal_parent(facts: dict[str, Any]) -> bool:
    """Reach the grading process with a signal. Its number may be that of a harmless process here."""
    try:
        os.kill(facts["pid"], 0)
    except OSError:
        return False
    with contextlib.suppress(OSError):
        return Path(f"/proc/{facts['pid']}/cmdline").read_bytes() == facts["command"].encode()
    return True


def reach_listener(facts: dict[str, Any]) -> bool:
    """Connect to a port of this machine."""
    return _connects(socket.AF_INET, ("127.0.0.1", facts["port"]))


def reach_abstract_socket(facts: dict[str, Any]) -> bool:
    """Connect to a socket that has a name, but no file."""
    return _connects(socket.AF_UNIX, "\0" + facts["abstract"])


def reach_socket_file(facts: dict[str, Any]) -> bool:
    """Connect to a socket that is a file."""
    return _connects(socket.AF_UNIX, facts["socket"])


def start_many(facts: dict[str, Any]) -> bool:
    """Start more threads than there may be processes and threads."""
    done = threading.Event()
    started = []
    try:
        for _ in range(ENOUGH_THREADS):
            started.append(threading.Thread(target=done.wait))
            started[-1].start()
    except RuntimeError:
        return False
    finally:
        done.set()
        for thread in started[:-1]:
            thread.join()
    return True


def write_outside(facts: dict[str, Any]) -> bool:
    """Write into any folder but those for temporary files."""
    return any(_writes(Path(folder) / "written-by-probe") for folder in facts["folders"])


def have_rights(facts: dict[str, Any]) -> bool:
    """Be root, or have a right of root's, or get one."""
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines())
    rights = int(status["CapEff"], 16) | int(status["CapPrm"], 16) | int(status["CapBnd"], 16)
    new_user = 0x10000000
    libc = ctypes.CDLL(None)
    return os.getuid() == 0 or rights != 0 or status["NoNewPrivs"] != "1" or libc.unshare(new_user) == 0


def have_descriptors(facts: dict[str, Any]) -> bool:
    """Have a file or socket open that is not one's own: standard input, output and error, and one's channel."""
    return any(os.path.lexists(f"/proc/self/fd/{number}") for number in range(4, 1024))


ATTEMPTS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "read a file of the machine": read_file,
    "find the solutions, the tests or the data": see_project,
    "read an environment variable of the grading process": read_variable,
    "see the grading process": see_processes,
    "send a signal to the grading process": signal_parent,
    "connect to a port of this machine": reach_listener,
    "connect to an abstract socket": reach_abstract_socket,
    "connect to a socket file": reach_socket_file,
    "start any number of threads": start_many,
    "write a file outside its own folders": write_outside,
    "have or get rights of root": have_rights,
    "use an open file of another process": have_descriptors,
}


def _texts(name: str) -> Iterator[bytes]:
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            yield (folder / name).read_bytes()


def _connects(family: int, address: Any) -> bool:
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(1)
        client.connect(address)
        return True
    return False


def _writes(path: Path) -> bool:
    with contextlib.suppress(OSError):
        path.write_text("")
        path.unlink()
        return True
    return False
