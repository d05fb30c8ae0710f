"""Starts workers, and talks to them: the seam at which a sandbox is put around a student's code."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from course.worker.loading import PACKAGE
from course.worker.protocol import Arrays, ProtocolError, receive, send

START_TIMEOUT = 120.0
OUTPUT_KEPT = 64 * 1024


class WorkerGone(Exception):  # noqa: N818 - what happened, not an error of ours
    """The worker died, did not answer in time, or sent no message: the text says which, for the student."""


class Zygote:
    """The process from which workers are forked. One for each grading process, started when first needed."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        environment = {
            name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH", "HOME") if name in os.environ
        }
        # One thread for each worker: two workers with two OpenMP threads each on two cores wait for each other.
        environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "course.worker.zygote", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env=environment,
            cwd="/",
        )
        theirs.close()
        ours.settimeout(START_TIMEOUT)
        self._control = ours

    def spawn(self, root: Path) -> "Worker":
        """Fork a worker for the submission in a folder."""
        channel, theirs = socket.socketpair()
        output_read, output_write = os.pipe()
        message = json.dumps({"op": "spawn", "root": str(root)}).encode()
        socket.send_fds(self._control, [message], [theirs.fileno(), output_write])
        theirs.close()
        os.close(output_write)
        return Worker(self, self._reply()["pid"], channel, output_read)

    def end(self, pid: int) -> int:
        """Kill a worker and everything in its process group; return its exit status, negative for a signal."""
        self._control.sendall(json.dumps({"op": "end", "pid": pid}).encode())
        return self._reply()["status"]

    def close(self) -> None:
        """End the zygote."""
        self._control.close()
        self._process.wait()

    def _reply(self) -> dict[str, int]:
        message = self._control.recv(4096)
        if not message:
            raise RuntimeError("The process that starts workers has ended: its own message is above.")
        return json.loads(message)


class Worker:
    """A process that runs one submission's code."""

    def __init__(self, zygote: Zygote, pid: int, channel: socket.socket, output: int) -> None:
        self._zygote = zygote
        self._pid = pid
        self._channel = channel
        self._printed = bytearray()
        self._reader = threading.Thread(target=self._drain, args=(output,), daemon=True)
        self._reader.start()
        self._gone: str | None = None

    def request(self, header: dict[str, Any], arrays: Arrays, timeout: float) -> tuple[dict[str, Any], Arrays]:
        """Send a request, and wait for its reply.

        Raises:
            WorkerGone: no reply came; the worker is not asked again.
        """
        if self._gone:
            raise WorkerGone(self._gone)
        self._channel.settimeout(timeout)
        try:
            send(self._channel, header, arrays)
            return receive(self._channel)
        except TimeoutError:
            self._gone = f"The code did not finish within {timeout:.0f} seconds."
        except (ProtocolError, OSError):
            self._gone = f"The code ended the Python process{_manner(self.close())}."
        self.close()
        raise WorkerGone(self._gone)

    @property
    def printed(self) -> str:
        """What the code printed, the first 64 KiB."""
        return self._printed.decode("utf-8", "replace")

    def close(self) -> int:
        """Kill the worker and everything in its process group; return its exit status."""
        self._channel.close()
        if self._pid:
            self._status = self._zygote.end(self._pid)
            self._pid = 0
        return self._status

    def _drain(self, output: int) -> None:
        """Read all that is printed, so that the worker never waits for us; keep the beginning."""
        with os.fdopen(output, "rb", buffering=0) as stream:
            while part := stream.read(1 << 16):
                self._printed += part[: OUTPUT_KEPT - len(self._printed)]


class LocalWorker:
    """Runs a student's code in this process, for a debugger: without any protection, and only one's own code."""

    printed = ""

    def __init__(self, root: Path) -> None:
        from course.worker.serve import Session

        self._session = Session(root)

    def request(self, header: dict[str, Any], arrays: Arrays, timeout: float) -> tuple[dict[str, Any], Arrays]:
        """Run a request here and now; nothing limits its time."""
        return self._session.answer(header, arrays)

    def close(self) -> int:
        """Forget the student's modules, so that the next worker imports them afresh."""
        for name in [name for name in sys.modules if name == PACKAGE or name.startswith(PACKAGE + ".")]:
            del sys.modules[name]
        return 0


def _manner(status: int) -> str:
    """Say how a process ended."""
    if status < 0:
        return f" by signal {-status}"
    return f" with exit code {status}" if status else " (by calling exit)"


@contextlib.contextmanager
def shared_zygote() -> Iterator[Zygote]:
    """Yield this process's zygote. The outermost user starts and ends it; the others borrow it."""
    global _shared
    if _shared is not None:
        yield _shared
        return
    _shared = Zygote()
    try:
        yield _shared
    finally:
        _shared.close()
        _shared = None


_shared: Zygote | None = None
