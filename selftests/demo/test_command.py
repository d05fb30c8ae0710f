"""`course demo` as a command: what it says when it cannot start."""

import socket
import subprocess
import sys
from pathlib import Path

COURSE = Path(sys.executable).with_name("course")


def test_a_port_that_is_taken_is_a_sentence():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        run = subprocess.run(
            [COURSE, "demo", "--no-browser", "--port", str(port)], capture_output=True, text=True, timeout=300
        )
    assert run.returncode == 2
    assert f"cannot be served on port {port}" in run.stderr and "Choose another with --port" in run.stderr
    assert "Traceback" not in run.stderr
