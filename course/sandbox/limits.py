"""What one check may use, and the sentences for a student whose code asks for more."""

import errno
import sys

if sys.platform != "win32":
    import resource

GIB = 1024**3
MIB = 1024**2

# Of one process.
ADDRESS_SPACE = 10 * GIB  # what it may ask for; torch with its libraries takes 3 to 4 GiB of addresses and touches 0.3
OPEN_FILES = 512
FILE_SIZE = 128 * MIB
# Of a check: all processes together. Threads count as processes.
MEMORY = 4 * GIB
PROCESSES = 64
DISK = 256 * MIB
SHARED_MEMORY = 256 * MIB
FILES = 20_000
GPU_MEMORY = 4 * GIB
# Of a submission.
SUBMISSION_SIZE = 64 * MIB

SUBMISSION = "/submission"  # where it lies behind the wall
FONT_LIST = "COURSE_FONT_LIST"  # environment variable: where matplotlib's list of fonts lies

NO_MEMORY = f"The code asked for more memory than there is for a check ({MEMORY // GIB} GB)."
NO_PROCESSES = f"The code started too many processes or threads: a check may have {PROCESSES}."
NO_FILES = f"The code opened too many files: a process may have {OPEN_FILES} open."
NO_SIZE = f"The code wrote a file that is too large: a file may have {FILE_SIZE // MIB} MB."
NO_DISK = f"The code wrote too much: a check may write {DISK // MIB} MB in all, and {FILES} files."
NO_WRITING = "The code writes where nothing can be written: write under the folder for temporary files, or not at all."
NO_NETWORK = "The code asks for the network, and there is none here: everything an exercise needs is in the submission."

SENTENCES = {
    errno.ENOMEM: NO_MEMORY,
    errno.EAGAIN: NO_PROCESSES,
    errno.EMFILE: NO_FILES,
    errno.EFBIG: NO_SIZE,
    errno.ENOSPC: NO_DISK,
    errno.EDQUOT: NO_DISK,
    errno.EROFS: NO_WRITING,
    errno.ENETUNREACH: NO_NETWORK,
}


def explain(error: BaseException) -> str:
    """Return the sentence about the limit that an exception comes from; "" where it comes from none."""
    seen: BaseException | None = error if _imposed else None
    while seen is not None:
        text = str(seen)
        if isinstance(seen, MemoryError) or "can't allocate memory" in text:
            return NO_MEMORY
        if isinstance(seen, RuntimeError) and "can't start new thread" in text:
            return NO_PROCESSES
        if isinstance(seen, OSError) and seen.errno in SENTENCES:
            return SENTENCES[seen.errno]
        seen = seen.__cause__ or seen.__context__
    return ""


_imposed = False


def shut_in() -> bool:
    """Whether this process is one on which the limits lie: a worker in a sandbox."""
    return _imposed


def impose() -> None:
    """Put the limits of a process on this one, and on all that it starts; they cannot be raised again."""
    global _imposed
    _imposed = True
    for kind, limit in {
        resource.RLIMIT_AS: ADDRESS_SPACE,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_FSIZE: FILE_SIZE,
        resource.RLIMIT_NPROC: PROCESSES,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }.items():
        _, hard = resource.getrlimit(kind)
        lower = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (lower, lower))


def allow_cpu(seconds: int) -> None:
    """Let this process compute for so many more seconds, then kill it: SIGXCPU, and SIGKILL where that is caught."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))
