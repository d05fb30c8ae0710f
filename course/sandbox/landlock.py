"""Landlock, the kernel's own sandbox: a second layer under the namespaces, where the kernel has it.

See https://docs.kernel.org/userspace-api/landlock.html.
"""

import ctypes
import os
from functools import cache

from course.sandbox import linux

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same numbers on every processor
VERSION = 1
PATH_BENEATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
REMOVE_FILE, MAKE_SOCKET = 1 << 5, 1 << 9
READING = EXECUTE | READ_FILE | READ_DIR
# By version of the interface: what there is to refuse.
FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}
TCP = {4: 3}  # bind and connect
SCOPES = {6: 3}  # abstract sockets and signals that leave the sandbox
WRITABLE = ("/tmp", "/dev/shm")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/pts")


class Ruleset(ctypes.Structure):
    """What is refused unless a rule allows it."""

    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class Beneath(ctypes.Structure):
    """What is allowed in a folder."""

    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


@cache
def version() -> int:
    """Return the version of the kernel's interface; 0 where it has none, or it is switched off."""
    try:
        return linux.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(VERSION))
    except OSError:
        return 0


def restrict(sockets: str = "") -> None:
    """Refuse this process, for good, to write outside its own folders, and to reach TCP and other sandboxes.

    Args:
        sockets: a folder in which it may make sockets, and nothing else.
    """
    here = version()
    if here == 0:
        return
    handled = _newest(FILES, here)
    rules = Ruleset(handled, _newest(TCP, here), _newest(SCOPES, here))
    # An older kernel knows a shorter structure.
    size = 8 if here < 4 else 16 if here < 6 else 24
    ruleset = linux.syscall(CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        _allow(ruleset, "/", READING)
        for folder in WRITABLE:
            _allow(ruleset, folder, handled)
        if sockets:
            _allow(ruleset, sockets, READING | REMOVE_FILE | MAKE_SOCKET)
        for device in DEVICES:
            if os.path.exists(device):  # noqa: PTH110
                _allow(ruleset, device, READ_FILE | WRITE_FILE | (READ_DIR if os.path.isdir(device) else 0))  # noqa: PTH112
        linux.syscall(RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, allowed: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rule = Beneath(allowed, descriptor)
    try:
        words = (ctypes.c_int(ruleset), ctypes.c_int(PATH_BENEATH), ctypes.byref(rule), ctypes.c_uint32(0))
        linux.syscall(ADD_RULE, *words)
    finally:
        os.close(descriptor)


def _newest(table: dict[int, int], here: int) -> int:
    return max((bits for since, bits in table.items() if since <= here), default=0)
