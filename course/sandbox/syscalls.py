"""The system calls that a worker is refused: a filter made with libseccomp."""

import errno
import socket
from functools import cache

import pyseccomp

from course.sandbox import linux

# Whole families of calls that no exercise needs, and through which kernels have been broken before.
REFUSED = " ".join(
    (
        "ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd",
        "mount umount umount2 pivot_root chroot open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr",
        "unshare setns open_by_handle_at name_to_handle_at fanotify_init quotactl quotactl_fd",
        "io_uring_setup io_uring_enter io_uring_register userfaultfd bpf perf_event_open lookup_dcookie",
        "add_key request_key keyctl memfd_secret",
        "init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff acct syslog",
        "settimeofday clock_settime clock_adjtime adjtimex stime sethostname setdomainname",
        "iopl ioperm modify_ldt vm86 vm86old personality uselib ustat sysfs _sysctl nfsservctl vhangup vmsplice",
        "shmget shmat msgget semget mq_open",  # what would outlive a check
    )
)
NAMESPACES = (
    linux.NEWNS | linux.NEWUTS | linux.NEWIPC | linux.NEWUSER | linux.NEWPID | linux.NEWNET | 0x2000000  # NEWCGROUP
)
ALLOWED_FAMILY = socket.AF_UNIX  # DataLoader's workers pass file descriptors through it


@cache
def worker_filter() -> pyseccomp.SyscallFilter:
    """Return the filter. Make it before the fork: it is the same for every worker."""
    refuse = pyseccomp.ERRNO(errno.EPERM)
    made = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in REFUSED.split():
        try:
            made.add_rule(refuse, name)
        except OSError:
            continue  # not a call of this processor
    # The flags of `clone3` lie in memory, where a filter cannot look: the C library then takes `clone`.
    # A file of `memfd_create` is memory that no limit counts: who wants one can do with a file in /dev/shm.
    for name in ("clone3", "memfd_create"):
        made.add_rule(pyseccomp.ERRNO(errno.ENOSYS), name)
    for flag in (1 << bit for bit in range(32) if NAMESPACES >> bit & 1):
        made.add_rule(refuse, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    # Of another process: also of the one that ends the worker.
    made.add_rule(refuse, "prlimit64", pyseccomp.Arg(0, pyseccomp.NE, 0))
    unreachable = pyseccomp.ERRNO(errno.ENETUNREACH)
    made.add_rule(unreachable, "socket", pyseccomp.Arg(0, pyseccomp.NE, ALLOWED_FAMILY))
    made.add_rule(unreachable, "socketpair", pyseccomp.Arg(0, pyseccomp.NE, ALLOWED_FAMILY))
    return made
