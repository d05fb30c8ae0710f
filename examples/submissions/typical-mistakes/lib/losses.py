"""Losses: they take logits and a target, and return one number to minimise.

Every loss takes logits, never probabilities, and applies the sigmoid (or softmax) itself: only then can the
logarithm be computed without overflow. Shapes are `(B, 1, H, W)` unless a docstring says otherwise, and
`sigma(z) = 1 / (1 + exp(-z))` is the sigmoid throughout.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class BCELoss(nn.Module):
    """Binary cross-entropy from logits, finite for every finite logit.

    For a logit z and a target y the loss of a pixel is

        -[ y * log(sigma(z)) + (1 - y) * log(1 - sigma(z)) ]

    and the loss of a batch is the mean over all its pixels. Taken literally the formula overflows: sigma(z) is
    exactly 1 in float32 above z = 16.6, and log(0) is -inf. Rearranged as z - y*z + log(1 + exp(-z)) it still
    overflows, below z = -88.7. The value and the gradient must stay finite at z = -1000 and z = 1000.
    """

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        """Return the mean loss, a scalar.

        Args:
            y_pred: logits, float `(B, 1, H, W)`.
            y_true: binary mask, float 0. or 1., of the same shape.
        """
        # 1 - sigma(z) = sigma(-z), and logsigmoid never takes the logarithm of a number that was rounded to 0.
        log_foreground = F.logsigmoid(y_pred)
        log_background = F.logsigmoid(-y_pred)
        return -(y_true * log_foreground + (1 - y_true) * log_background).mean()


class DiceLoss(nn.Module):
    def __init__(self, smooth: float = 1.0, axes: tuple = (0, 1, 2, 3)) -> None:
        super().__init__()
        self.smooth, self.axes = smooth, axes

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = y_pred
        total = p.sum(self.axes) + y_true.sum(self.axes)
        return 1 - ((2 * (p * y_true).sum(self.axes) + self.smooth) / (total + self.smooth)).mean()


class FocalLoss(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 1.0, per_image: bool = False) -> None:
        super().__init__()
        self.gamma, self.alpha, self.per_image = gamma, alpha, per_image

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        bce = bce.flatten(1).mean(1) if self.per_image else bce.mean()
        return (self.alpha * (1 - torch.exp(-bce)) ** self.gamma * bce).mean()


class BCELoss_TotalVariation(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        regularization = 0.0
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + 0.1 * regularization


class WeightedBCELoss(nn.Module):
    """Binary cross-entropy in which the foreground counts `pos_weight` times.

    The loss of a pixel is

        -[ pos_weight * y * log(sigma(z)) + (1 - y) * log(1 - sigma(z)) ]

    and the loss of a batch is the mean over all its pixels. By default the weight is the inverse of the class
    frequencies of the batch, background pixels / foreground pixels, so that both classes weigh the same in total.

    Args:
        pos_weight: weight of a foreground pixel. None: computed from each batch; 1 where a batch has no foreground.
    """

    def __init__(self, pos_weight: float | None = None) -> None:
        super().__init__()
        self.pos_weight = pos_weight

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        """Return the mean loss, a scalar, finite also when a class is absent.

        Args:
            y_pred: logits, float `(B, 1, H, W)`.
            y_true: binary mask, float 0. or 1., of the same shape.
        """
        pos_weight = self.pos_weight
        if pos_weight is None:
            foreground = y_true.sum()
            background = y_true.numel() - foreground
            pos_weight = background / foreground if foreground > 0 else 1.0
        log_foreground = F.logsigmoid(y_pred)
        log_background = F.logsigmoid(-y_pred)
        return -(pos_weight * y_true * log_foreground + (1 - y_true) * log_background).mean()


def centered_penalty(y_pred: Tensor) -> Tensor:
    """Return how little of the mask lies in the middle: 1 - sigma(z) at pixel (H // 2, W // 2), mean over the batch.

    Args:
        y_pred: logits, float `(B, 1, H, W)`.

    Returns:
        A scalar in [0, 1]: near 0 when every image is confidently foreground at its centre.
    """
    height, width = y_pred.shape[-2:]
    return (1 - torch.sigmoid(y_pred[..., height // 2, width // 2])).mean()


def sparsity_penalty(y_pred: Tensor) -> Tensor:
    """Return how much is predicted as foreground: sigma(z), mean over all pixels of the batch.

    It is an L1 penalty: probabilities are never negative, so that their sum is their L1 norm.

    Args:
        y_pred: logits, float `(B, 1, H, W)`.

    Returns:
        A scalar in [0, 1].
    """
    return torch.sigmoid(y_pred).mean()


class CrossEntropyLoss(nn.Module):
    """Softmax cross-entropy for several classes, with class weights and pixels to ignore.

    For a pixel of class c the loss is -w[c] * log(softmax(z)[c]). The loss of a batch is the sum over the pixels
    that are not ignored, divided by the sum of their weights. Where every pixel is ignored that is 0 / 0: return 0,
    connected to `y_pred` so that `backward()` works and gives zeros.

    Args:
        class_weights: one weight for each class, `(K,)`. None: all 1.
        ignore_index: the label of pixels that do not count.
    """

    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.register_buffer("class_weights", class_weights)
        self.ignore_index = ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        """Return the weighted mean loss, a scalar.

        Args:
            y_pred: logits, float `(B, K, H, W)`.
            y_true: class of each pixel, int64 `(B, H, W)`, 0..K-1 or `ignore_index`.
        """
        if (y_true == self.ignore_index).all():
            return 0 * y_pred.sum()
        return F.cross_entropy(y_pred, y_true, self.class_weights, ignore_index=self.ignore_index)
