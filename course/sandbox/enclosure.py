"""The steps with which a process shuts itself in, in the order that they need."""

import os
from pathlib import Path

from course.sandbox import landlock, linux, view
from course.sandbox.limits import DISK, FILES, FONT_LIST, SHARED_MEMORY, impose
from course.sandbox.syscalls import worker_filter


def shut_in() -> None:
    """Give this process a user of its own, and what it forks a process space of its own."""
    uid, gid = os.getuid(), os.getgid()
    linux.set_dumpable(True)  # else the files with which the user is mapped belong to root
    linux.unshare(linux.NEWUSER | linux.NEWNS | linux.NEWPID)
    linux.map_own_ids(uid, gid)
    linux.set_dumpable(False)


def shut_in_worker(sockets: str = "") -> None:
    """Give a worker empty folders of its own, put the limits on it, and take all rights from it.

    Args:
        sockets: a folder in which it may make sockets, and nothing else.
    """
    linux.unshare(linux.NEWNS)
    mount_scratch("/tmp", DISK)
    mount_scratch("/dev/shm", SHARED_MEMORY)
    os.chdir("/tmp")
    if FONT_LIST in os.environ:
        fonts = Path(os.environ.pop(FONT_LIST))
        os.environ["MPLCONFIGDIR"] = "/tmp/matplotlib"
        folder = Path(os.environ["MPLCONFIGDIR"])
        folder.mkdir()
        (folder / fonts.name).symlink_to(fonts)
    linux.set_dumpable(True)  # else the next file belongs to root, and the keeper could not count memory
    with open("/proc/self/oom_score_adj", "w") as stream:  # noqa: PTH123
        stream.write("1000")  # where the machine runs out of memory, this goes first
    impose()
    linux.drop_rights()
    landlock.restrict(sockets)
    worker_filter().load()


def mount_scratch(folder: str, size: int) -> None:
    """Mount an empty folder, in which only that is seen of the Python environment which has its place there."""
    shown = [path for path in view.read_only() if path.is_relative_to(folder)]
    held = {path: os.open(path, os.O_PATH) for path in shown}
    linux.mount_tmpfs(folder, size, FILES)
    for path, descriptor in held.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        linux.show(Path(f"/proc/self/fd/{descriptor}"), path, linux.ATTR_RDONLY | linux.ATTR_NODEV)
        os.close(descriptor)


def rehearse() -> None:
    """Do what a cell and a worker do, to find out whether it can be done here."""
    shut_in()
    if os.fork():
        os._exit(os.waitstatus_to_exitcode(os.wait()[1]) & 0xFF)
    linux.mount("proc", "/proc", "proc")
    shut_in_worker()
