"""`python -m course.sandbox.kernel FILES DATA`, behind the wall: a notebook's kernel in a cell of its own.

    this process ── fork ── keeper, process 1 of its own process space ── fork ── kernel

FILES is the folder with the notebook, DATA the course's data.
The kernel talks through sockets in FOLDER, the one place that it shares with the process which runs the notebook, and
in which it can make nothing but sockets. It works in a copy of the notebook's folder, which vanishes with it.
"""

import os
import shutil
import signal
import sys
import time
from pathlib import Path

from course.sandbox import linux
from course.sandbox.enclosure import shut_in, shut_in_worker
from course.sandbox.limits import MEMORY
from course.sandbox.memory import memory_of_others

FOLDER = "/kernel"
CONNECTION = f"{FOLDER}/connection.json"
WORK = "/tmp/work"
POLL = 0.2  # seconds between two looks at the memory


def main() -> None:
    """Shut this process in, run the kernel, and end as it ends."""
    files, data = sys.argv[1:]
    shut_in()
    keeper = os.fork()
    if keeper:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(keeper, 0)[1]) & 0xFF)
    linux.die_with_parent()
    linux.mount("", "/", "", linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    kernel = os.fork()
    if kernel == 0:
        run_kernel(Path(files), Path(data))
    keep(kernel)


def keep(kernel: int) -> None:
    """Wait for the kernel, and kill everything in the cell where it takes too much memory together."""
    while True:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == kernel:
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
        if memory_of_others() > MEMORY:
            os.kill(-1, signal.SIGKILL)
        if pid == 0:
            time.sleep(POLL)


def run_kernel(files: Path, data: Path) -> None:
    """Take all rights from this process, lay out the student's files, and become the kernel."""
    shut_in_worker(sockets=FOLDER)
    # The copy may be too large for the cell: what is there by then is what the notebook finds.
    try:
        shutil.copytree(files, WORK)
    except (OSError, shutil.Error):
        os.makedirs(WORK, exist_ok=True)  # noqa: PTH103
    os.chdir(WORK)
    if not Path("data").exists():
        Path("data").symlink_to(data)
    os.environ.pop("JPY_PARENT_PID", None)  # it counts in another process space
    sys.argv = ["ipykernel", "-f", CONNECTION, "--HistoryManager.hist_file=:memory:"]
    from ipykernel.iostream import IOPubThread
    from ipykernel.kernelapp import launch_new_instance

    # It would listen on TCP for what forked processes print, and there is none here: libzmq would abort.
    IOPubThread._setup_pipe_in = lambda thread: setattr(thread, "_pipe_flag", False)
    launch_new_instance()
    sys.exit(0)


if __name__ == "__main__":
    main()
