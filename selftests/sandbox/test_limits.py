"""Each limit stops what asks for more, and says so to the student."""

import time

import pytest

from course.grading import worker as workers
from course.grading.worker import WorkerGone
from course.sandbox import limits


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("import torch; torch.zeros(20 * 2**30, dtype=torch.uint8)", limits.NO_MEMORY),
        ("bytearray(20 * 2**30)", limits.NO_MEMORY),
        ("import numpy; numpy.ones(10**12)", limits.NO_MEMORY),
        ("import os; os.memfd_create('x')", "OSError: [Errno 38]"),
        ("files = [open('/dev/null') for _ in range(10_000)]", limits.NO_FILES),
        ("open('/tmp/x', 'wb').truncate(2 * 2**30)", limits.NO_SIZE),
        ("[open(f'/tmp/{n}', 'wb').write(bytes(100 * 2**20)) for n in range(10)]", limits.NO_DISK),
        ("[open(f'/tmp/{n}', 'w').close() for n in range(100_000)]", limits.NO_DISK),
        ("[open(f'/dev/shm/{n}', 'wb').write(bytes(100 * 2**20)) for n in range(10)]", limits.NO_DISK),
        ("import os, time\nfor _ in range(1000):\n  if os.fork() == 0: time.sleep(100)", limits.NO_PROCESSES),
        (
            "import threading, time\nfor _ in range(1000): "
            "threading.Thread(target=time.sleep, args=(100,), daemon=True).start()",
            limits.NO_PROCESSES,
        ),
    ],
)
def test_a_limit_of_a_process(code, body, sentence):
    text = code(body).fault()
    assert text.startswith(sentence), text


@pytest.mark.parametrize("held", ["bytearray(b'x') * 2**30", "mmap.mmap(-1, 2**30); held.write(bytes(2**30))"])
def test_memory_is_counted_over_all_processes(code, held):
    body = f"""
        import mmap, os, time
        for _ in range(8):
            if os.fork() == 0:
                held = {held}
                time.sleep(100)
        time.sleep(100)
    """
    start = time.monotonic()
    with pytest.raises(WorkerGone) as gone:
        code(body).value()
    assert str(gone.value) == limits.NO_MEMORY
    assert time.monotonic() - start < 50


def test_computing_ends_after_its_seconds(code, monkeypatch):
    monkeypatch.setattr(workers, "WALL_PER_CPU", 40)  # the machine may be busy
    with pytest.raises(WorkerGone, match="computed for more than 1 seconds"):
        code("while True: pass").value(timeout=40)


def test_computing_that_catches_the_signal_ends_with_the_clock(code):
    body = "import signal; signal.signal(signal.SIGXCPU, lambda *a: None)\nwhile True: pass"
    with pytest.raises(WorkerGone, match="did not finish within 3 seconds"):
        code(body).value(timeout=3)


def test_waiting_ends_with_the_clock_and_is_not_tried_again(code):
    start = time.monotonic()
    with pytest.raises(WorkerGone, match="did not finish within 3 seconds"):
        code("import time; time.sleep(1000)").value(timeout=3)
    assert time.monotonic() - start < 30


def test_an_answer_that_trickles_does_not_win_time(code):
    body = """
        import os, time
        os.write(3, (8).to_bytes(8, "big") + (1000).to_bytes(8, "big"))
        for _ in range(1000):
            os.write(3, b" ")
            time.sleep(0.5)
    """
    start = time.monotonic()
    with pytest.raises(WorkerGone):
        code(body).value(timeout=4)
    assert time.monotonic() - start < 30


def test_what_a_busy_machine_slowed_down_is_tried_once_more(code, monkeypatch):
    submission = code("import time; t = time.process_time()\nwhile time.process_time() < t + 0.8: pass\nreturn 1.0")
    worker = submission.spawn()
    asked = []
    real = worker._ask

    def late(header, arrays, timeout):
        asked.append(header)
        if len(asked) == 2:
            real(header, arrays, timeout)
            raise TimeoutError
        return real(header, arrays, timeout)

    monkeypatch.setattr(worker, "_ask", late)
    for _ in range(2):
        assert worker.request(submission.request, {"x": submission.x}, 6)[1]["value0"] == 1
    assert len(asked) == 4  # the first, the second, and both again


def test_a_result_that_is_too_large_is_said_so(code):
    assert "The result is too large" in code("import torch; return torch.zeros(2**27)").fault()


def test_a_message_that_announces_too_much_is_refused(code):
    with pytest.raises(WorkerGone, match="something else"):
        code('import os; os.write(3, (2**40).to_bytes(8, "big") + bytes(8)); return 0.0').value()


def test_a_deep_message_is_refused(code):
    body = """
        import os
        text = b'{"a":' * 20_000
        os.write(3, len(text).to_bytes(8, "big") + bytes(8) + text)
        return 0.0
    """
    with pytest.raises(WorkerGone, match="something else"):
        code(body).value()


def test_a_flood_of_prints_is_drained_and_cut(code):
    submission = code("import os\nfor _ in range(500): os.write(1, b'spam' * 50_000)\nreturn 1.0")
    assert submission.value() == 1
    assert len(submission.workers[0].printed) <= 64 * 1024


def test_too_large_a_submission_is_the_students_fault(code):
    submission = code("return 1.0")
    (submission.root / "lib" / "big.py").write_bytes(b"#" * (limits.SUBMISSION_SIZE // 2))
    with pytest.raises(WorkerGone, match="too large"):
        submission.value()


def test_a_submission_has_its_time_and_no_more(code, monkeypatch):
    submission, other = code("return 1.0"), code("return 2.0")
    assert submission.value() == 1
    monkeypatch.setattr(workers, "SUBMISSION_TIME", 0.0)
    with pytest.raises(WorkerGone, match="has used its"):
        submission.value()
    monkeypatch.undo()
    assert other.value() == 2
