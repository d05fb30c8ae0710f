"""A worker serves the next check only where nothing of the last one is left in it."""

from pathlib import Path

import numpy as np
import pytest

from course.catalogue import load
from course.grading.launch import Zygote
from course.grading.outcomes import CheckFailed
from course.grading.student import MOST_STUCK, Student

LOSS = """
import torch, numpy, os, sys, random, threading, time, signal, warnings, subprocess
from torch import nn
class BCELoss(nn.Module):
    def forward(self, y_pred, y_true):
        {}
        return (y_pred * 0).mean() + torch.rand(()) + random.random() + float(numpy.random.rand())
"""
INPUTS = {"y_pred": np.zeros((1, 1, 2, 2), np.float32), "y_true": np.ones((1, 1, 2, 2), np.float32)}
TRACES = {
    "another default dtype": "torch.set_default_dtype(torch.float64)",
    "a patched function of torch": "torch.sigmoid = torch.tanh",
    "a patched method of tensors": "torch.Tensor.mean = torch.Tensor.sum",
    "a new name in numpy": "numpy.calls = 1",
    "no gradients": "torch.set_grad_enabled(False)",
    "more threads of torch": "torch.set_num_threads(2)",
    "a hook on all modules": "nn.modules.module.register_module_forward_hook(lambda *a: None)",
    "an environment variable": "os.environ['SEEN'] = '1'",
    "another folder": "os.chdir('/usr')",
    "a thread": "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
    "a process": "subprocess.Popen(['/bin/sleep', '60'])",
    "a module of the library": "import http.server",
    "another search path": "sys.path.append('/tmp')",
    "a handler of a signal": "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "an open file": "os.dup(1)",
    "a filter of warnings": "warnings.simplefilter('error', FutureWarning)",
    "memory": "torch.kept = [1]; import builtins; builtins.kept = torch.ones(200_000_000)",
    "another limit of recursion": "sys.setrecursionlimit(5000)",
}


def value(zygote: Zygote, root: Path) -> tuple[int, float]:
    """Run one check; return its worker's process id, and what came back."""
    worker = zygote.lend(root)
    pid = worker.pid
    number = Student(worker, load().task("1.2"), "cpu").evaluate(**INPUTS).number
    zygote.take_back(worker)
    return pid, number


def test_a_worker_that_left_nothing_behind_serves_the_next_check(zygote, submission):
    root = submission({"losses.py": LOSS.format("pass")})
    (first, number), (second, again) = value(zygote, root), value(zygote, root)
    assert first == second
    assert number == again, "random numbers begin anew"
    zygote.rest()


def test_what_a_module_of_the_students_kept_is_forgotten(zygote, submission):
    code = LOSS.format("pass") + "\nCALLS = []\nclass BCELoss:\n    def __call__(self, y_pred, y_true):\n"
    code += "        CALLS.append(1)\n        return float(len(CALLS))\n"
    root = submission({"losses.py": code})
    (first, number), (second, again) = value(zygote, root), value(zygote, root)
    assert first == second
    assert number == again == 1
    zygote.rest()


@pytest.mark.parametrize("line", TRACES.values(), ids=TRACES.keys())
def test_a_worker_in_which_something_is_left_ends(zygote, submission, line):
    root = submission({"losses.py": LOSS.format(line)})
    (first, number), (second, again) = value(zygote, root), value(zygote, root)
    assert first != second
    assert number == again
    zygote.rest()


def test_another_submission_gets_another_worker(zygote, submission):
    one, two = submission({"losses.py": LOSS.format("pass")}), submission(name="other")
    assert value(zygote, one)[0] != value(zygote, two)[0]
    zygote.rest()


def test_a_task_that_hangs_is_waited_for_twice(zygote, submission, monkeypatch):
    root = submission({"losses.py": LOSS.format("while True: pass")})
    seen: dict = {}
    monkeypatch.setattr("course.grading.student.CALL_TIMEOUT", 3.0)
    for attempt in range(MOST_STUCK + 1):
        worker = zygote.lend(root)
        with pytest.raises(CheckFailed) as failed:
            Student(worker, load().task("1.2"), "cpu", seen).evaluate(**INPUTS)
        zygote.take_back(worker)
        assert ("Not run" in failed.value.message) == (attempt == MOST_STUCK)
    worker = zygote.lend(root)
    with pytest.raises(CheckFailed, match="defines no `DiceLoss`"):
        Student(worker, load().task("2.1"), "cpu", seen).evaluate(**INPUTS)
    zygote.take_back(worker)
    zygote.rest()
