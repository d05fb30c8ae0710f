"""What a student's code can see and reach: nothing but Python and itself."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from course.errors import CourseError
from course.grading.launch import Zygote, shared_zygote
from course.grading.worker import WorkerGone
from course.paths import ROOT
from course.sandbox import interface, selftest, view
from course.sandbox.interface import choose


def test_the_self_test_passes_in_every_sandbox(zygote):
    assert zygote.sandbox.cells  # it ran when the zygote was started


def test_the_self_test_refuses_a_process_without_a_sandbox(tmp_path):
    selftest.make_submission(tmp_path)
    with shared_zygote("none") as plain, selftest.planted_secret() as secret:
        worker = plain.spawn(tmp_path)
        with pytest.raises(CourseError, match="nothing is graded") as error:
            selftest.check(worker, "none", secret)
        worker.close()
    for words in ("read a file", "the solutions", "a signal", "a port", "a socket file", "threads", "write a file"):
        assert words in str(error.value)


def test_a_sandbox_that_shows_too_much_grades_nothing(zygote, monkeypatch):
    if zygote.sandbox.name != "bubblewrap":
        pytest.skip("the other wall looks at the view in a process of its own")
    if ROOT.is_relative_to("/tmp"):
        pytest.skip("a cell's own /tmp hides what the wall shows of a project that lies there")
    monkeypatch.setattr(view, "PARTS", (*view.PARTS, "grading"))
    with pytest.raises(CourseError, match="sandbox bubblewrap does not hold .* find the solutions"):
        Zygote(interface.Bubblewrap())


def test_a_sandbox_that_hands_on_the_environment_grades_nothing(zygote, monkeypatch):
    kept = view.environment
    monkeypatch.setattr(view, "environment", lambda: kept() | {selftest.VARIABLE: os.environ[selftest.VARIABLE]})
    with pytest.raises(CourseError, match=f"sandbox {zygote.sandbox.name} does not hold"):
        Zygote(type(zygote.sandbox)())


@pytest.mark.parametrize("path", ["solutions", "answers", "tests", "lib", "data", "course.toml", "course/grading"])
def test_nothing_of_the_project_is_there(code, path):
    assert code(f"import os; return float(os.path.lexists({str(ROOT / path)!r}))").value() == 0


def test_only_python_and_the_system_are_there(code):
    listing = "import os; raise ValueError(' '.join(sorted(os.listdir({!r}))))"
    allowed = {
        "bin",
        "dev",
        "etc",
        "lib",
        "lib32",
        "lib64",
        "libx32",
        "proc",
        "sbin",
        "submission",
        "sys",
        "tmp",
        "usr",
    }
    places = {str(part).split("/")[1] for part in (ROOT, sys.prefix, sys.base_prefix)}
    seen = set(code(listing.format("/")).fault().split(" (")[0].split()[1:])
    assert seen <= allowed | places | {"root", "home"}
    assert code(listing.format("/etc")).fault().split(" (")[0] in ("ValueError: ld.so.cache", "ValueError:")
    assert "Error" in code(f"import os; return os.listdir({os.path.expanduser('~/.ssh')!r})").fault()  # noqa: PTH111


def test_the_environment_is_cleared(code, monkeypatch):
    names = code("import os; raise ValueError(' '.join(sorted(os.environ)))").fault()
    allowed = {"HOME", "LANG", "MPLBACKEND", "MPLCONFIGDIR", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}
    allowed |= {
        "PATH",
        "PWD",
        "USER",
        "LC_CTYPE",
        "KMP_DUPLICATE_LIB_OK",
        "KMP_INIT_AT_FORK",
        "MALLOC_MMAP_THRESHOLD_",
        "MALLOC_TRIM_THRESHOLD_",
        "PYTHONHASHSEED",
        "PYTORCH_JIT",
        "TORCHINDUCTOR_CACHE_DIR",
    }
    assert set(names.split(" (")[0].split()[1:]) <= allowed


def test_a_worker_is_not_root_and_cannot_become_it(code):
    assert code("import os; return float(os.getuid())").value() != 0
    assert "Error" in code("import os; os.setuid(0)").fault()
    su = "import subprocess; return float(subprocess.run(['su', '-c', 'id'], capture_output=True).returncode)"
    assert code(su).value() != 0


@pytest.mark.parametrize(
    "body",
    [
        "libc.unshare(0x10000000)",
        "libc.mount(b'tmpfs', b'/submission', b'tmpfs', 0, None)",
        "libc.umount2(b'/tmp', 2)",
        "libc.chroot(b'/tmp')",
        "libc.ptrace(16, 1, 0, 0)",
        "libc.prctl(38, 0, 0, 0, 0)",
        "libc.setns(os.open('/proc/1/ns/mnt', 0), 0)",
        "os.open('/proc/1/mem', 2)",
        "os.open('/proc/1/environ', 0)",
        "os.listdir('/proc/1/root/')",
        "resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0))",
        "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
        "os.mknod('/tmp/disk', 0o60666, os.makedev(254, 0))",
    ],
)
def test_what_would_open_the_cell_is_refused(code, body):
    lines = f"""
        import ctypes, os, resource
        libc = ctypes.CDLL(None)
        try:
            return float({body} == -1)
        except (OSError, ValueError):
            return 1.0
    """
    assert code(lines).value() == 1


@pytest.mark.parametrize(
    "call",
    [
        "socket.create_connection(('127.0.0.1', {port}), 2)",
        "socket.socket(socket.AF_INET6)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {port}))",
        "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "__import__('urllib.request').request.urlopen('http://127.0.0.1:{port}')",
    ],
)
def test_there_is_no_network(code, call):
    with socket.create_server(("127.0.0.1", 0)) as server:
        fault = code("import socket; " + call.format(port=server.getsockname()[1])).fault()
    assert fault.startswith("The code asks for the network, and there is none")


def test_only_the_channel_is_open(code):
    count = "import os; return float(len([n for n in range(4096) if os.path.lexists(f'/proc/self/fd/{n}')]))"
    assert code(count).value() == 4  # standard input, output, error, and the channel


def test_a_program_that_is_started_has_no_channel(code):
    listing = """
        import subprocess
        done = subprocess.run(["ls", "/proc/self/fd"], capture_output=True, text=True, close_fds=False)
        return float(len(done.stdout.split()))
    """
    assert code(listing).value() == 4  # the three, and the folder that `ls` reads


def test_writing_is_possible_in_temporary_folders_only(code):
    assert code("import pathlib; pathlib.Path('plot.png').write_text('x'); return 0.0").value() == 0
    for folder in ("/", "/submission", "/submission/lib", "/usr", sys.prefix):
        text = code(f"open({folder + '/x'!r}, 'w')").fault()
        assert text.startswith("The code writes where nothing can be written"), text


def test_one_check_leaves_nothing_to_the_next(code):
    submission = code("""
        import os, pathlib
        seen = [p for p in ("/tmp/x", "/dev/shm/x", "/var/tmp/x") if os.path.exists(p)]
        others = [n for n in os.listdir("/proc") if n.isdigit() and int(n) not in (1, os.getpid())]
        for folder in ("/tmp", "/dev/shm"):
            pathlib.Path(folder, "x").write_text("x")
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                __import__("signal").signal(15, 1)
                __import__("time").sleep(1000)
            os._exit(0)
        return float(len(seen) + len(others))
    """)
    assert [submission.value() for _ in range(3)] == [0, 0, 0]


def test_a_daemon_that_holds_the_output_is_gone_with_its_worker(code, zygote):
    name = f"daemon-in-{zygote.sandbox.name}"
    body = f"""
        import os, signal, time
        if os.fork() == 0:
            os.setsid()
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            if os.fork():
                os._exit(0)
            os.execv("/bin/sleep", [{name!r}, "1000"])
        time.sleep(0.5)
        return 0.0
    """
    submission = code(body)
    assert submission.value() == 0
    submission.workers[0]._reader.join(5)  # the end of the pipe: nobody holds it any more
    assert not submission.workers[0]._reader.is_alive()
    assert not runs(name)


def test_a_worker_cannot_end_its_keeper(code):
    body = """
        import contextlib, os, signal
        for number in range(1, 65):
            with contextlib.suppress(OSError):
                os.kill(1, number)
        return 1.0
    """
    submission = code(body)
    assert [submission.value() for _ in range(2)] == [1, 1]


def test_a_worker_that_kills_all_it_can_ends_only_itself(code):
    body = "import os\ntry: os.kill(-1, 9)\nfinally: os.kill(os.getpid(), 9)"
    with pytest.raises(WorkerGone, match="by signal 9"):
        code(body).value()
    assert code("return 1.0").value() == 1


def test_the_order_of_a_set_is_the_same_in_every_run(code):
    assert code("return float(hash('cell') % 1000)").value() == 653


GRADING_PROCESS = """
import sys
from pathlib import Path
from course.grading.launch import shared_zygote
from selftests.sandbox.conftest import REQUEST, np
with shared_zygote(sys.argv[1]) as zygote:
    zygote.spawn(Path(sys.argv[2])).request(REQUEST, {"x": np.zeros(1)}, 600)
"""


def test_nothing_outlives_a_grading_process_that_was_killed(code, zygote):
    name = f"sleep-in-{zygote.sandbox.name}"
    submission = code(f"import subprocess; subprocess.run([{name!r}, '1000'], executable='/bin/sleep')")
    words = [sys.executable, "-c", GRADING_PROCESS, zygote.sandbox.name, str(submission.root)]
    process = subprocess.Popen(words, cwd=ROOT)
    assert wait_for(lambda: runs(name), 120)
    process.kill()
    process.wait()
    assert wait_for(lambda: not runs(name), 20)


def runs(name: str) -> bool:
    return subprocess.run(["pgrep", "-f", f"^{name}"], capture_output=True).stdout != b""


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    return condition()


def test_a_submission_that_changed_gets_a_new_cell(code):
    submission = code("return 1.0")
    assert submission.value() == 1
    (submission.root / "lib" / "code.py").write_text("def attempt(x): return 2.0")
    assert submission.value() == 2


def test_two_workers_at_once_do_not_end_each_other(code):
    submission = code("return 1.0")
    first, second = submission.spawn(), submission.spawn()
    second.close()
    assert first.request(submission.request, {"x": submission.x}, 60)[1]["value0"] == 1


def test_a_zygote_that_died_is_started_again(code):
    submission = code("return 1.0")
    assert submission.value() == 1
    submission.zygote._process.kill()
    submission.zygote._process.wait()
    assert submission.value() == 1


def test_an_unknown_sandbox_is_an_error():
    with pytest.raises(CourseError, match="There is no sandbox docker: it is auto, bubblewrap, namespaces or none"):
        choose("docker")


def test_without_any_sandbox_the_error_says_what_to_install(monkeypatch):
    for wall in (interface.Bubblewrap, interface.Namespaces):
        monkeypatch.setattr(wall, "unavailable", lambda self: "It is not there.")
    choose.cache_clear()
    with pytest.raises(CourseError, match="apt install bubblewrap") as error:
        choose("auto")
    assert "--sandbox none" in str(error.value)
    choose.cache_clear()
