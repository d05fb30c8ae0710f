"""What an honest exercise does still works in the sandbox."""

import sys

import numpy as np


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


def test_a_program_of_the_same_python(code):
    body = f"""
        import subprocess
        words = [{sys.executable!r}, "-c", "import torch, torchvision, course.training.parts; print(7)"]
        return float(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    """
    assert code(body).value() == 7


def test_temporary_files_and_home(code):
    body = """
        import tempfile, pathlib, getpass, os
        with tempfile.NamedTemporaryFile() as f: f.write(b"x")
        (pathlib.Path.home() / "x").write_text("y"); getpass.getuser(); return float(os.cpu_count() > 0)
    """
    assert code(body).value() == 1
