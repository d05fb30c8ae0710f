import os
import sys
import time

import numpy as np
import pytest
import torch

from course.grading.worker import LocalWorker, WorkerGone

REQUEST = {
    "operation": "evaluate",
    "file": "losses.py",
    "symbol": "BCELoss",
    "settings": {},
    "inputs": ["y_pred", "y_true"],
    "dtype": "float32",
    "device": "cpu",
    "gradient": True,
}
ARRAYS = {"y_pred": np.zeros((1, 1, 2, 2), np.float32), "y_true": np.ones((1, 1, 2, 2), np.float32)}

LOSS = """
import torch
from torch import nn
class BCELoss(nn.Module):
    def forward(self, y_pred, y_true):
        {}
"""


def ask(worker, timeout=20.0, **changes):
    return worker.request(REQUEST | changes, ARRAYS, timeout)


def test_value_and_gradient_come_back(spawn, submission):
    header, arrays = ask(spawn(submission()))
    assert header["values"] == [{"kind": "tensor", "dtype": "float32"}]
    assert arrays["value0"] == pytest.approx(np.log(2))  # the cross-entropy of a coin
    np.testing.assert_allclose(arrays["gradient"], -0.5 / 4)


@pytest.mark.parametrize(
    ("files", "symbol", "kind", "words"),
    [
        ({"losses.py": "import torch\nclass BCELoss(nn.Module):\n  pass"}, "BCELoss", "import", ["line 2", "'nn'"]),
        ({"losses.py": "def f(:\n"}, "BCELoss", "import", ["lib/losses.py, line 1", "SyntaxError"]),
        ({"losses.py": None}, "BCELoss", "not_attempted", ["lib/losses.py is not in the submission"]),
        ({"losses.py": "def my_bce_loss(a, b): return 0"}, "BCELoss", "missing", ["Did you mean `my_bce_loss`"]),
        ({"losses.py": LOSS.format("return y_pred.foo")}, "BCELoss", "error", ["line 6", "AttributeError", "foo"]),
        ({"losses.py": LOSS.format("raise SystemExit(0)")}, "BCELoss", "error", ["line 6", "exit()"]),
        ({"losses.py": "quit()"}, "BCELoss", "import", ["exit()", "line 1"]),
        (
            {"losses.py": LOSS.format('raise NotImplementedError("Exercise 1.2: BCELoss")')},
            "BCELoss",
            "not_attempted",
            ["Exercise 1.2 is not filled in yet", "line 6"],
        ),
    ],
)
def test_a_fault_names_the_students_own_line(spawn, submission, files, symbol, kind, words):
    header, _ = ask(spawn(submission(files)), symbol=symbol)
    assert header["fault"]["kind"] == kind
    for word in words:
        assert word in header["fault"]["text"]


def test_a_broken_file_costs_no_other(spawn, submission):
    worker = spawn(submission({"model/DilatedNetModel.py": "....\n", "dataset/PhCDataset.py": "class ("}))
    for file, symbol in (("model/UNetModel.py", "UNet"), ("losses.py", "BCELoss")):
        request = {"operation": "forward", "file": file, "symbol": symbol, "settings": {}, "seed": 0, "device": "cpu"}
        if file == "losses.py":
            assert "fault" not in ask(worker)[0]
        else:
            _, arrays = worker.request(request, {"images": np.zeros((1, 3, 32, 32), np.float32)}, 20)
            assert arrays["logits"].shape == (1, 1, 32, 32)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("import os; os._exit(0)", "ended the Python process"),
        ("import os; os._exit(7)", "exit code 7"),
        ("import os; os.abort()", "signal 6"),
    ],
)
def test_a_worker_that_dies_is_a_message_and_not_an_accident(spawn, submission, line, words):
    worker = spawn(submission({"losses.py": line}))
    with pytest.raises(WorkerGone, match=words):
        ask(worker)
    with pytest.raises(WorkerGone, match=words):  # and is not asked again
        ask(worker)


def test_a_worker_that_hangs_is_killed(spawn, submission):
    worker = spawn(submission({"losses.py": "while True: pass"}))
    pid = worker.pid
    start = time.monotonic()
    with pytest.raises(WorkerGone, match="did not finish within 1 seconds"):
        ask(worker, timeout=1.0)
    assert time.monotonic() - start < 10
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_child_of_a_worker_ends_with_it(spawn, submission, tmp_path):
    note = tmp_path / "pid"
    code = f"import subprocess; p = subprocess.Popen(['sleep', '1000']); open({str(note)!r}, 'w').write(str(p.pid))"
    worker = spawn(submission({"losses.py": code}))
    ask(worker)
    child = int(note.read_text())
    os.kill(child, 0)
    worker.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _runs(child):
        time.sleep(0.05)
    assert not _runs(child)


def test_a_flood_of_prints_is_drained_and_cut(spawn, submission):
    flood = "for i in range(200_000): print('spam' * 10)\n" + LOSS.format("return y_pred.mean()")
    worker = spawn(submission({"losses.py": flood}))
    assert "fault" not in ask(worker)[0]
    assert len(worker.printed) <= 64 * 1024


def test_packages_that_are_not_installed_cost_nothing_unless_used(spawn, submission):
    unused = "import nowhere.at_all as n\nfrom elsewhere import thing\n" + LOSS.format("return y_pred.mean()")
    assert "fault" not in ask(spawn(submission({"losses.py": unused})))[0]
    used = "from elsewhere import thing\n" + LOSS.format("return thing(y_pred)")
    fault = ask(spawn(submission({"losses.py": used}, name="used")))[0]["fault"]
    assert "`elsewhere.thing` is called" in fault["text"]
    own = "from .helpers import thing\n" + LOSS.format("return thing(y_pred)")
    fault = ask(spawn(submission({"losses.py": own}, name="own")))[0]["fault"]
    assert "lib.helpers" in fault["text"]


def test_an_input_changed_in_place_is_noticed(spawn, submission):
    code = LOSS.format("y_true *= 0; return y_pred.mean()")
    assert ask(spawn(submission({"losses.py": code})))[0]["modified"] == ["y_true"]


def _runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stream:  # noqa: PTH123
            return stream.read().split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_a_submission_without_init_files_is_its_own_and_finds_no_solutions(spawn, submission):
    code = LOSS.format("return y_pred.mean() + 5")
    worker = spawn(submission({"__init__.py": None, "model/__init__.py": None, "losses.py": code}))
    assert ask(worker)[1]["value0"] == 5
    thief = spawn(submission({"losses.py": "from solutions.losses import BCELoss"}, name="thief"))
    assert "solutions" in ask(thief)[0]["fault"]["text"]


@pytest.mark.parametrize("text", ["from .nowhere import *", "VERSION = 1; 1 / 0", "def (", "raise SystemExit"])
def test_a_broken_init_file_costs_no_other_file(text, spawn, submission):
    code = "import lib\n" + LOSS.format("return y_pred.mean() + 5 + len(vars(lib).keys() & {'VERSION'})")
    assert ask(spawn(submission({"__init__.py": text, "losses.py": code})))[1]["value0"] == 5


def test_a_worker_in_this_process_leaves_nothing_of_the_imports(submission):
    before = list(sys.path), list(sys.meta_path)
    worker = LocalWorker(submission({"losses.py": "import losses\n" + LOSS.format("return y_pred.mean() + 5")}))
    assert ask(worker)[1]["value0"] == 5
    worker.close()
    assert (sys.path, sys.meta_path) == before
    assert not [name for name in sys.modules if name.split(".")[0] in ("lib", "losses")]


def test_a_gpu_without_memory_is_explained_with_the_size_of_the_batch(spawn, submission):
    code = LOSS.format("raise torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 20.00 GiB.')")
    text = ask(spawn(submission({"losses.py": code})))[0]["fault"]["text"]
    assert text.startswith(
        "A check may have 4 GB of the GPU's memory, or what there is: that is too little for a batch of 1. "
    )
    assert "line 6" in text


@pytest.mark.skipif(not torch.cuda.is_available(), reason="There is no GPU here.")
def test_a_check_may_have_a_part_of_the_gpu(spawn, submission):
    codes = {
        size: LOSS.format(f"torch.empty({size} << 30, dtype=torch.uint8, device='cuda'); return y_pred.mean()")
        for size in (1, 5)
    }
    modest, greedy = (spawn(submission({"losses.py": code}, f"{size}")) for size, code in codes.items())
    assert "fault" not in ask(modest, device="cuda")[0]
    assert "A check may have 4 GB of the GPU's memory" in ask(greedy, device="cuda")[0]["fault"]["text"]
