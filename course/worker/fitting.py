"""Operation `fit`: train a student's network in rounds on given arrays, and predict after each round.

The trusted side sends images and masks to learn from, and images without masks to predict; it scores the predictions
and decides after each round whether to go on.
"""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.worker.evaluate import Answer, to_array
from course.worker.faults import Fault
from course.worker.loading import Library
from course.worker.models import Probed, build, logits_of
from course.worker.protocol import Arrays


class Fit:
    """A network in training. Full float32, so that a verdict does not depend on the machine's fast formats.

    Args:
        request: `file`, `symbol`, `settings`, `seed`, `device`, `batch_size`, `learning_rate`.
        arrays: `images` `(N, 3, H, W)` normalised; `targets`, float `(N, 1, H, W)` masks or int64 `(N, H, W)` classes
            (255 = ignore); `unseen` images `(M, 3, H, W)`; `class_weights` `(K,)` with several classes.
    """

    def __init__(self, library: Library, request: dict[str, Any], arrays: Arrays) -> None:
        self.device = torch.device(request["device"])
        self.settings = request["settings"]
        self.probabilities = _ends_in_probabilities(library, request, arrays["images"][: request["batch_size"]])
        self.model = build(library, request).to(memory_format=torch.channels_last)
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

    def _images(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(array).to(self.device, memory_format=torch.channels_last)

    def steps(self, count: int) -> Answer:
        """Train for some steps, then predict.

        Reply: `loss`, the mean over the steps; `probabilities`, whether the network returns them instead of logits;
        `lowest` and `highest` logit of the prediction; array `predictions`, uint8: `(M, 1, H, W)` 0 or 1, or
        `(M, H, W)` classes.
        """
        self.model.train()
        losses = []
        for _ in range(count):
            chosen = torch.from_numpy(self.order.choice(len(self.images), self.batch_size, replace=False))
            chosen = chosen.to(self.device)
            loss = self._loss(self._forward(self.images[chosen]), self.targets[chosen])
            self.optimizer.zero_grad()
            if not loss.requires_grad:
                raise Fault("error", "The network's output does not depend on its weights: there is nothing to train.")
            loss.backward()
            self.optimizer.step()
            losses.append(loss.item())
        logits = self._predict()
        classes = logits > 0 if self.class_weights is None else logits.argmax(1)
        header = {
            "loss": float(np.mean(losses)),
            "probabilities": self.probabilities,
            "lowest": float(logits.nan_to_num(0.0).min()),
            "highest": float(logits.nan_to_num(0.0).max()),
        }
        return header, {"predictions": to_array(classes.to(torch.uint8))}

    def _forward(self, images: Tensor) -> Tensor:
        logits = logits_of(self.model(images), self.settings)
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
        if self.class_weights is None:
            return F.binary_cross_entropy_with_logits(logits, targets)
        weights = torch.from_numpy(self.class_weights).to(logits)
        return F.cross_entropy(logits, targets, weights, ignore_index=255)

    def _predict(self) -> Tensor:
        self.model.eval()
        with torch.inference_mode():
            return torch.cat([self._forward(batch) for batch in self.unseen.split(4)])


def _ends_in_probabilities(library: Library, request: dict[str, Any], images: np.ndarray) -> bool:
    """Whether the network ends in a sigmoid or softmax: asked of another one that is made in the same way."""
    probed = Probed(build(library, request), images, request)
    probed.learns()
    lowest, highest = probed.extremes()
    return 0 <= lowest < highest <= 1
