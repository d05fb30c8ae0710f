"""Train a network: `uv run train.py --model UNet`, and its files are in runs/UNet. `--help` lists the options.

From top to bottom: options, data, model, loop, result. What is not particular to this program is in course/training.
"""

import course.training  # noqa: F401 - before torch is loaded: see there

# isort: split
import argparse
import time
from pathlib import Path

import torch
from accelerate import Accelerator, PartialState
from rich.console import Console

from course.errors import CourseError
from course.training import items
from course.training.checkpoint import Settings, load_best, load_last, read_settings
from course.training.checks import check_finite, check_logits, check_loss
from course.training.device import choose_precision, find_device, run_fast, same_buffers, stop_on_ctrl_c
from course.training.figures import training_curves
from course.training.files import show
from course.training.pairs import TASKS, Pair, Task, data_folder, expected, find_pairs, sequences_of, split_by_sequence
from course.training.parts import MODELS, Parts, run_program
from course.training.pictures import overlays
from course.training.predicting import classify, score_pairs
from course.training.progress import RunProgress
from course.training.reference import reference_band
from course.training.runs import Run
from course.training.scores import count_pairs, score

HOME = Path(__file__).resolve().parent


def parse() -> argparse.Namespace:
    """Read the command line. An unknown option, or a value that makes no sense, is an error."""
    parser = argparse.ArgumentParser(description="Train a segmentation network.", allow_abbrev=False)
    add = parser.add_argument
    add("--model", choices=MODELS, default="EncDec", help="default: EncDec")
    add("--loss", metavar="NAME", help="a loss of losses.py; default: BCELoss, facades: CrossEntropyLoss")
    add("--task", choices=TASKS, default="cells", help="cells: one class; facade: twelve. Default: cells")
    add("--data", type=Path, metavar="DIR", help="the data's folder; default: the embedded set")
    add("--epochs", type=at_least(1), default=40, help="default: 40")
    add("--batch-size", type=at_least(1), default=6, help="over all processes; default: 6")
    add("--lr", type=float, default=1e-3, help="Adam's learning rate; default: 0.001")
    add("--size", type=at_least(16), default=128, help="images are trained on at this size; default: 128")
    add("--seed", type=at_least(0), default=0, help="of the split, the weights and the order; default: 0")
    add("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto", help="default: auto")
    add("--precision", choices=["auto", "fp32", "bf16"], default="auto", help="auto: bf16 where it is faster")
    add("--out", type=Path, metavar="DIR", help="where the run's files go; default: runs/MODEL")
    add("--resume", action="store_true", help="go on with the run in --out")
    add("--solutions", action="store_true", help="train the reference in solutions/ instead of lib/")
    args = parser.parse_args()
    if not args.lr > 0:
        parser.error(f"argument --lr: {args.lr} is not above 0")
    args.loss = args.loss or TASKS[args.task].loss
    args.out = args.out or Path("runs") / (args.model if args.task == "cells" else f"{args.model}-{args.task}")
    return args


def at_least(least: int):
    """Return a reader of whole numbers that refuses smaller ones."""

    def number(text: str) -> int:
        if (value := int(text)) < least:
            raise argparse.ArgumentTypeError(f"{value} is below {least}")
        return value

    return number


def read_data(
    args: argparse.Namespace, task: Task, parts: Parts, console: Console
) -> tuple[items.Items, items.Items, list[Pair]]:
    """Decode the training half once, keep whole sequences of it apart for validation; find the pairs of the test."""
    folder = data_folder(task, args.data, HOME)
    pairs = find_pairs(task, folder, "train")
    if not pairs:
        raise CourseError(expected(task, folder, "train"))
    test = find_pairs(task, folder, "test")  # what is wrong with it should be known before the training, not after
    half = True if task.binary else "train"
    dataset = parts.build(task.part, half, transform=items.resize_to(args.size), root=folder)
    decoded = items.load(dataset, pairs, task, console)
    training, held_out = split_by_sequence(sequences_of(task, folder, pairs), 0.2, args.seed)
    return decoded[training], decoded[held_out], test


def main() -> int:
    """Train, and return the exit code."""
    args = parse()
    task = TASKS[args.task]
    state = PartialState(cpu=find_device(args.device) == "cpu")
    precision = choose_precision(args.precision, state)
    accelerator = Accelerator(cpu=state.device.type == "cpu", mixed_precision="bf16" if precision == "bf16" else "no")
    device, here, processes = accelerator.device, accelerator.process_index, accelerator.num_processes
    console = Console(quiet=not accelerator.is_main_process, highlight=False)

    # The model first: what is not filled in yet should be said before anything takes time.
    parts = Parts(HOME, args.solutions)
    torch.manual_seed(args.seed)
    model = run_fast(parts.model(args.model, task.num_classes), args.size)
    train, val, test = read_data(args, task, parts, console)
    mean, std = items.mean_and_std(train.images)
    balance = {} if task.binary else {"class_weights": items.class_weights(train.targets, task.num_classes)}
    loss_of = parts.loss(args.loss, device, **balance)
    train, val = train.to(device), val.to(device)
    settings = Settings(
        parts.package, args.model, task.num_classes, task.name, args.loss, args.size, mean, std,
        args.batch_size, args.lr, args.seed,
    )  # fmt: skip
    bands = {what: reference_band(settings, args.data is None, what) for what in ("loss", "val_iou")}

    stored = load_last(args.out / "last.pt", settings) if args.resume else {}
    if stored:
        model.load_state_dict(stored["model"])
    optimiser = torch.optim.Adam(model.parameters(), lr=args.lr, fused=device.type in ("cpu", "cuda"))
    model, optimiser = accelerator.prepare(model, optimiser)
    if stored:
        optimiser.load_state_dict(stored["optimiser"])
    bare = accelerator.unwrap_model(model)
    run = Run(args.out, settings, bare, optimiser, accelerator.is_main_process, stored)
    plural = "es" if processes > 1 else ""
    console.print(
        f"{parts.package}: {args.model}, {sum(p.numel() for p in bare.parameters()):,} parameters; {args.loss}; "
        f"{len(train)} images to train on, {len(val)} to validate; "
        f"{device.type}, {precision}, {processes} process{plural}",
        soft_wrap=True,
    )

    stop_on_ctrl_c(accelerator)
    with RunProgress(console, args.epochs, -(-len(train) // args.batch_size)) as progress:
        for epoch in range(run.epoch, args.epochs):
            start = time.perf_counter()
            model.train()
            total = torch.tensor(run.loss_sum, device=device)
            for step, batch in enumerate(items.batches(len(train), args.batch_size, args.seed, epoch)):
                if step < run.step:
                    continue  # done before the run was interrupted
                # Flips and dropout depend on nothing but the step, so that a resumed run draws the same.
                torch.manual_seed((args.seed * 10_007 + epoch) * 10_007 + step)
                part = items.share(batch, here, processes)
                mine = items.flip(train[part], items.draw_flips(len(train), upside_down=task.binary)[part])
                x = items.normalise(mine.images, mean, std)
                y = mine.targets.float() if task.binary else mine.targets.long()
                logits = model(x)
                check_logits(bare, x, logits, task.num_classes)
                loss = check_loss(loss_of(logits, y), args.loss)
                optimiser.zero_grad()
                accelerator.backward(loss)
                optimiser.step()
                total += loss.detach() * len(batch)
                progress.step(epoch, step)
                if accelerator.check_trigger():
                    run.save(epoch, step + 1, float(accelerator.reduce(total, "mean")))
                    accelerator.end_training()
                    console.print(f"Stopped by Ctrl-C in epoch {epoch + 1}, and saved: `--resume` goes on from there.")
                    return 130

            train_loss = float(accelerator.reduce(total, "mean")) / len(train)
            check_finite(train_loss, args.loss, epoch + 1)
            same_buffers(bare)
            mine = val[here::processes]
            classes = classify(bare, mine.images, settings)
            counts = count_pairs(classes, mine.targets.squeeze(1), max(2, task.num_classes))
            val_iou = score(accelerator.reduce(counts.to(device)).cpu())
            best = run.end_epoch(epoch, train_loss, val_iou, time.perf_counter() - start)
            progress.epoch(run.history[-1], best)
            if accelerator.is_main_process and ((epoch + 1) % 10 == 0 or epoch + 1 == args.epochs):
                training_curves(args.out / "curve.png", run.history, bands)
                sample = val[:: -(-len(val) // 12)]
                masks = classify(bare, sample.images, settings)
                overlays(args.out / f"overlay_{epoch + 1:03}.png", sample.images, masks, sample.targets, task.binary)

    if accelerator.is_main_process:
        report(args.out, parts, test, device, console)
    accelerator.end_training()
    return 0


def report(out: Path, parts: Parts, test: list[Pair], device: torch.device, console: Console) -> None:
    """Score the best checkpoint on the test half, as predict.py and measure.py would, and say where everything is."""
    best = out / "best.safetensors"
    settings = read_settings(best)
    model = parts.model(settings.model, settings.num_classes)
    load_best(best, model, settings, parts.where(settings.model))
    val_iou = "undefined" if settings.val_iou is None else f"{settings.val_iou:.4f}"
    console.print(f"Best: epoch {settings.epoch}, validation IoU {val_iou}. Files: {show(out)}", soft_wrap=True)
    if test:
        test_iou = score_pairs(model.to(device).eval(), test, settings, device, console)
        console.print(f"Test IoU {test_iou:.4f} over {len(test)} images at their own sizes.")


if __name__ == "__main__":
    run_program(main, HOME, "`--solutions` trains the reference")
