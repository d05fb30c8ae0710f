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
    """One minus the soft Dice coefficient, for each image, averaged over the batch.

    With probabilities p = sigma(z), and sums over the pixels of one image,

        loss = 1 - (2 * sum(p * y) + smooth) / (sum(p) + sum(y) + smooth)

    The sums matter. The exercise sheet takes means instead, which makes its "+1" weigh as much as a whole image
    of foreground: predicting nothing at all then costs 0.01 where 1 % of the pixels are foreground, and 0.99 here.

    Args:
        smooth: added to numerator and denominator; defines the loss of two empty masks as 0.

    Source: Milletari et al., V-Net, 2016 (there with squared terms in the denominator).
    """

    def __init__(self, smooth: float = 1.0) -> None:
        super().__init__()
        self.smooth = smooth

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        """Return the loss, a scalar in [0, 1].

        Args:
            y_pred: logits, float `(B, 1, H, W)`.
            y_true: binary mask, float 0. or 1., of the same shape.
        """
        pixels = (1, 2, 3)
        probability = torch.sigmoid(y_pred)
        intersection = (probability * y_true).sum(pixels)
        total = probability.sum(pixels) + y_true.sum(pixels)
        dice = (2 * intersection + self.smooth) / (total + self.smooth)
        return 1 - dice.mean()


class FocalLoss(nn.Module):
    """Cross-entropy in which the pixels that are already right count less.

    With p_t the probability given to the true class (sigma(z) on foreground, 1 - sigma(z) on background), the loss
    of a pixel is

        -alpha_t * (1 - p_t)^gamma * log(p_t)

    and the loss of a batch is the mean over all its pixels. The factor belongs to each pixel: computed from the
    mean loss of the batch it would weigh all pixels alike. It belongs to both classes: on the positive term alone,
    as printed on the exercise sheet, the easy background keeps its full weight.

    Args:
        gamma: how strongly easy pixels are discounted; 0 gives the cross-entropy.
        alpha: weight of the foreground, in [0, 1]; the background has 1 - alpha. None: both have weight 1.

    Source: Lin et al., Focal Loss for Dense Object Detection, 2017, equation 5.
    """

    def __init__(self, gamma: float = 2.0, alpha: float | None = None) -> None:
        super().__init__()
        self.gamma = gamma
        self.alpha = alpha

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        """Return the mean loss, a scalar.

        Args:
            y_pred: logits, float `(B, 1, H, W)`.
            y_true: binary mask, float 0. or 1., of the same shape.
        """
        # The logit of the true class: z on foreground, -z on background. So p_t = sigma(z_t), 1 - p_t = sigma(-z_t).
        z_t = torch.where(y_true > 0.5, y_pred, -y_pred)
        loss = -(torch.sigmoid(-z_t) ** self.gamma) * F.logsigmoid(z_t)
        if self.alpha is not None:
            loss = loss * torch.where(y_true > 0.5, self.alpha, 1 - self.alpha)
        return loss.mean()


class BCELoss_TotalVariation(nn.Module):  # noqa: N801 - the name on the exercise sheet
    """Binary cross-entropy plus the total variation of the predicted mask, which punishes frayed borders.

    With probabilities p = sigma(z), neighbours i, i+1 along the height and j, j+1 along the width,

        TV = mean |p[i+1, j] - p[i, j]| + mean |p[i, j+1] - p[i, j]|
        loss = BCE + weight * TV

    each mean over all pairs of neighbours of the batch. (The sheet's sums are of the order of 10^4 for a batch of
    128x128 images and drown the cross-entropy.)

    Args:
        weight: the weight of the total variation.

    Source: Rudin, Osher and Fatemi, 1992; anisotropic form.
    """

    def __init__(self, weight: float = 0.1) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        """Return the loss, a scalar.

        Args:
            y_pred: logits, float `(B, 1, H, W)`.
            y_true: binary mask, float 0. or 1., of the same shape.
        """
        probability = torch.sigmoid(y_pred)
        vertical = (probability[:, :, 1:, :] - probability[:, :, :-1, :]).abs().mean()
        horizontal = (probability[:, :, :, 1:] - probability[:, :, :, :-1]).abs().mean()
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true)
        return bce + self.weight * (vertical + horizontal)


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
