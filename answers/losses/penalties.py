# ruff: noqa: D101, D102, D103 - an answer's documentation is the sentence in its mark
"""Known answers to task 2.5: centered_penalty and sparsity_penalty."""

import torch
from torch import Tensor

from answers.entry import accepted, mistake

SHEET = "exercise sheet"
CLASSIC = "classic slip"


@accepted("2.5", "centered_penalty", "centred-sum", "Summed over the images.", "variant")
def centred_sum(y_pred: Tensor) -> Tensor:
    return torch.sum(1 - torch.sigmoid(y_pred[:, :, y_pred.shape[2] // 2, y_pred.shape[3] // 2]))


@accepted("2.5", "centered_penalty", "centre-rounded-down", "Where there are two middles, the first.", "variant")
def centred_rounded_down(y_pred: Tensor) -> Tensor:
    row, column = (y_pred.shape[-2] - 1) // 2, (y_pred.shape[-1] - 1) // 2
    return 1 - torch.sigmoid(y_pred[..., row, column]).mean()


@accepted(
    "2.5", "centered_penalty", "centre-rounded-down-sum", "Where there are two middles, the first; summed.", "variant"
)
def centred_rounded_down_sum(y_pred: Tensor) -> Tensor:
    row, column = (y_pred.shape[-2] - 1) // 2, (y_pred.shape[-1] - 1) // 2
    return (1 - torch.sigmoid(y_pred[..., row, column])).sum()


@accepted("2.5", "centered_penalty", "centre-averaged", "The mean of all middle pixels of each image.", "variant")
def centred_averaged(y_pred: Tensor) -> Tensor:
    height, width = y_pred.shape[-2:]
    middle = y_pred[..., (height - 1) // 2 : height // 2 + 1, (width - 1) // 2 : width // 2 + 1]
    return (1 - torch.sigmoid(middle)).mean()


@accepted("2.5", "centered_penalty", "centred-with-target", "A target comes along that is not needed.", SHEET)
def centred_with_target(y_real: Tensor, y_pred: Tensor) -> Tensor:
    height, width = y_pred.shape[-2:]
    return torch.mean(1 - torch.sigmoid(y_pred[:, 0, height // 2, width // 2]))


@accepted("2.5", "centered_penalty", "centred-with-weight", "A weight of its own, which is 1 by default.", "variant")
def centred_with_weight(y_pred: Tensor, weight: float = 1.0) -> Tensor:
    height, width = y_pred.shape[-2:]
    return weight * (1 - torch.sigmoid(y_pred[..., height // 2, width // 2])).mean()


@accepted("2.5", "centered_penalty", "centred-with-reduction", "The reduction is an argument.", "variant")
def centred_with_reduction(y_pred: Tensor, reduction: str = "mean") -> Tensor:
    penalty = torch.sigmoid(-y_pred[:, 0, y_pred.shape[2] // 2, y_pred.shape[3] // 2])
    return penalty.mean() if reduction == "mean" else penalty.sum()


@accepted("2.5", "centered_penalty", "centred-target-optional", "A target may come along.", "variant")
def centred_target_optional(y_pred: Tensor, y_true: Tensor | None = None, weight: float = 1.0) -> Tensor:
    height, width = y_pred.shape[-2:]
    return weight * (1 - torch.sigmoid(y_pred[..., height // 2, width // 2]).mean())


@mistake("2.5", "centered_penalty", "centred-logit", "This is one minus a logit: the sigmoid is missing.", "17 times")
def centred_logit(y_pred: Tensor) -> Tensor:
    return (1 - y_pred[..., y_pred.shape[-2] // 2, y_pred.shape[-1] // 2]).mean()


@mistake(
    "2.5",
    "centered_penalty",
    "centred-complement-missing",
    "This rewards an empty middle: the penalty is one minus the probability at the centre.",
    "8 times, over all tasks",
)
def centred_complement_missing(y_pred: Tensor) -> Tensor:
    return torch.sigmoid(y_pred[..., y_pred.shape[-2] // 2, y_pred.shape[-1] // 2]).mean()


@mistake(
    "2.5",
    "centered_penalty",
    "centred-complement-inside",
    "One minus the logit goes into the sigmoid: the complement is taken of the probability, after the sigmoid.",
    CLASSIC,
)
def centred_complement_inside(y_pred: Tensor) -> Tensor:
    return torch.sigmoid(1 - y_pred[..., y_pred.shape[-2] // 2, y_pred.shape[-1] // 2]).mean()


@mistake(
    "2.5",
    "centered_penalty",
    "centre-axes-swapped",
    "Height and width have changed places: right for square images only. A tensor (B, C, H, W) has the row first.",
    SHEET,
)
def centre_axes_swapped(y_pred: Tensor) -> Tensor:
    return (1 - torch.sigmoid(y_pred[:, :, y_pred.shape[3] // 2, y_pred.shape[2] // 2])).mean()


@mistake(
    "2.5",
    "centered_penalty",
    "centre-of-first-image",
    "Only the first image of the batch counts: right for one image, wrong for several.",
    CLASSIC,
)
def centre_of_first_image(y_pred: Tensor) -> Tensor:
    return 1 - torch.sigmoid(y_pred[0, 0, y_pred.shape[-2] // 2, y_pred.shape[-1] // 2])


@mistake(
    "2.5",
    "centered_penalty",
    "whole-image",
    "This is one minus the mean of the whole image: only the pixel in the middle counts.",
    CLASSIC,
)
def centred_whole_image(y_pred: Tensor) -> Tensor:
    return 1 - torch.sigmoid(y_pred).mean()


@mistake(
    "2.5",
    "centered_penalty",
    "centre-one-too-far",
    "This is a pixel beside the middle: counted from 0, the middle is at H // 2 and W // 2.",
    "answers by testers: counted from 1, as in MATLAB",
    off=(1, -1),
)
def centred_one_too_far(y_pred: Tensor, off: int = 1) -> Tensor:
    return (1 - torch.sigmoid(y_pred[:, :, y_pred.shape[2] // 2 + off, y_pred.shape[3] // 2 + off])).mean()


@mistake(
    "2.5",
    "centered_penalty",
    "largest-pixel",
    "This looks at the largest probability, wherever it is: one sure pixel in a corner satisfies it. Only the pixel in "
    "the middle counts.",
    "answers by testers",
)
def centred_largest(y_pred: Tensor) -> Tensor:
    return (1 - torch.sigmoid(y_pred).flatten(1).amax(1)).mean()


@mistake(
    "2.5",
    "centered_penalty",
    "centre-of-batch-and-channel",
    "`shape[0]` and `shape[1]` are the numbers of images and channels. Height and width come last.",
    "answers by testers",
)
def centre_of_batch_and_channel(y_pred: Tensor) -> Tensor:
    return (1 - torch.sigmoid(y_pred[..., y_pred.shape[0] // 2, y_pred.shape[1] // 2])).mean()


@mistake("2.5", "centered_penalty", "corner", "This looks at a corner of the image, not at its middle.", CLASSIC)
def centred_corner(y_pred: Tensor) -> Tensor:
    return (1 - torch.sigmoid(y_pred[..., 0, 0])).mean()


@mistake(
    "2.5",
    "centered_penalty",
    "centre-of-flat-image",
    "The middle of the flattened image is taken. For an even width that is the start of a row, at the rim.",
    CLASSIC,
)
def centre_of_flat_image(y_pred: Tensor) -> Tensor:
    flat = y_pred.flatten(1)
    return (1 - torch.sigmoid(flat[:, flat.shape[1] // 2])).mean()


@mistake(
    "2.5",
    "centered_penalty",
    "no-gradient",
    "The penalty is cut off from the prediction: `.item()`, `.detach()`, rounding or a threshold leave nothing to "
    "learn from.",
    "3 times, over all losses",
)
def centred_no_gradient(y_pred: Tensor) -> Tensor:
    return (1 - torch.sigmoid(y_pred.detach()[..., y_pred.shape[-2] // 2, y_pred.shape[-1] // 2])).mean()


@accepted("2.5", "sparsity_penalty", "sparse-sum", "Summed over all pixels: an L1 norm.", "variant")
def sparse_sum(y_pred: Tensor) -> Tensor:
    return torch.sigmoid(y_pred).abs().sum()


@accepted(
    "2.5", "sparsity_penalty", "sparse-sum-per-image", "Summed over each image, averaged over the batch.", "variant"
)
def sparse_sum_per_image(y_pred: Tensor) -> Tensor:
    return torch.sigmoid(y_pred).sum(dim=(1, 2, 3)).mean()


@accepted("2.5", "sparsity_penalty", "sparse-with-target", "A target comes along that is not needed.", SHEET)
def sparse_with_target(y_real: Tensor, y_pred: Tensor) -> Tensor:
    return torch.norm(torch.sigmoid(y_pred), p=1) / y_pred.numel()


@accepted("2.5", "sparsity_penalty", "sparse-with-weight", "A weight of its own, which is 1 by default.", "variant")
def sparse_with_weight(y_pred: Tensor, weight: float = 1.0) -> Tensor:
    return weight * torch.sigmoid(y_pred).mean(dim=[0, 1, 2, 3])


@accepted("2.5", "sparsity_penalty", "sparse-with-eps", "An argument that is 0 by default.", "variant")
def sparse_with_eps(y_pred: Tensor, eps: float = 0.0) -> Tensor:
    return (torch.sigmoid(y_pred) + eps).mean()


@mistake(
    "2.5",
    "sparsity_penalty",
    "sparse-largest",
    "This is the largest probability alone: a single pixel of the batch learns from it. The mean is over all pixels.",
    CLASSIC,
)
def sparse_largest(y_pred: Tensor) -> Tensor:
    return torch.sigmoid(y_pred).max()


@mistake(
    "2.5",
    "sparsity_penalty",
    "sparse-logits",
    "This is the mean of the logits: it has no lower bound, so that training drives them to minus infinity. Take the "
    "sigmoid first.",
    "17 times, over all losses",
)
def sparse_logits(y_pred: Tensor) -> Tensor:
    return y_pred.mean()


@mistake(
    "2.5",
    "sparsity_penalty",
    "sparse-absolute-logits",
    "This is the L1 norm of the logits: it drives them to 0, and probabilities to one half. Take the sigmoid first.",
    CLASSIC,
)
def sparse_absolute_logits(y_pred: Tensor) -> Tensor:
    return y_pred.abs().mean()


@mistake(
    "2.5",
    "sparsity_penalty",
    "sparse-complement",
    "This is one minus the mean probability: it rewards large masks.",
    "8 times, over all tasks",
)
def sparse_complement(y_pred: Tensor) -> Tensor:
    return 1 - torch.sigmoid(y_pred).mean()


@mistake(
    "2.5",
    "sparsity_penalty",
    "sparse-squared",
    "The probabilities are squared: that is an L2 term. L1 takes them as they are.",
    CLASSIC,
)
def sparse_squared(y_pred: Tensor) -> Tensor:
    return (torch.sigmoid(y_pred) ** 2).mean()


@mistake(
    "2.5",
    "sparsity_penalty",
    "sparse-thresholded",
    "Pixels are counted after a threshold: the gradient is zero everywhere. Use the probabilities.",
    "3 times, over all losses",
)
def sparse_thresholded(y_pred: Tensor) -> Tensor:
    return (torch.sigmoid(y_pred) > 0.5).float().mean()


@mistake(
    "2.5",
    "sparsity_penalty",
    "sparse-sigmoid-twice",
    "The sigmoid is applied twice: the penalty never falls below one half.",
    "7 times, over all losses",
)
def sparse_sigmoid_twice(y_pred: Tensor) -> Tensor:
    return torch.sigmoid(torch.sigmoid(y_pred)).mean()


@mistake(
    "2.5",
    "sparsity_penalty",
    "map",
    "One number for each pixel came back, as the sheet's formula has it. A penalty is one number: take the mean.",
    SHEET,
)
def sparse_map(y_pred: Tensor) -> Tensor:
    return torch.sigmoid(y_pred)
