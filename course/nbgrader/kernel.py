"""A notebook's kernel behind the wall: no network, no gradebook, nothing of the course but the student's own files.

nbgrader runs a student's notebook as the instructor, with the instructor's files: any cell could write marks into the
gradebook. Here the kernel runs in bubblewrap, and talks through unix sockets in a folder that it shares with nbgrader.
"""

import json
import os
import stat
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import zmq.asyncio
from jupyter_client.manager import AsyncKernelManager
from traitlets import Unicode, default

from course.errors import CourseError
from course.paths import DATA
from course.sandbox import view
from course.sandbox.bubblewrap import Bubblewrap, Mount
from course.sandbox.kernel import CONNECTION, FOLDER
from course.submission.folders import FLAGS

FILES = "/submission"
BEHIND = "/data"  # where the course's data are behind the wall
MAX_FILES = 2000
MAX_FILE = 32 * 1024 * 1024
MAX_ALL = 128 * 1024 * 1024
MAX_MESSAGE = 32 * 1024 * 1024


class EnclosedKernelManager(AsyncKernelManager):
    """Starts a kernel in bubblewrap. It works on a copy of the notebook's folder, beside the course's data."""

    transport = Unicode("ipc")

    def __init__(self, **kwargs: Any) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="kernel-")  # also the start of each socket's name: short
        super().__init__(**kwargs)
        self.ip = str(self.sockets / "s")
        self.connection_file = str(self.root / "connection.json")

    @property
    def root(self) -> Path:
        """The folder of this kernel."""
        return Path(self._folder.name)

    @property
    def sockets(self) -> Path:
        """The folder that the kernel sees as well."""
        return self.root / "kernel"

    @default("context")
    def _context_default(self) -> zmq.asyncio.Context:
        self._created_context = True
        context = zmq.asyncio.Context()
        context.maxmsgsize = MAX_MESSAGE  # of all sockets: what the kernel sends is kept in this process's memory
        return context

    async def _async_pre_start_kernel(self, **kwargs: Any) -> tuple[list[str], dict[str, Any]]:
        wall = working_wall()
        files = self.root / "files"
        copy_plain_files(Path(kwargs.get("cwd") or "."), files)
        self.sockets.mkdir(exist_ok=True)
        command, settings = await super()._async_pre_start_kernel(**kwargs)
        inside = self.sockets / Path(CONNECTION).name
        known = json.loads(Path(self.connection_file).read_text(encoding="utf-8"))
        inside.write_text(json.dumps(known | {"ip": f"{FOLDER}/s"}), encoding="utf-8")
        if os.getuid() == 0:  # behind the wall there is another user; the folder around it is closed to all others
            os.chown(self.sockets, view.unprivileged_uid(), -1)
            os.chown(inside, view.unprivileged_uid(), -1)
        mounts = (Mount(self.sockets, FOLDER, writable=True), Mount(files, FILES), Mount(DATA, BEHIND))
        words = [sys.executable, "-s", "-P", "-m", "course.sandbox.kernel", FILES, BEHIND]
        environment = wall.environment() | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        settings |= {"env": environment, "cwd": "/", "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return wall.command(words, mounts), settings

    async def _async_interrupt_kernel(self) -> None:
        """Ask the kernel to interrupt itself: a signal would reach bubblewrap, which would end."""
        self.session.send(self._control_socket, self.session.msg("interrupt_request", content={}))

    interrupt_kernel = _async_interrupt_kernel

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        await super()._async_cleanup_resources(restart)
        if not restart:
            self._folder.cleanup()

    cleanup_resources = _async_cleanup_resources


@cache
def working_wall() -> Bubblewrap:
    """Return the wall.

    Raises:
        CourseError: it does not hold here, so that no student's notebook may be run.
    """
    wall = Bubblewrap()
    reason = "It needs Linux." if sys.platform != "linux" else wall.unavailable()
    if reason:
        raise CourseError(
            f"Students' notebooks run in bubblewrap only, and it does not work here. {reason} See docs/security.md."
        )
    return wall


def copy_plain_files(source: Path, target: Path) -> None:
    """Copy a folder, open to all readers: plain files, no links, nothing hidden, not more than a student needs."""
    target.mkdir()
    count, size = 0, 0
    for folder, folders, names in os.walk(source):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        inside = target / Path(folder).relative_to(source)
        inside.mkdir(exist_ok=True)
        for name in sorted(names):
            content = _plain_content(Path(folder, name))
            if content is None or count >= MAX_FILES or size + len(content) > MAX_ALL:
                continue
            count, size = count + 1, size + len(content)
            (inside / name).write_bytes(content)
            (inside / name).chmod(0o644)
        inside.chmod(0o755)


def _plain_content(path: Path) -> bytes | None:
    """Return what is in a plain file of a sensible size; None for anything else."""
    try:
        with os.fdopen(os.open(path, FLAGS), "rb") as stream:
            status = os.fstat(stream.fileno())
            return stream.read() if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_FILE else None
    except OSError:
        return None
