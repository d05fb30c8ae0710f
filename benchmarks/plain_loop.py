"""The loop that most hand-outs have: decode in every epoch, three worker processes, float32, maps as they come.

    uv run python -m benchmarks.plain_loop --data data/phc --model UNet --epochs 40 --seed 0

It is what `benchmarks/training.py` compares train.py with: the same network, split, order of batches, flips and
normalisation, so that only the speed differs. One line of JSON for each epoch goes to the standard output.
"""

import argparse
import json
import time
from pathlib import Path

import torch
from rich.console import Console
from torch.utils.data import DataLoader, Dataset, Subset
from torchvision import tv_tensors
from torchvision.transforms import v2

from course.training import items
from course.training.checkpoint import Settings
from course.training.pairs import TASKS, find_pairs, sequences_of, split_by_sequence
from course.training.predicting import score_pairs
from course.training.scores import binary_iou
from solutions.dataset.PhCDataset import PhC
from solutions.losses import BCELoss
from solutions.model import DilatedNetModel, EncDecModel, UNetModel

MODELS = {"EncDec": EncDecModel, "UNet": UNetModel, "UNet2": UNetModel, "DilatedNet": DilatedNetModel}
WORKERS = 3
BATCH_SIZE = 6


class Batches(torch.utils.data.Sampler):
    """The batches of train.py, in its order."""

    def __init__(self, count: int, seed: int) -> None:
        self.count, self.seed, self.epoch = count, seed, 0

    def __iter__(self):
        """Yield the indices of each batch."""
        yield from (batch.tolist() for batch in items.batches(self.count, BATCH_SIZE, self.seed, self.epoch))

    def __len__(self) -> int:
        return -(-self.count // BATCH_SIZE)


def main() -> None:
    """Train, and print what each epoch came to, then the test."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", choices=MODELS, required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--size", type=int, default=128)
    args = parser.parse_args()
    start = time.perf_counter()

    torch.manual_seed(args.seed)
    model = getattr(MODELS[args.model], args.model)()
    task = TASKS["cells"]
    pairs = find_pairs(task, args.data, "train")
    data = PhC(train=True, transform=v2.Resize((args.size, args.size), antialias=True), root=args.data)
    training, held_out = split_by_sequence(sequences_of(task, args.data, pairs), 0.2, args.seed)
    mean, std = mean_and_std(Subset(data, training))
    flips = v2.Compose([v2.RandomHorizontalFlip(), v2.RandomVerticalFlip()])
    batches = Batches(len(training), args.seed)
    loader = DataLoader(Flipped(Subset(data, training), flips), batch_sampler=batches, num_workers=WORKERS)
    validation = DataLoader(Subset(data, held_out), batch_size=32, num_workers=WORKERS)
    loss_of, optimiser = BCELoss(), torch.optim.Adam(model.parameters(), lr=1e-3)
    normalise = v2.Normalize(mean, std)

    for epoch in range(args.epochs):
        before = time.perf_counter()
        batches.epoch = epoch
        model.train()
        for x, y in loader:
            loss = loss_of(model(normalise(x)), y)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        model.eval()
        with torch.no_grad():
            masks = [(model(normalise(x)) > 0, y) for x, y in validation]
        iou = binary_iou(*(torch.cat(side).numpy() for side in zip(*masks, strict=True)))
        now = time.perf_counter()
        row = {"epoch": epoch + 1, "val_iou": iou, "seconds": now - before, "since_start": now - start}
        print(json.dumps(row | {"images": len(training)}), flush=True)

    settings = Settings(
        "solutions", args.model, 1, "cells", "BCELoss", args.size, mean, std, BATCH_SIZE, 1e-3, args.seed
    )
    test = find_pairs(task, args.data, "test")
    test_iou = score_pairs(model, test, settings, torch.device("cpu"), Console(quiet=True))
    print(json.dumps({"test_iou": test_iou}))


class Flipped(Dataset):
    """A data set with random flips: image and mask go through the transform together."""

    def __init__(self, data: Dataset, flips: v2.Transform) -> None:
        self.data, self.flips = data, flips

    def __getitem__(self, index: int):
        """Return image and mask, flipped alike."""
        image, mask = self.data[index]
        return self.flips(tv_tensors.Image(image), tv_tensors.Mask(mask))

    def __len__(self) -> int:
        return len(self.data)


def mean_and_std(data: Dataset) -> tuple[list[float], list[float]]:
    """Return mean and standard deviation of each channel over all images."""
    images = torch.stack([image for image, _ in data])
    return images.mean((0, 2, 3)).tolist(), images.std((0, 2, 3)).tolist()


if __name__ == "__main__":
    main()
