"""How long a training takes on this machine: train.py against the loop of most hand-outs.

    uv run python -m benchmarks.training speed                 images per second, seconds to IoU 0.85, IoU, memory
    uv run python -m benchmarks.training speed --size large    the same from files of 520x696 pixels
    uv run python -m benchmarks.training step                  one step: layouts, precisions, compiled, and other U-Nets

All ways take turns, seed by seed, so that a busy machine is busy for all of them; compare the ratios, not the seconds.
A training's time is that of its whole process, from the start of Python.
"""

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from course.paths import DATA, ROOT
from solutions.losses import BCELoss
from solutions.model.EncDecModel import EncDec
from solutions.model.UNetModel import UNet

WANTED = 0.85
LARGE = (696, 520)
MIB = 1024
ROUNDS = 5
BATCH = (6, 3, 128, 128)


def main() -> None:
    """Measure one of the two."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["speed", "step"])
    parser.add_argument("--model", default="UNet", help="speed: default: UNet")
    parser.add_argument("--epochs", type=int, default=40, help="speed: default: 40")
    parser.add_argument("--seeds", type=int, default=5, help="speed: trainings of each way; default: 5")
    parser.add_argument("--size", choices=["embedded", "large"], default="embedded", help="speed: of the files")
    args = parser.parse_args()
    if args.what == "step":
        steps()
        return
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        data = DATA / "phc" if args.size == "embedded" else enlarged(Path(name) / "phc")
        speed(args.model, args.epochs, args.seeds, data, Path(name))


def enlarged(folder: Path) -> Path:
    """Copy the embedded cells as files of the size of a microscope's."""
    for path in sorted((DATA / "phc").rglob("*.*")):
        target = folder / path.relative_to(DATA / "phc")
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".csv":
            target.write_bytes(path.read_bytes())
            continue
        smooth = path.suffix == ".jpg"
        large = Image.open(path).resize(LARGE, Image.Resampling.BILINEAR if smooth else Image.Resampling.NEAREST)
        large.save(target, **({"quality": 92} if smooth else {}))
    return folder


def speed(model: str, epochs: int, seeds: int, data: Path, folder: Path) -> None:
    """Train in all ways, and print a table."""
    common = ["--model", model, "--epochs", str(epochs), "--data", str(data)]
    ours = [sys.executable, str(ROOT / "train.py"), "--solutions", "--device", "cpu", *common]
    ways = {
        "plain loop": [sys.executable, "-m", "benchmarks.plain_loop", *common],
        "train.py --precision fp32": [*ours, "--precision", "fp32"],
        "train.py": ours,
    }
    rows: dict[str, list[dict[str, float]]] = defaultdict(list)
    for seed in range(seeds):
        for way, words in ways.items():
            out = folder / f"{way.split()[0]}-{len(rows[way])}"
            words = [*words, "--seed", str(seed)]
            rows[way].append(trained(words if way == "plain loop" else [*words, "--out", str(out)], out))
            print(seed, way, json.dumps(rows[way][-1]), file=sys.stderr, flush=True)
    names = ["images per second", f"seconds to IoU {WANTED}", "seconds in all", "test IoU", "peak MiB"]
    print(f"| {model}, {epochs} epochs, {seeds} seeds | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    plain = {name: [row[name] for row in rows["plain loop"]] for name in names}
    for way, results in rows.items():
        cells = []
        for name in names:
            values = [row[name] for row in results]
            ratios = [value / other for value, other in zip(values, plain[name], strict=True)]
            # A training that never reached the IoU has no time for it, and is left out there.
            cells.append(f"{np.nanmedian(values):.3g} ({np.nanmedian(ratios):.2f}x)")
        print(f"| {way} | {' | '.join(cells)} |")
    for way, results in rows.items():
        reached = ", ".join(f"{row['test IoU']:.3f}" for row in results)
        print(f"test IoU of {way}: {reached}")


def trained(words: list[str], out: Path) -> dict[str, float]:
    """Run one training, and return its figures."""
    start = time.perf_counter()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_WAIT_POLICY": "PASSIVE"}
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)
    lines, arrivals = [], []
    for line in process.stdout:
        lines.append(line)
        arrivals.append(time.perf_counter() - start)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{' '.join(words)} failed:\n{''.join(lines)}")
    total = time.perf_counter() - start
    if out.exists():
        with (out / "history.csv").open(newline="") as stream:
            epochs = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(stream)]
        since = [arrival for arrival, line in zip(arrivals, lines, strict=True) if line.startswith("epoch ")]
        images = int(next(line for line in lines if "images to train on" in line).split("; ")[2].split()[0])
        test_iou = float(next(line for line in lines if line.startswith("Test IoU")).split()[2])
    else:
        epochs = [json.loads(line) for line in lines[:-1]]
        since, images, test_iou = arrivals[:-1], epochs[0]["images"], json.loads(lines[-1])["test_iou"]
    reached = [when for when, row in zip(since, epochs, strict=True) if row["val_iou"] >= WANTED]
    return {
        "images per second": images / statistics.median(row["seconds"] for row in epochs),
        f"seconds to IoU {WANTED}": reached[0] if reached else float("nan"),
        "seconds in all": total,
        "test IoU": test_iou,
        "peak MiB": usage.ru_maxrss / MIB,
    }


def steps() -> None:
    """Print the time of a training step in all ways, for the course's networks and one of a library."""
    import segmentation_models_pytorch as smp

    small = smp.Unet("timm-mobilenetv3_small_minimal_100", encoder_weights=None, decoder_channels=(32, 24, 16, 16, 8))
    networks = {"EncDec": EncDec(), "UNet": UNet(), "smp.Unet, MobileNetV3 small minimal": small}
    rates = {precision: matrix_rate(precision) for precision in (torch.float32, torch.bfloat16)}
    print(f"matrix product 2048^3: {rates[torch.float32]:.0f} GFLOP/s float32, {rates[torch.bfloat16]:.0f} bfloat16")
    print("| network | parameters | GFLOP a step | " + " | ".join(WAYS) + " |\n|---|---|---|" + "---|" * len(WAYS))
    for name, network in networks.items():
        flops = flops_of(network)
        ways = {way: step_of(network, **options) for way, options in WAYS.items()}
        seconds: dict[str, list[float]] = defaultdict(list)
        for _ in range(ROUNDS):
            for way, step in ways.items():
                seconds[way].append(timed(step))
        plain = statistics.median(seconds[PLAIN])
        cells = []
        for way, times in seconds.items():
            median = statistics.median(times)
            rate = rates[torch.bfloat16 if WAYS[way]["bf16"] else torch.float32]
            cells.append(f"{1000 * median:.0f} ms ({plain / median:.1f}x; {flops / median / 1e9 / rate:.0%})")
        parameters = sum(p.numel() for p in network.parameters())
        print(f"| {name} | {parameters:,} | {flops / 1e9:.1f} | {' | '.join(cells)} |", flush=True)
    print("In brackets: times as fast as the plain loop's step; share of the matrix product's rate.")


PLAIN = "fp32"
WAYS = {
    PLAIN: {"bf16": False, "last": False},
    "fp32, channels last": {"bf16": False, "last": True},
    "bf16": {"bf16": True, "last": False},
    "bf16, channels last": {"bf16": True, "last": True},
    "bf16, channels last, fused Adam (train.py)": {"bf16": True, "last": True, "fused": True},
    "the same, torch.compile": {"bf16": True, "last": True, "fused": True, "compiled": True},
}


def step_of(
    network: nn.Module, bf16: bool, last: bool, fused: bool = False, compiled: bool = False
) -> Callable[[], None]:
    """Return a training step of a copy of a network. The first call, with whatever it compiles, is done."""
    import copy

    layout = torch.channels_last if last else torch.contiguous_format
    model = copy.deepcopy(network).to(memory_format=layout).train()
    call = torch.compile(model) if compiled else model
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, fused=fused)
    x = torch.randn(BATCH).contiguous(memory_format=layout)
    y = torch.randint(0, 2, (BATCH[0], 1, *BATCH[2:])).float()
    loss_of = BCELoss()

    def step() -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            logits = call(x)
        loss = loss_of(logits.float(), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    step()
    return step


def timed(step: Callable[[], None], times: int = 5) -> float:
    """Return the seconds of the fastest of some steps: what other work takes from it, it would not take elsewhere."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def flops_of(network: nn.Module) -> int:
    """Return the floating point operations of a step; a multiplication and an addition are two."""
    with FlopCounterMode(display=False) as counter:
        network(torch.zeros(BATCH)).sum().backward()
    network.zero_grad()
    return counter.get_total_flops()


def matrix_rate(precision: torch.dtype) -> float:
    """Return how many GFLOP/s the product of two matrices reaches here."""
    a, b = (torch.from_numpy(np.ones((2048, 2048), np.float32)).to(precision) for _ in range(2))
    torch.mm(a, b)
    return 2 * 2048**3 / timed(lambda: torch.mm(a, b), 10) / 1e9


if __name__ == "__main__":
    main()
