"""`python -m course.sandbox.wall UID WORDS...`: run a program behind a wall, as bubblewrap would.

Root first builds the view of the machine and becomes the user UID, who then makes the namespaces; anybody else makes
the namespaces first, in which one may mount.
"""

import os
import sys
from pathlib import Path

from course.sandbox import linux, view
from course.sandbox.limits import FILES

BASE = "/tmp"  # a folder that every machine has
DEVICES = ("null", "zero", "full", "random", "urandom")
DEVICE_LINKS = {"/dev/fd": "/proc/self/fd", "/dev/stdin": "/proc/self/fd/0", "/dev/stdout": "/proc/self/fd/1"}
PROC_FLAGS = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC
ROOM = 64 * 1024 * 1024  # for the zygote itself: a worker has folders of its own
ALL_NAMESPACES = linux.NEWUSER | linux.NEWNS | linux.NEWPID | linux.NEWIPC | linux.NEWUTS | linux.NEWNET


def main() -> None:
    """Build the wall, and run the program as the second process of a process space of its own."""
    uid, words = int(sys.argv[1]), sys.argv[2:]
    linux.die_with_parent()
    if os.getuid() == 0:
        linux.unshare(linux.NEWNS)
        show_only_view(proc=False)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)  # with it all capabilities are gone
        linux.die_with_parent()  # a change of the user took it back
        make_namespaces()
        wait_for_child()
        linux.mount("proc", "/proc", "proc", PROC_FLAGS)
    else:
        make_namespaces()
        wait_for_child()
        show_only_view(proc=True)
    linux.drop_rights()
    wait_for_child()
    os.setsid()
    os.execv(words[0], words)


def make_namespaces() -> None:
    """Be the same user in namespaces of its own; the processes forked from now on are in a space of their own."""
    uid, gid = os.getuid(), os.getgid()
    linux.set_dumpable(True)
    linux.unshare(ALL_NAMESPACES)
    linux.map_own_ids(uid, gid)


def wait_for_child() -> None:
    """Fork, and return in the child; the parent waits for it, reaps whatever else ends, and ends as it did."""
    child = os.fork()
    if child == 0:
        linux.die_with_parent()
        return
    while True:
        pid, status = os.wait()
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else 128 - code)


def show_only_view(proc: bool) -> None:
    """Replace the root by one with the view: the rest of the machine is out of reach.

    Args:
        proc: /proc is that of this process space; otherwise it is that of the machine, until it is mounted over.
    """
    folders, read_only, links = view.folders(), view.read_only(), view.links() | DEVICE_LINKS
    # The new root is put together from a place where it hides nothing: what is shown may itself lie under /tmp.
    linux.mount("", "/", "", linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("tmpfs", BASE, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=755")
    for folder in ("old", "new"):
        (Path(BASE) / folder).mkdir()
    linux.pivot_root(BASE, f"{BASE}/old")
    old, new = Path("/old"), Path("/new")
    linux.mount("tmpfs", str(new), "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=755")
    (new / "tmp").mkdir()
    linux.mount_tmpfs(str(new / "tmp"), ROOM, FILES)  # first: what is shown may lie under it
    for folder in (*folders, *map(Path, ("/proc", "/dev", "/dev/shm"))):
        (new / folder.relative_to("/")).mkdir(exist_ok=True)
    for path in read_only:
        linux.show(old / path.relative_to("/"), new / path.relative_to("/"), linux.ATTR_RDONLY | linux.ATTR_NODEV)
    for name in DEVICES:
        linux.show(old / "dev" / name, new / "dev" / name, linux.ATTR_NOEXEC)
    for path, target in links.items():
        (new / path.lstrip("/")).symlink_to(target)
    if proc:
        linux.mount("proc", str(new / "proc"), "proc", PROC_FLAGS)
    else:
        linux.bind(str(old / "proc"), str(new / "proc"))
    linux.set_attributes(str(new), linux.ATTR_RDONLY, recursive=False)
    linux.leave_root(str(new))


if __name__ == "__main__":
    main()
