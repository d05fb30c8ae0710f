"""Operation `fit`: train a student's network in rounds on given arrays, and predict after each round.

The trusted side sends images and masks to learn from, and images without masks to predict; it scores the predictions
and decides after each round whether to go on.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.worker.adapt import arrange, construct
from course.worker.evaluate import Answer, to_array
from course.worker.faults import Fault
from course.worker.loading import Library
from course.worker.models import build, logits_of
from course.worker.protocol import Arrays
from course.worker.structure import Probed
from course.worker.unpadded import margin_of, middle, mirrored

_NO_WEIGHTS = "The network's output does not depend on its weights: there is nothing to train."
_NO_GRADIENT = "The loss has no gradient: `.item()`, rounding or a threshold inside a loss cuts it off."


class Fit:
    """A network in training. A check's is in full float32, so that no verdict depends on a machine's fast formats.

    Args:
        request: `file`, `symbol`, `settings`, `seed`, `device`, `batch_size`, `learning_rate`. To look on (see
            `course.demo.live`) also `loss`, the `file`, `symbol` and `settings` of one of the submission's own losses
            in place of the cross-entropy; `autocast`, to compute in bfloat16; `soft`, to send probabilities along.
        arrays: `images` `(N, 3, H, W)` normalised; `targets`, float `(N, 1, H, W)` masks or int64 `(N, H, W)` classes
            (255 = ignore); `unseen` images `(M, 3, H, W)`; `class_weights` `(K,)` with several classes.
    """

    def __init__(self, library: Library, request: dict[str, Any], arrays: Arrays) -> None:
        self.device = torch.device(request["device"])
        self.settings = request["settings"]
        # What a network is like is asked of another one that is made in the same way.
        another = build(library, request)
        first = torch.from_numpy(arrays["images"][: request["batch_size"]]).to(self.device)
        self.margin = margin_of(lambda images: logits_of(another.eval()(images), self.settings), first[:1])
        if self.margin:
            library.note("The network has no padding: it was trained on images whose border was mirrored.")
        probed = Probed(another, mirrored(first, self.margin).cpu().numpy(), request)
        self.probabilities = _ends_in_probabilities(probed)
        self.layout = probed.layout
        self.model = build(library, request).to(memory_format=self.layout)
        self.images = self._images(arrays["images"])
        self.targets = torch.from_numpy(arrays["targets"]).to(self.device)
        self.unseen = self._images(arrays["unseen"])
        self.class_weights = arrays.get("class_weights")
        self.batch_size = request["batch_size"]
        self.order = np.random.default_rng(request["seed"])
        parameters = list(self.model.parameters())
        if not parameters:
            raise Fault("error", "The network has no weights: there is nothing to train.")
        self.optimizer = torch.optim.Adam(parameters, lr=request["learning_rate"])
        self.own_loss = _own_loss(library, request["loss"]) if request.get("loss") else None
        self.autocast = request.get("autocast", False)
        self.soft = request.get("soft", False)

    def _images(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(array).to(self.device, memory_format=self.layout)

    def steps(self, count: int) -> Answer:
        """Train for some steps, then predict.

        Reply: `loss`, the mean over the steps; `probabilities`, whether the network returns them instead of logits;
        `lowest` and `highest` logit of the prediction; array `predictions`, uint8: `(M, 1, H, W)` 0 or 1, or
        `(M, H, W)` classes; where asked for also `soft`, the probability of the foreground in 255 steps, uint8.
        """
        loss = self._train(count)
        logits = self._predict()
        classes = logits > 0 if self.class_weights is None else logits.argmax(1)
        header = {
            "loss": loss,
            "probabilities": self.probabilities,
            "lowest": float(logits.nan_to_num(0.0).min()),
            "highest": float(logits.nan_to_num(0.0).max()),
        }
        arrays = {"predictions": to_array(classes.to(torch.uint8))}
        if self.soft:
            arrays["soft"] = to_array((logits.sigmoid().nan_to_num(0.0) * 255).round().to(torch.uint8))
        return header, arrays

    def _train(self, count: int) -> float:
        """Train for some steps; return the mean of their losses."""
        self.model.train()
        losses = []
        for _ in range(count):
            chosen = torch.from_numpy(self.order.choice(len(self.images), self.batch_size, replace=False))
            chosen = chosen.to(self.device)
            loss = self._loss(self._forward(self.images[chosen]), self.targets[chosen])
            self.optimizer.zero_grad()
            if not loss.requires_grad:
                raise Fault("error", _NO_GRADIENT if self.own_loss else _NO_WEIGHTS)
            loss.backward()
            self.optimizer.step()
            losses.append(loss.item())
        return float(np.mean(losses))

    def _forward(self, images: Tensor) -> Tensor:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.autocast):
            logits = logits_of(self.model(mirrored(images, self.margin)), self.settings)
        logits = logits.float() if self.autocast else logits
        logits = middle(logits, images.shape[-1]) if self.margin else logits
        classes = 1 if self.class_weights is None else len(self.class_weights)
        wanted = (len(images), classes, *images.shape[2:])
        if logits.shape != wanted:
            raise Fault(
                "error",
                f"For images of shape {tuple(images.shape)} and {classes} class{'es' if classes > 1 else ''} expected "
                f"logits {wanted}, got {tuple(logits.shape)}.",
            )
        if not self.probabilities:
            return logits
        return torch.logit(logits, 1e-6) if self.class_weights is None else logits.clamp_min(1e-6).log()

    def _loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        if self.own_loss is not None:
            return _number(self.own_loss(logits, targets))
        if self.class_weights is None:
            return F.binary_cross_entropy_with_logits(logits, targets)
        weights = torch.from_numpy(self.class_weights).to(logits)
        return F.cross_entropy(logits, targets, weights, ignore_index=255)

    def _predict(self) -> Tensor:
        self.model.eval()
        with torch.no_grad():
            return torch.cat([self._forward(batch) for batch in self.unseen.split(4)])


def _ends_in_probabilities(probed: Probed) -> bool:
    """Whether a network ends in a sigmoid or softmax."""
    probed.learns()
    lowest, highest = probed.extremes()
    return 0 <= lowest < highest <= 1


def _own_loss(library: Library, request: dict[str, Any]) -> Callable[[Tensor, Tensor], Any]:
    """Return one of the submission's own losses, to be called with logits and targets."""
    loss = library.symbol(request["file"], request["symbol"])
    if isinstance(loss, type):
        loss, _ = construct(loss, request["settings"])
    signature = loss.forward if isinstance(loss, torch.nn.Module) else loss
    return lambda y_pred, y_true: loss(*arrange(signature, {"y_pred": y_pred, "y_true": y_true}))


def _number(loss: Any) -> Tensor:
    """Return a loss that can be minimised.

    Raises:
        Fault: it is none.
    """
    if not isinstance(loss, Tensor) or loss.numel() != 1:
        what = f"a tensor of shape {tuple(loss.shape)}" if isinstance(loss, Tensor) else type(loss).__name__
        raise Fault("error", f"The loss returns {what}: one number is needed to train, the mean over the batch.")
    return loss.reshape(())
