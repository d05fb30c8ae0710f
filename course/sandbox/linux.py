"""Calls of the Linux kernel that Python 3.11 has no function for."""

import ctypes
import os
from pathlib import Path

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    4096,
    16384,
    1 << 18,
)
MNT_DETACH = 2
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV, ATTR_NOEXEC = 1, 2, 4, 8
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
MOUNT_SETATTR = 442  # the same number on every processor

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 1, 4, 24, 38, 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
CAP_VERSION_3 = 0x20080522
MOST_CAPABILITIES = 64

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> int:
    result = getattr(_libc, name)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def syscall(number: int, *arguments: object) -> int:
    """Make a call that the C library has no function for."""
    return _call("syscall", ctypes.c_long(number), *arguments)


def unshare(flags: int) -> None:
    """Move this process to new namespaces; with NEWPID, the processes that it forks."""
    _call("unshare", ctypes.c_int(flags))


def map_own_ids(uid: int, gid: int) -> None:
    """Be the same user and group in a user namespace that was just made; there is no other."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as stream:  # noqa: PTH123 - written at once, not replaced
            stream.write(text)


def mount(source: str, target: str, kind: str, flags: int = 0, data: str = "") -> None:
    """Mount a file system."""
    words = [ctypes.c_char_p(os.fsencode(word)) for word in (source, target, kind)]
    _call("mount", *words, ctypes.c_ulong(flags), ctypes.c_char_p(os.fsencode(data)))


def mount_tmpfs(target: str, size: int, files: int, mode: int = 0o1777) -> None:
    """Mount an empty folder in memory of at most so many bytes and files; nothing in it can be executed."""
    data = f"size={size},nr_inodes={files},mode={mode:o}"
    mount("tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, data)


def bind(source: str, target: str) -> None:
    """Show a file or folder, and everything that is mounted in it, at a second place."""
    mount(source, target, "", MS_BIND | MS_REC)


def show(source: Path, target: Path, attributes: int) -> None:
    """Show a file or folder at a second place, with everything that is mounted in it, and with more attributes."""
    if source.is_dir():
        target.mkdir(exist_ok=True)
    else:
        target.touch()
    bind(str(source), str(target))
    set_attributes(str(target), attributes | ATTR_NOSUID, recursive=True)


def set_attributes(target: str, attributes: int, recursive: bool) -> None:
    """Add attributes to a mount, or to it and all mounts in it."""
    wanted = (ctypes.c_uint64 * 4)(attributes, 0, 0, 0)
    flags = AT_RECURSIVE if recursive else 0
    place = (ctypes.c_int(AT_FDCWD), ctypes.c_char_p(os.fsencode(target)))
    syscall(MOUNT_SETATTR, *place, ctypes.c_uint(flags), wanted, ctypes.c_size_t(32))


def pivot_root(new: str, old: str) -> None:
    """Make a mount the root; the old root is at `old` then, a folder in it."""
    _call("pivot_root", os.fsencode(new), os.fsencode(old))
    os.chdir("/")


def leave_root(new: str) -> None:
    """Make a mount the root, and detach the old one: nothing of it can be reached any more."""
    os.chdir(new)
    _call("pivot_root", b".", b".")
    _call("umount2", b".", MNT_DETACH)
    os.chdir("/")


def set_dumpable(allowed: bool) -> None:
    """Say whether other processes of the same user may look into this one."""
    _call("prctl", PR_SET_DUMPABLE, int(allowed), 0, 0, 0)


def die_with_parent() -> None:
    """Be killed when the process ends that forked this one."""
    _call("prctl", PR_SET_PDEATHSIG, 9, 0, 0, 0)


def drop_rights() -> None:
    """Give up all capabilities, also those that a program could give back."""
    for capability in range(MOST_CAPABILITIES):
        try:
            _call("prctl", PR_CAPBSET_DROP, capability, 0, 0, 0)
        except OSError:
            break  # the kernel has no more
    _call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(CAP_VERSION_3, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())
    _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
