"""Tries to break the sandbox before anything is graded in it: it may be installed and still not hold."""

import contextlib
import json
import os
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from course.errors import CourseError
from course.paths import ROOT
from course.sandbox import probe
from course.sandbox.limits import SUBMISSION
from course.worker.protocol import Arrays

VARIABLE = "COURSE_PLANTED_SECRET"
TIMEOUT = 90.0
OUTSIDE = ("/", "/dev", "/etc", "/usr", "/home", SUBMISSION)
HIDDEN = ("solutions", "answers", "tests", "lib", "data", "course.toml", "course/grading", "results", "private")


class Worker(Protocol):
    """What this needs of a `course.grading.worker.Worker`."""

    def request(self, header: dict[str, Any], arrays: Arrays, timeout: float) -> tuple[dict[str, Any], Arrays]:
        """Send a request, and wait for its reply."""


@contextlib.contextmanager
def planted_secret() -> Iterator[str]:
    """Set an environment variable that nothing in the sandbox may find; start the zygote inside this."""
    secret = os.environ[VARIABLE] = secrets.token_hex(16)
    try:
        yield secret
    finally:
        del os.environ[VARIABLE]


def make_submission(folder: Path) -> None:
    """Make a submission of the probe."""
    (folder / "lib").mkdir()
    shutil.copyfile(probe.__file__, folder / "lib" / "probe.py")


def check(worker: Worker, name: str, secret: str) -> None:
    """Let the probe try everything in a worker that was spawned for its submission.

    Raises:
        CourseError: something succeeded, or the probe did not run.
    """
    with _listeners() as facts:
        facts |= {"secret": secret, "variable": VARIABLE, "pid": os.getpid()}
        facts["command"] = Path("/proc/self/cmdline").read_bytes().decode() if sys.platform == "linux" else ""
        facts["hidden"] = [str(ROOT / hidden) for hidden in HIDDEN]
        facts["folders"] += ["/", "/dev", "/etc", "/usr", "/home", "/submission", sys.prefix]
        if not ROOT.is_relative_to("/tmp"):  # there a worker has a folder of its own
            facts["folders"].append(str(ROOT))
        Path(facts["file"]).write_text(secret)
        request = {
            "operation": "evaluate",
            "file": "probe.py",
            "symbol": "attempt_all",
            "settings": {"facts": json.dumps(facts)},
            "inputs": ["x"],
            "dtype": "float32",
            "device": "cpu",
            "gradient": False,
        }
        try:
            reply, arrays = worker.request(request, {"x": np.zeros(1)}, TIMEOUT)
        except Exception as error:
            raise CourseError(f"The sandbox {name} cannot be used here, so nothing is graded: {error}") from error
    succeeded = arrays.get("value0")
    if "fault" in reply or succeeded is None or len(succeeded) != len(probe.ATTEMPTS):
        text = reply.get("fault", {}).get("text", "the probe gave no answer")
        raise CourseError(f"The sandbox {name} could not be tested, so nothing is graded: {text}")
    broken = [attempt for attempt, success in zip(probe.ATTEMPTS, succeeded, strict=True) if success]
    if broken:
        raise CourseError(
            f"The sandbox {name} does not hold on this machine, so nothing is graded: code in it could "
            f"{', '.join(broken)}."
        )


@contextlib.contextmanager
def _listeners() -> Iterator[dict[str, Any]]:
    """Listen on a port and two sockets, in a folder that everybody may use; yield where."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="probe-")))
        folder.chmod(0o777)
        names = {"socket": str(folder / "socket"), "abstract": f"probe-{secrets.token_hex(8)}"}
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        for address in (names["socket"], "\0" + names["abstract"]):
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind(address)
            listener.listen()
        Path(names["socket"]).chmod(0o777)
        yield names | {"port": tcp.getsockname()[1], "file": str(folder / "file"), "folders": [str(folder)]}
