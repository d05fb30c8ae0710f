"""What an honest exercise does still works in the sandbox."""

import re
import sys

import numpy as np

from course.paths import ROOT


def test_data_loader_with_workers(code):
    body = """
        import torch
        from torch.utils.data import DataLoader, TensorDataset
        items = TensorDataset(torch.arange(64.0).reshape(64, 1))
        return sum(float(batch.sum()) for (batch,) in DataLoader(items, batch_size=8, num_workers=2))
    """
    assert code(body).value() == sum(range(64))


def test_a_plot(code):
    body = """
        import matplotlib.pyplot as plt
        plt.plot([1, 2]); plt.title("x"); plt.savefig("loss.png"); plt.show()
        import os; return float(os.path.getsize("loss.png") > 1000)
    """
    assert code(body).value() == 1


def test_a_process_pool(code):
    body = "import concurrent.futures as c\nwith c.ProcessPoolExecutor(2) as p: return float(sum(p.map(abs, [-1, 2])))"
    assert code(body).value() == 3


def test_training_steps(code):
    body = """
        import torch
        model = torch.nn.Conv2d(3, 8, 3)
        optimiser = torch.optim.Adam(model.parameters())
        for _ in range(3):
            loss = model(torch.randn(2, 3, 32, 32)).square().mean()
            optimiser.zero_grad(); loss.backward(); optimiser.step()
        return float(loss)
    """
    assert np.isfinite(code(body).value())


def test_a_program_of_the_same_python_and_all_that_the_scripts_import(code):
    scripts = [(ROOT / name).read_text() for name in ("train.py", "predict.py", "measure.py")]
    modules = sorted(
        {name for text in scripts for name in re.findall(r"^(?:from|import) (course\.[\w.]+)", text, re.M)}
    )
    assert "course.training.device" in modules
    body = f"""
        import subprocess
        words = [{sys.executable!r}, "-c", "import torch, torchvision, {", ".join(modules)}; print(7)"]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode: raise RuntimeError(done.stderr[-300:])
        return float(done.stdout)
    """
    assert code(body).value() == 7


def test_temporary_files_and_home(code):
    body = """
        import tempfile, pathlib, getpass, os
        with tempfile.NamedTemporaryFile() as f: f.write(b"x")
        (pathlib.Path.home() / "x").write_text("y"); getpass.getuser(); return float(os.cpu_count() > 0)
    """
    assert code(body).value() == 1
