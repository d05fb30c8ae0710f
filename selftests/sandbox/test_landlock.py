"""Landlock by itself, without the namespaces that would refuse the same things first."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from course.sandbox import landlock

pytestmark = pytest.mark.skipif(landlock.version() < 6, reason="this kernel has no Landlock, or an old one")

START = """
import os, socket, sys
from course.sandbox import landlock, linux
linux.drop_rights()
landlock.restrict()
try:
    {}
except PermissionError:
    sys.exit(13)
"""


def code_of(line: str) -> int:
    """Run a line under Landlock; return the exit code, which is 13 where the line was refused."""
    return subprocess.run([sys.executable, "-c", START.format(line)], cwd="/").returncode


def test_writing_is_refused_outside_the_temporary_folders(tmp_path_factory):
    assert code_of("open('/var/tmp/landlock-test', 'w')") == 13
    assert code_of("os.mkdir('/var/tmp/landlock-test')") == 13
    assert code_of("os.remove('/etc/hostname')") == 13
    inside = "f = open('/tmp/landlock-test', 'w'); os.remove('/tmp/landlock-test'); open('/dev/null', 'w').write('x')"
    assert code_of(inside) == 0
    assert code_of("open(os.__file__).read(); os.listdir('/usr')") == 0


def test_a_port_an_abstract_socket_and_a_signal_are_refused():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        assert code_of(f"socket.create_connection(('127.0.0.1', {server.getsockname()[1]}))") == 13
        abstract.bind("\0landlock-test")
        abstract.listen()
        assert code_of("socket.socket(socket.AF_UNIX).connect('\\0landlock-test')") == 13
    assert code_of(f"os.kill({os.getpid()}, {int(signal.SIGCONT)})") == 13
