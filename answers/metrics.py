# ruff: noqa: D101, D102, D103 - an answer's documentation is the sentence in its mark
"""Known answers to the metrics: tasks 7.1 to 7.3.

A number in `source` counts how often an answer occurs in public repositories with solutions to the exercise sheet.
"""

import torch
from torch import Tensor

from answers.entry import accepted, mistake
from solutions.metrics import ConfusionMatrix, confusion_counts, iou

REAL = "real answers"
TEACHER = "teacher"
EPS = (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2)
SMOOTH = (*EPS, 0.1, 0.5, 1.0)

# ------------------------------------------------------------------------------------------- 7.1 confusion_counts


@accepted("7.1", "confusion_counts", "products", "Products of masks and their complements, summed.", REAL)
def counts_products(y_pred: Tensor, y_true: Tensor):
    y_pred, y_true = y_pred.float(), y_true.float()
    tp = (y_pred * y_true).sum()
    fp = (y_pred * (1 - y_true)).sum()
    fn = ((1 - y_pred) * y_true).sum()
    return tp, fp, fn, ((1 - y_pred) * (1 - y_true)).sum()


@accepted("7.1", "confusion_counts", "python-numbers", "The counts as Python numbers.", TEACHER)
def counts_python_numbers(y_pred, y_true):
    pairs = list(zip(y_pred.flatten().tolist(), y_true.flatten().tolist(), strict=True))
    return pairs.count((1, 1)), pairs.count((1, 0)), pairs.count((0, 1)), pairs.count((0, 0))


@mistake(
    "7.1",
    "confusion_counts",
    "positives-and-negatives-swapped",
    "False positives and false negatives are swapped: a false positive was predicted, but is not there.",
    TEACHER,
)
def counts_swapped(y_pred, y_true):
    predicted, actual = y_pred > 0.5, y_true > 0.5
    tp, tn = (predicted & actual).sum(), (~predicted & ~actual).sum()
    return tp, (~predicted & actual).sum(), (predicted & ~actual).sum(), tn


@mistake(
    "7.1",
    "confusion_counts",
    "counts-in-another-order",
    "The counts are right, but in scikit-learn's order TN, FP, FN, TP. Here the order is TP, FP, FN, TN.",
    TEACHER,
)
def counts_other_order(y_pred, y_true):
    predicted, actual = y_pred > 0.5, y_true > 0.5
    fp, fn = (predicted & ~actual).sum(), (~predicted & actual).sum()
    return (~predicted & ~actual).sum(), fp, fn, (predicted & actual).sum()


@mistake(
    "7.1",
    "confusion_counts",
    "true-negatives-second",
    "The counts are right, but in the order TP, TN, FP, FN. Here the order is TP, FP, FN, TN.",
    TEACHER,
)
def counts_true_negatives_second(y_pred, y_true):
    predicted, actual = y_pred > 0.5, y_true > 0.5
    tp, tn = (predicted & actual).sum(), (~predicted & ~actual).sum()
    return tp, tn, (predicted & ~actual).sum(), (~predicted & actual).sum()


@mistake(
    "7.1",
    "confusion_counts",
    "counts-per-image",
    "The counts are those of each image. Here they are added up over the whole batch.",
    TEACHER,
)
def counts_per_image(y_pred, y_true):
    predicted, actual = y_pred.flatten(1) > 0.5, y_true.flatten(1) > 0.5
    fp, fn = (predicted & ~actual).sum(1), (~predicted & actual).sum(1)
    return (predicted & actual).sum(1), fp, fn, (~predicted & ~actual).sum(1)


@mistake(
    "7.1",
    "confusion_counts",
    "shares-not-counts",
    "These are shares of all pixels, not counts: they cannot be added up over images of different sizes.",
    TEACHER,
)
def counts_shares(y_pred, y_true):
    predicted, actual = y_pred > 0.5, y_true > 0.5
    pairs = (predicted & actual), (predicted & ~actual), (~predicted & actual), (~predicted & ~actual)
    return tuple(pair.float().mean() for pair in pairs)


@mistake(
    "7.1",
    "confusion_counts",
    "negatives-counted-as-all",
    "What is counted as true negative is all true background, also where foreground was predicted.",
    TEACHER,
)
def counts_negatives_all(y_pred, y_true):
    predicted, actual = y_pred > 0.5, y_true > 0.5
    return (predicted & actual).sum(), (predicted & ~actual).sum(), (~predicted & actual).sum(), (~actual).sum()


@mistake(
    "7.1",
    "confusion_counts",
    "all-agreement-as-negatives",
    "What is counted as true negative is every pixel that is right, foreground too. A true negative is background in "
    "both masks.",
    "answers by testers",
)
def counts_agreement_as_negatives(y_pred, y_true):
    predicted, actual = y_pred > 0.5, y_true > 0.5
    fp, fn = (predicted & ~actual).sum(), (~predicted & actual).sum()
    return (predicted & actual).sum(), fp, fn, (predicted == actual).sum()


@mistake(
    "7.1",
    "confusion_counts",
    "tilde-on-numbers",
    "`~` turns True into False, but the number 0 into -1: counts come out negative or far too large. Compare first, as "
    "`y_pred > 0.5`, or write 1 minus the mask.",
    "answers by testers",
)
def counts_tilde_on_numbers(y_pred, y_true):
    predicted, actual = y_pred.int(), y_true.int()
    fp, fn = (predicted & ~actual).sum(), (~predicted & actual).sum()
    return (predicted & actual).sum(), fp, fn, (~predicted & ~actual).sum()


@mistake(
    "7.1",
    "confusion_counts",
    "image-size-hard-coded",
    "The number of pixels is written into the code, 128 times 128 for each image: the true negatives are wrong for all "
    "other sizes. Ask the mask for its number of elements.",
    "6 times, over all tasks",
)
def counts_size_hard_coded(y_pred, y_true):
    predicted, actual = y_pred > 0.5, y_true > 0.5
    tp, fp, fn = (predicted & actual).sum(), (predicted & ~actual).sum(), (~predicted & actual).sum()
    return tp, fp, fn, len(y_pred) * 128 * 128 - tp - fp - fn


@mistake(
    "7.1",
    "confusion_counts",
    "counts-too-large",
    "The pixels are added up in numbers of two bytes, which are no longer exact above 2048. Sum floats of four bytes, "
    "or integers.",
    "answers by testers: half precision",
)
def counts_too_large(y_pred, y_true):
    predicted, actual = y_pred.half(), y_true.half()
    tp = (predicted * actual).sum()
    fp, fn = (predicted * (1 - actual)).sum(), ((1 - predicted) * actual).sum()
    return tp, fp, fn, ((1 - predicted) * (1 - actual)).sum()


@mistake(
    "7.1",
    "confusion_counts",
    "bools-subtracted",
    "A mask of True and False cannot be subtracted, not even from 1: turn it round with `~`, or into numbers "
    "with `.float()` first.",
    REAL,
)
def counts_bools_subtracted(y_pred, y_true):
    fp, fn = (y_pred * (1 - y_true)).sum(), ((1 - y_pred) * y_true).sum()
    return (y_pred * y_true).sum(), fp, fn, ((1 - y_pred) * (1 - y_true)).sum()


@mistake(
    "7.1",
    "confusion_counts",
    "bools-added",
    "Right for numbers only: True + True is True and not 2. Turn masks into numbers before you calculate with them, or "
    "into True and False and use `&`, `|` and `~`.",
    TEACHER,
)
def counts_bools_added(y_pred, y_true):
    both = y_pred + y_true
    return (both == 2).sum(), (y_pred > y_true).sum(), (y_pred < y_true).sum(), (both == 0).sum()


@mistake(
    "7.1",
    "confusion_counts",
    "axes-hard-coded",
    "An axis is written into the code that these tensors do not have: they have fewer. Count axes from the end, or "
    "leave them out.",
    TEACHER,
)
def counts_axes_hard_coded(y_pred, y_true):
    predicted, actual = y_pred > 0.5, y_true > 0.5
    pairs = (predicted & actual), (predicted & ~actual), (~predicted & actual), (~predicted & ~actual)
    return tuple(pair.sum(dim=(0, 1, 2, 3)) for pair in pairs)


# --------------------------------------------------------------------------------------------- 7.1 pixel_accuracy


@accepted("7.1", "pixel_accuracy", "mean-of-equal", "The mean of where both masks are equal.", REAL)
def accuracy_mean_of_equal(y_pred, y_true):
    return ((y_pred > 0.5) == (y_true > 0.5)).float().mean()


@accepted("7.1", "pixel_accuracy", "with-eps", "Something small is added against division by zero.", REAL, eps=SMOOTH)
def accuracy_with_eps(y_pred, y_true, eps=1e-6):
    tp, fp, fn, tn = confusion_counts(y_pred, y_true)
    return (tp + tn) / (tp + fp + fn + tn + eps)


@accepted("7.1", "pixel_accuracy", "smoothed", "Something is added above and below the line.", REAL, smooth=SMOOTH)
def accuracy_smoothed(y_pred, y_true, smooth=1.0):
    tp, fp, fn, tn = confusion_counts(y_pred, y_true)
    return (tp + tn + smooth) / (tp + fp + fn + tn + smooth)


@accepted("7.1", "pixel_accuracy", "per-image", "The mean of the images' own accuracies.", REAL, smooth=SMOOTH)
def accuracy_per_image(y_pred, y_true, smooth=1.0):
    right = ((y_pred > 0.5) == (y_true > 0.5)).flatten(1)
    return ((right.sum(1) + smooth) / (right.shape[1] + smooth)).mean()


@mistake("7.1", "pixel_accuracy", "error-rate", "This is the share of pixels that are wrong: one minus it.", REAL)
def accuracy_error_rate(y_pred, y_true):
    return (y_pred != y_true).float().mean()


@mistake("7.1", "pixel_accuracy", "count-not-share", "The right pixels are counted, but not divided by all.", TEACHER)
def accuracy_count(y_pred, y_true):
    return (y_pred == y_true).float().sum()


@mistake("7.1", "pixel_accuracy", "percent", "The share is given in percent; here it lies in [0, 1].", TEACHER)
def accuracy_percent(y_pred, y_true):
    return 100 * (y_pred == y_true).float().mean()


@mistake(
    "7.1",
    "pixel_accuracy",
    "hard-coded-size",
    "The number of pixels is written into the code: right for one size of image, and for one image only.",
    REAL,
)
def accuracy_hard_coded(y_pred, y_true):
    return (y_pred == y_true).float().sum() / (128 * 128)


@mistake(
    "7.1",
    "pixel_accuracy",
    "divided-by-one-image",
    "The right pixels of the whole batch are divided by the pixels of one image.",
    TEACHER,
)
def accuracy_one_image(y_pred, y_true):
    return (y_pred == y_true).float().sum() / y_pred[0].numel()


@mistake(
    "7.1",
    "pixel_accuracy",
    "background-left-out",
    "Only the foreground that was found counts as right; the background that was left alone is right too.",
    TEACHER,
)
def accuracy_no_background(y_pred, y_true):
    tp, fp, fn, tn = confusion_counts(y_pred, y_true)
    return tp / (tp + fp + fn + tn)


@mistake(
    "7.1",
    "pixel_accuracy",
    "balanced-accuracy",
    "This is the mean of sensitivity and specificity, the balanced accuracy. It is often the better number, but not "
    "the share of pixels that are right.",
    TEACHER,
)
def accuracy_balanced(y_pred, y_true):
    tp, fp, fn, tn = confusion_counts(y_pred, y_true)
    return (tp / (tp + fn) + tn / (tn + fp)) / 2


@mistake(
    "7.1",
    "pixel_accuracy",
    "bools-added",
    "Right for numbers only: True + True is True and not 2. Turn masks into numbers before you calculate with them, or "
    "into True and False and use `&`, `|` and `~`.",
    TEACHER,
)
def accuracy_bools_added(y_pred, y_true):
    return (y_pred + y_true != 1).float().mean()


# ------------------------------------------------------------------------------------ 7.1 sensitivity, specificity


@accepted("7.1", "sensitivity", "with-eps", "Something is added against division by zero.", REAL, eps=SMOOTH)
def sensitivity_with_eps(y_pred, y_true, eps=1e-6):
    tp, _, fn, _ = confusion_counts(y_pred, y_true)
    return tp / (tp + fn + eps)


@accepted("7.1", "sensitivity", "smoothed", "Something is added above and below the line.", REAL, smooth=SMOOTH)
def sensitivity_smoothed(y_pred, y_true, smooth=1.0):
    tp, _, fn, _ = confusion_counts(y_pred, y_true)
    return (tp + smooth) / (tp + fn + smooth)


@accepted("7.1", "sensitivity", "per-image", "The mean of the images' own sensitivities.", REAL, smooth=(0.0, *SMOOTH))
def sensitivity_per_image(y_pred, y_true, smooth=0.0):
    tp = ((y_pred > 0.5) & (y_true > 0.5)).flatten(1).sum(1)
    return ((tp + smooth) / ((y_true > 0.5).flatten(1).sum(1) + smooth)).mean()


@accepted("7.1", "sensitivity", "per-image-eps-below", "The mean of the images' own values.", REAL, eps=SMOOTH)
def sensitivity_per_image_eps_below(y_pred, y_true, eps=1e-6):
    tp = ((y_pred > 0.5) & (y_true > 0.5)).flatten(1).sum(1)
    return (tp / ((y_true > 0.5).flatten(1).sum(1) + eps)).mean()


@accepted(
    "7.1",
    "sensitivity",
    "crash-on-undefined",
    "Without any true foreground it divides by zero, and Python numbers raise an error at that.",
    "6 times, over all metrics",
)
def sensitivity_crash_on_undefined(y_pred, y_true):
    tp, _, fn, _ = (count.item() for count in confusion_counts(y_pred, y_true))
    return tp / (tp + fn)


@accepted("7.1", "sensitivity", "one-where-undefined", "1 where there is no true foreground.", REAL)
def sensitivity_one_where_undefined(y_pred, y_true):
    tp, _, fn, _ = confusion_counts(y_pred, y_true)
    return torch.nan_to_num(tp / (tp + fn), nan=1.0)


@mistake(
    "7.1",
    "sensitivity",
    "undefined-as-a-code",
    "A number outside [0, 1] stands for a score that there is not. The first mean that is taken counts it as a score: "
    "nan is what cannot be mistaken for one.",
    TEACHER,
)
def sensitivity_undefined_as_a_code(y_pred, y_true):
    tp, _, fn, _ = confusion_counts(y_pred, y_true)
    return tp / (tp + fn) if tp + fn > 0 else -1.0


@mistake(
    "7.1",
    "sensitivity",
    "mean-without-floats",
    "Only floating point numbers have a mean: a mask of integers, or of True and False, goes through `.float()` first.",
    TEACHER,
)
def sensitivity_mean_without_floats(y_pred, y_true):
    return (y_pred * y_true).mean() / y_true.mean()


@mistake(
    "7.1",
    "sensitivity",
    "precision",
    "This is the precision, TP / (TP + FP): it divides by what was predicted instead of by what is there. Prediction "
    "and truth may be swapped.",
    TEACHER,
)
def sensitivity_precision(y_pred, y_true):
    tp, fp, _, _ = confusion_counts(y_pred, y_true)
    return tp / (tp + fp)


@mistake("7.1", "sensitivity", "is-specificity", "This is the specificity, that of the background.", TEACHER)
def sensitivity_specificity(y_pred, y_true):
    _, fp, _, tn = confusion_counts(y_pred, y_true)
    return tn / (tn + fp)


@mistake("7.1", "sensitivity", "miss-rate", "This is the share that was missed: one minus the sensitivity.", REAL)
def sensitivity_miss_rate(y_pred, y_true):
    tp, _, fn, _ = confusion_counts(y_pred, y_true)
    return fn / (tp + fn)


@mistake(
    "7.1",
    "sensitivity",
    "divided-by-all-pixels",
    "The pixels found are divided by all pixels of the image, instead of by the true foreground.",
    TEACHER,
)
def sensitivity_all_pixels(y_pred, y_true):
    return (y_pred * y_true).mean()


@mistake(
    "7.1", "sensitivity", "dice-instead", "This is the Dice coefficient: it also charges false positives.", TEACHER
)
def sensitivity_dice(y_pred, y_true):
    tp, fp, fn, _ = confusion_counts(y_pred, y_true)
    return 2 * tp / (2 * tp + fp + fn)


@accepted("7.1", "specificity", "with-eps", "Something is added against division by zero.", REAL, eps=SMOOTH)
def specificity_with_eps(y_pred, y_true, eps=1e-6):
    _, fp, _, tn = confusion_counts(y_pred, y_true)
    return tn / (tn + fp + eps)


@accepted("7.1", "specificity", "smoothed", "Something is added above and below the line.", REAL, smooth=SMOOTH)
def specificity_smoothed(y_pred, y_true, smooth=1.0):
    _, fp, _, tn = confusion_counts(y_pred, y_true)
    return (tn + smooth) / (tn + fp + smooth)


@accepted("7.1", "specificity", "per-image", "The mean of the images' own specificities.", REAL, smooth=(0.0, *SMOOTH))
def specificity_per_image(y_pred, y_true, smooth=0.0):
    tn = ((y_pred <= 0.5) & (y_true <= 0.5)).flatten(1).sum(1)
    return ((tn + smooth) / ((y_true <= 0.5).flatten(1).sum(1) + smooth)).mean()


@accepted("7.1", "specificity", "per-image-eps-below", "The mean of the images' own values.", REAL, eps=SMOOTH)
def specificity_per_image_eps_below(y_pred, y_true, eps=1e-6):
    tn = ((y_pred <= 0.5) & (y_true <= 0.5)).flatten(1).sum(1)
    return (tn / ((y_true <= 0.5).flatten(1).sum(1) + eps)).mean()


@accepted("7.1", "specificity", "zero-where-undefined", "0 where there is no true background.", REAL)
def specificity_zero_where_undefined(y_pred, y_true):
    _, fp, _, tn = confusion_counts(y_pred, y_true)
    return torch.nan_to_num(tn / (tn + fp))


@mistake(
    "7.1",
    "specificity",
    "undefined-as-a-code",
    "A number outside [0, 1] stands for a score that there is not. The first mean that is taken counts it as a score: "
    "nan is what cannot be mistaken for one.",
    TEACHER,
)
def specificity_undefined_as_a_code(y_pred, y_true):
    _, fp, _, tn = confusion_counts(y_pred, y_true)
    return tn / (tn + fp) if tn + fp > 0 else -1.0


@mistake(
    "7.1",
    "specificity",
    "bools-subtracted",
    "A mask of True and False cannot be subtracted, not even from 1: turn it round with `~`, or into numbers "
    "with `.float()` first.",
    REAL,
)
def specificity_bools_subtracted(y_pred, y_true):
    return ((1 - y_pred) * (1 - y_true)).sum() / (1 - y_true).sum()


@mistake("7.1", "specificity", "is-sensitivity", "This is the sensitivity, that of the foreground.", TEACHER)
def specificity_sensitivity(y_pred, y_true):
    tp, _, fn, _ = confusion_counts(y_pred, y_true)
    return tp / (tp + fn)


@mistake(
    "7.1",
    "specificity",
    "false-positive-rate",
    "This is the share of the background that was taken for foreground: one minus the specificity.",
    REAL,
)
def specificity_false_positive_rate(y_pred, y_true):
    _, fp, _, tn = confusion_counts(y_pred, y_true)
    return fp / (tn + fp)


@mistake(
    "7.1",
    "specificity",
    "negative-predictive-value",
    "This divides by the predicted background, TN / (TN + FN), instead of by the true one.",
    TEACHER,
)
def specificity_negative_predictive_value(y_pred, y_true):
    _, _, fn, tn = confusion_counts(y_pred, y_true)
    return tn / (tn + fn)


@mistake("7.1", "specificity", "precision-instead", "This is the precision, TP / (TP + FP).", TEACHER)
def specificity_precision(y_pred, y_true):
    tp, fp, _, _ = confusion_counts(y_pred, y_true)
    return tp / (tp + fp)


# --------------------------------------------------------------------------------------------------------- 7.2 iou


@accepted("7.2", "iou", "smoothed", "Counts over the batch; something above and below the line.", REAL, smooth=SMOOTH)
def iou_smoothed(y_pred, y_true, smooth=1e-6):
    tp, fp, fn, _ = confusion_counts(y_pred, y_true)
    return (tp + smooth) / (tp + fp + fn + smooth)


@accepted("7.2", "iou", "eps-below", "Counts over the batch; something added below the line only.", REAL, eps=SMOOTH)
def iou_eps_below(y_pred, y_true, eps=1e-6):
    intersection = (y_pred * y_true).sum()
    return intersection / (y_pred.sum() + y_true.sum() - intersection + eps)


@accepted("7.2", "iou", "per-image", "The mean of the images' own values (19).", REAL, smooth=(0.0, *SMOOTH))
def iou_per_image(y_pred, y_true, smooth=0.0):
    intersection = (y_pred * y_true).flatten(1).sum(1)
    union = y_pred.flatten(1).sum(1) + y_true.flatten(1).sum(1) - intersection
    return ((intersection + smooth) / (union + smooth)).mean()


@accepted("7.2", "iou", "per-image-eps-below", "The mean of the images' own values.", REAL, eps=SMOOTH)
def iou_per_image_eps_below(y_pred, y_true, eps=1e-6):
    intersection = (y_pred * y_true).flatten(1).sum(1)
    union = y_pred.flatten(1).sum(1) + y_true.flatten(1).sum(1) - intersection
    return (intersection / (union + eps)).mean()


@accepted("7.2", "iou", "one-on-empty", "Python numbers; two empty masks score 1 (41).", REAL)
def iou_one_on_empty(y_pred, y_true):
    union = ((y_pred > 0.5) | (y_true > 0.5)).sum().item()
    return ((y_pred > 0.5) & (y_true > 0.5)).sum().item() / union if union else 1.0


@mistake("7.2", "iou", "complement", "This is one minus the metric: 0 for a perfect prediction. It is a loss.", REAL)
def iou_complement(y_pred, y_true):
    tp, fp, fn, _ = confusion_counts(y_pred, y_true)
    return 1 - tp / (tp + fp + fn)


@mistake("7.2", "iou", "dice-instead", "This is the Dice coefficient: the intersection counts twice in it.", TEACHER)
def iou_dice(y_pred, y_true):
    tp, fp, fn, _ = confusion_counts(y_pred, y_true)
    return 2 * tp / (2 * tp + fp + fn)


@mistake(
    "7.2",
    "iou",
    "union-counts-overlap-twice",
    "The denominator is the sum of both areas, in which the overlap counts twice: a perfect prediction scores 0.5.",
    REAL,
)
def iou_overlap_twice(y_pred, y_true):
    return (y_pred * y_true).sum() / (y_pred.sum() + y_true.sum())


@mistake(
    "7.2",
    "iou",
    "background-agrees",
    "Background on which both agree is counted as overlap: this is the pixel accuracy, and an empty prediction of a "
    "small cell scores nearly 1.",
    REAL,
)
def iou_background_agrees(y_pred, y_true):
    tp, fp, fn, tn = confusion_counts(y_pred, y_true)
    return (tp + tn) / (tp + fp + fn + tn)


@mistake("7.2", "iou", "classes-swapped", "This is the overlap of the background, not of the foreground.", REAL)
def iou_classes_swapped(y_pred, y_true):
    _, fp, fn, tn = confusion_counts(y_pred, y_true)
    return tn / (tn + fp + fn)


@mistake(
    "7.2",
    "iou",
    "mean-with-background",
    "This is the mean over foreground and background. A large background lifts it; here the foreground alone counts.",
    TEACHER,
)
def iou_mean_with_background(y_pred, y_true):
    tp, fp, fn, tn = confusion_counts(y_pred, y_true)
    return (tp / (tp + fp + fn) + tn / (tn + fp + fn)) / 2


@mistake(
    "7.2",
    "iou",
    "sigmoid-on-masks",
    "A sigmoid is applied to what is already a mask: 0 becomes 0.5 and 1 becomes 0.73, and no score means anything.",
    REAL,
)
def iou_sigmoid(y_pred, y_true):
    y_pred = torch.sigmoid(y_pred)
    intersection = (y_pred * y_true).sum()
    return intersection / (y_pred.sum() + y_true.sum() - intersection)


@mistake(
    "7.2",
    "iou",
    "sigmoid-before-threshold",
    "A sigmoid and a threshold of one half are applied to what is already a mask: sigmoid(0) is one half, so that "
    "every pixel counts as foreground.",
    REAL,
)
def iou_sigmoid_before_threshold(y_pred, y_true):
    tp, fp, fn, _ = confusion_counts((torch.sigmoid(y_pred) >= 0.5).float(), y_true)
    return tp / (tp + fp + fn)


@mistake(
    "7.2", "iou", "recall-instead", "The denominator is the true mask alone: predicting everything scores 1.", REAL
)
def iou_recall(y_pred, y_true):
    return (y_pred * y_true).sum() / y_true.sum()


@accepted(
    "7.2",
    "iou",
    "crash-on-empty",
    "Two empty masks divide by zero, and Python numbers raise an error at that: one empty image stops the whole "
    "evaluation. Say what 0 / 0 is: nan is the honest answer.",
    "6 times, over all metrics",
)
def iou_crash_on_empty(y_pred, y_true):
    union = ((y_pred > 0.5) | (y_true > 0.5)).sum().item()
    return ((y_pred > 0.5) & (y_true > 0.5)).sum().item() / union


# -------------------------------------------------------------------------------------------------------- 7.2 dice


@accepted("7.2", "dice", "smoothed", "Counts over the batch; something above and below the line.", REAL, smooth=SMOOTH)
def dice_smoothed(y_pred, y_true, smooth=1e-6):
    return (2 * (y_pred * y_true).sum() + smooth) / (y_pred.sum() + y_true.sum() + smooth)


@accepted("7.2", "dice", "eps-below", "Counts over the batch; something added below the line only.", REAL, eps=SMOOTH)
def dice_eps_below(y_pred, y_true, eps=1e-6):
    return 2 * (y_pred * y_true).sum() / (y_pred.sum() + y_true.sum() + eps)


@accepted("7.2", "dice", "smoothed-before-doubling", "The 1 is added to the overlap.", REAL, smooth=SMOOTH)
def dice_smoothed_before_doubling(y_pred, y_true, smooth=1e-6):
    return 2 * ((y_pred * y_true).sum() + smooth) / (y_pred.sum() + y_true.sum() + 2 * smooth)


@accepted("7.2", "dice", "per-image", "The mean of the images' own values (19).", REAL, smooth=(0.0, *SMOOTH))
def dice_per_image(y_pred, y_true, smooth=0.0):
    total = y_pred.flatten(1).sum(1) + y_true.flatten(1).sum(1)
    return ((2 * (y_pred * y_true).flatten(1).sum(1) + smooth) / (total + smooth)).mean()


@accepted("7.2", "dice", "per-image-eps-below", "The mean of the images' own values.", REAL, eps=SMOOTH)
def dice_per_image_eps_below(y_pred, y_true, eps=1e-6):
    total = y_pred.flatten(1).sum(1) + y_true.flatten(1).sum(1)
    return (2 * (y_pred * y_true).flatten(1).sum(1) / (total + eps)).mean()


@accepted("7.2", "dice", "from-iou", "Computed from the intersection over union: D = 2J / (1 + J).", TEACHER)
def dice_from_iou(y_pred, y_true):
    overlap = iou(y_pred, y_true)
    return 2 * overlap / (1 + overlap)


@mistake("7.2", "dice", "complement", "This is one minus the metric: 0 for a perfect prediction. It is a loss.", REAL)
def dice_complement(y_pred, y_true):
    return 1 - 2 * (y_pred * y_true).sum() / (y_pred.sum() + y_true.sum())


@mistake("7.2", "dice", "factor-two-missing", "The 2 above the line is missing: a perfect prediction scores 0.5.", REAL)
def dice_factor_missing(y_pred, y_true):
    return (y_pred * y_true).sum() / (y_pred.sum() + y_true.sum())


@mistake("7.2", "dice", "iou-instead", "This is the intersection over union: below the line is the union.", TEACHER)
def dice_iou(y_pred, y_true):
    tp, fp, fn, _ = confusion_counts(y_pred, y_true)
    return tp / (tp + fp + fn)


@mistake(
    "7.2",
    "dice",
    "divided-by-union",
    "Twice the overlap is divided by the union instead of by the sum of both areas: it can exceed 1.",
    REAL,
)
def dice_divided_by_union(y_pred, y_true):
    tp, fp, fn, _ = confusion_counts(y_pred, y_true)
    return 2 * tp / (tp + fp + fn)


@mistake(
    "7.2",
    "dice",
    "background-agrees",
    "Background on which both agree is counted as overlap, so that Dice equals the pixel accuracy. An empty "
    "prediction of a small cell then scores nearly 1.",
    REAL,
)
def dice_background_agrees(y_pred, y_true):
    tp, fp, fn, tn = confusion_counts(y_pred, y_true)
    return 2 * (tp + tn) / (2 * (tp + tn) + fp + fn + fp + fn)


@mistake("7.2", "dice", "classes-swapped", "This is the Dice coefficient of the background.", REAL)
def dice_classes_swapped(y_pred, y_true):
    _, fp, fn, tn = confusion_counts(y_pred, y_true)
    return 2 * tn / (2 * tn + fp + fn)


@mistake(
    "7.2",
    "dice",
    "smoothed-by-means",
    "Means of the masks with 1 added, as in the sheet's Dice loss: the 1 weighs as much as a whole image of "
    "foreground, and an empty prediction of a small cell scores 0.99.",
    "exercise sheet",
)
def dice_means(y_pred, y_true):
    return (2 * (y_pred * y_true).mean() + 1) / (y_pred.mean() + y_true.mean() + 1)


@mistake(
    "7.2",
    "dice",
    "sigmoid-on-masks",
    "A sigmoid is applied to what is already a mask: 0 becomes 0.5 and 1 becomes 0.73, and no score means anything.",
    REAL,
)
def dice_sigmoid(y_pred, y_true):
    y_pred = torch.sigmoid(y_pred)
    return 2 * (y_pred * y_true).sum() / (y_pred.sum() + y_true.sum())


@mistake(
    "7.2",
    "dice",
    "sigmoid-before-threshold",
    "A sigmoid and a threshold of one half are applied to what is already a mask: sigmoid(0) is one half, so that "
    "every pixel counts as foreground.",
    REAL,
)
def dice_sigmoid_before_threshold(y_pred, y_true):
    tp, fp, fn, _ = confusion_counts((torch.sigmoid(y_pred) >= 0.5).float(), y_true)
    return 2 * tp / (2 * tp + fp + fn)


# --------------------------------------------------------------------------------------------- 7.3 ConfusionMatrix


@accepted("7.3", "ConfusionMatrix", "loop-over-pairs", "Two loops over the classes.", TEACHER)
class LoopOverPairs(ConfusionMatrix):
    def update(self, y_pred, y_true):
        for true in range(self.num_classes):
            for predicted in range(self.num_classes):
                self.matrix[true, predicted] += ((y_true == true) & (y_pred == predicted)).sum()


@accepted("7.3", "ConfusionMatrix", "numpy-add-at", "Counts with numpy, and answers with numpy.", TEACHER)
class NumpyAddAt(ConfusionMatrix):
    def __init__(self, num_classes, ignore_index=255):
        import numpy as np

        self.np = np
        self.ignore_index = ignore_index
        self.matrix = np.zeros((num_classes, num_classes))

    def update(self, y_pred, y_true):
        y_pred, y_true = y_pred.cpu().numpy().ravel(), y_true.cpu().numpy().ravel()
        counted = y_true != self.ignore_index
        self.np.add.at(self.matrix, (y_true[counted], y_pred[counted]), 1)

    def iou(self):
        right = self.np.diag(self.matrix)
        with self.np.errstate(invalid="ignore"):
            return right / (self.matrix.sum(0) + self.matrix.sum(1) - right)

    def mean_iou(self):
        return float(self.np.nanmean(self.iou()))

    def pixel_accuracy(self):
        return float(self.np.trace(self.matrix) / self.matrix.sum())


@accepted("7.3", "ConfusionMatrix", "absent-class-left-out-by-union", "Only classes with a union count.", TEACHER)
class AbsentLeftOutByUnion(ConfusionMatrix):
    def iou(self):
        scores = []
        for number in range(self.num_classes):
            right = self.matrix[number, number].item()
            union = self.matrix[number].sum().item() + self.matrix[:, number].sum().item() - right
            scores.append(right / union if union > 0 else float("nan"))
        return torch.tensor(scores)

    def mean_iou(self):
        scores = self.iou()
        return scores[~torch.isnan(scores)].mean()


@mistake(
    "7.3",
    "ConfusionMatrix",
    "mean-of-batches",
    "The scores of the batches are averaged. The result depends on the batch size: the same predictions gave 0.64 to "
    "0.87. Add up counts, and divide once.",
    "errata S1-17",
)
class MeanOfBatches(ConfusionMatrix):
    def update(self, y_pred, y_true):
        before = self.matrix.clone()
        super().update(y_pred, y_true)
        batch = self.matrix - before
        right = batch.diagonal()
        self.scores = [*getattr(self, "scores", []), right / (batch.sum(0) + batch.sum(1) - right)]

    def iou(self):
        return torch.stack(self.scores).nanmean(0)


@mistake(
    "7.3",
    "ConfusionMatrix",
    "last-batch-only",
    "Each batch overwrites the counts of the ones before: `=` where `+=` belongs.",
    TEACHER,
)
class LastBatchOnly(ConfusionMatrix):
    def update(self, y_pred, y_true):
        self.matrix = torch.zeros_like(self.matrix)
        super().update(y_pred, y_true)


@mistake(
    "7.3",
    "ConfusionMatrix",
    "first-image-only",
    "Only the first image of each batch is counted.",
    TEACHER,
)
class FirstImageOnly(ConfusionMatrix):
    def update(self, y_pred, y_true):
        super().update(y_pred[:1], y_true[:1])


@mistake(
    "7.3",
    "ConfusionMatrix",
    "matrix-transposed",
    "Rows and columns are swapped: a row is a true class, a column a predicted one. The intersection over union does "
    "not notice, sensitivity and precision do.",
    TEACHER,
)
class MatrixTransposed(ConfusionMatrix):
    def update(self, y_pred, y_true):
        counted = y_true != self.ignore_index
        pair = y_pred[counted] * self.num_classes + y_true[counted]
        self.matrix += torch.bincount(pair, minlength=self.num_classes**2).reshape(self.matrix.shape)


@mistake(
    "7.3",
    "ConfusionMatrix",
    "ignored-pixels-not-left-out",
    "Pixels labelled 255 are not left out: they count as wrong, end in a class of their own, or break the counting. "
    "Select the pixels that count before you do anything else.",
    "errata S1-24",
)
class IgnoredPixelsNotLeftOut(ConfusionMatrix):
    def update(self, y_pred, y_true):
        super().update(y_pred, y_true.clamp(max=self.num_classes - 1))


@mistake(
    "7.3",
    "ConfusionMatrix",
    "absent-class-scores-zero",
    "A class that appears nowhere scores 0, and pulls the mean down. It has no score: nan, and left out of the mean.",
    "errata S0-09",
)
class AbsentClassScoresZero(ConfusionMatrix):
    def iou(self):
        return super().iou().nan_to_num(0.0)


@mistake(
    "7.3",
    "ConfusionMatrix",
    "absent-class-scores-one",
    "A class that appears nowhere scores 1, and lifts the mean. It has no score: nan, and left out of the mean.",
    TEACHER,
)
class AbsentClassScoresOne(ConfusionMatrix):
    def iou(self):
        return super().iou().nan_to_num(1.0)


@mistake(
    "7.3",
    "ConfusionMatrix",
    "nan-in-the-mean",
    "The mean is taken over all classes, and one class without a score makes it nan.",
    TEACHER,
)
class NanInTheMean(ConfusionMatrix):
    def mean_iou(self):
        return self.iou().mean()


@mistake(
    "7.3",
    "ConfusionMatrix",
    "union-counts-overlap-twice",
    "The overlap counts twice in the union: a class that is right everywhere scores 0.5.",
    REAL,
)
class UnionCountsOverlapTwice(ConfusionMatrix):
    def iou(self):
        return self.matrix.diagonal() / (self.matrix.sum(0) + self.matrix.sum(1))


@mistake(
    "7.3",
    "ConfusionMatrix",
    "recall-instead",
    "This is each class's recall: it divides by the true pixels alone, and does not see false positives.",
    TEACHER,
)
class RecallInstead(ConfusionMatrix):
    def iou(self):
        return self.matrix.diagonal() / self.matrix.sum(1)


@mistake(
    "7.3",
    "ConfusionMatrix",
    "accuracy-of-classes",
    "The accuracy is averaged over the classes. Here it is the share of all counted pixels.",
    TEACHER,
)
class AccuracyOfClasses(ConfusionMatrix):
    def pixel_accuracy(self):
        return (self.matrix.diagonal() / self.matrix.sum(1)).nanmean()


@mistake(
    "7.3",
    "ConfusionMatrix",
    "first-class-left-out",
    "Class 0 is left out of the mean, as if it were background. Here every class counts.",
    TEACHER,
)
class FirstClassLeftOut(ConfusionMatrix):
    def mean_iou(self):
        return self.iou()[1:].nanmean()


@mistake(
    "7.3",
    "ConfusionMatrix",
    "breaks-without-a-class",
    "It breaks on a batch in which the last class does not occur: `bincount` counts no further than the largest number "
    "that it meets. Tell it how many there are.",
    "6 times, over all metrics",
)
class MatrixBreaksWithoutAClass(ConfusionMatrix):
    def update(self, y_pred, y_true):
        counted = y_true != self.ignore_index
        counts = torch.bincount(y_true[counted] * self.num_classes + y_pred[counted])
        self.matrix += counts.reshape(self.num_classes, self.num_classes)


@mistake(
    "7.3",
    "ConfusionMatrix",
    "repeated-pairs-lost",
    "`matrix[true, predicted] += 1` adds 1 once for each pair of classes that occurs, however often it does. Count "
    "with `bincount`, or with `index_put_` and `accumulate=True`.",
    "answers by testers",
)
class RepeatedPairsLost(ConfusionMatrix):
    def update(self, y_pred, y_true):
        counted = y_true != self.ignore_index
        self.matrix[y_true[counted], y_pred[counted]] += 1


@mistake(
    "7.3",
    "ConfusionMatrix",
    "frequency-weighted",
    "The mean weighs each class by its share of the pixels: rare classes hardly count. Here every class counts alike.",
    "answers by testers",
)
class FrequencyWeighted(ConfusionMatrix):
    def mean_iou(self):
        return (self.matrix.sum(1) / self.matrix.sum() * self.iou().nan_to_num()).sum()


@mistake(
    "7.3",
    "ConfusionMatrix",
    "invented-class-hidden",
    "A class that is predicted, but true nowhere, has no score here: inventing it costs nothing. Its union is not "
    "empty, and its score is 0.",
    "answers by testers",
)
class InventedClassHidden(ConfusionMatrix):
    def iou(self):
        return torch.where(self.matrix.sum(1) > 0, super().iou(), torch.nan)


@mistake(
    "7.3",
    "ConfusionMatrix",
    "ignore-index-hard-coded",
    "`ignore_index` has no effect: 255 is written into the code. Use the label that the constructor was given.",
    "answers by testers",
)
class IgnoreIndexHardCoded(ConfusionMatrix):
    def update(self, y_pred, y_true):
        counted = y_true != 255
        pair = y_true[counted] * self.num_classes + y_pred[counted]
        self.matrix += torch.bincount(pair, minlength=self.num_classes**2).reshape(self.matrix.shape)


@mistake(
    "7.2",
    "iou",
    "per-row",
    "The sums run along one axis only: a score for each row, averaged. Rows without foreground then decide. Sum over "
    "all pixels of an image.",
    "answers by testers",
)
def iou_per_row(y_pred, y_true):
    intersection, total = (y_pred * y_true).sum(-1), y_pred.sum(-1) + y_true.sum(-1)
    return ((intersection + 1e-6) / (total - intersection + 1e-6)).mean()


@mistake(
    "7.2",
    "iou",
    "percent",
    "This is a number of percent. Here it is a share, from 0 to 1.",
    "answers by testers",
)
def iou_percent(y_pred, y_true):
    intersection, total = (y_pred * y_true).sum(), y_pred.sum() + y_true.sum()
    return torch.round(100 * intersection / (total - intersection))


@mistake(
    "7.2",
    "dice",
    "per-row",
    "The sums run along one axis only: a score for each row, averaged. Rows without foreground then decide. Sum over "
    "all pixels of an image.",
    "answers by testers",
)
def dice_per_row(y_pred, y_true):
    intersection, total = (y_pred * y_true).sum(-1), y_pred.sum(-1) + y_true.sum(-1)
    return ((2 * intersection + 1e-6) / (total + 1e-6)).mean()


@mistake(
    "7.2",
    "dice",
    "percent",
    "This is a number of percent. Here it is a share, from 0 to 1.",
    "answers by testers",
)
def dice_percent(y_pred, y_true):
    intersection, total = (y_pred * y_true).sum(), y_pred.sum() + y_true.sum()
    return torch.round(100 * 2 * intersection / (total))


@mistake(
    "7.3",
    "ConfusionMatrix",
    "absent-class-in-the-mean",
    "The mean divides by the number of all classes, those that appear nowhere too. Divide by how many have a score.",
    "answers by testers",
)
class AbsentClassInTheMean(ConfusionMatrix):
    def mean_iou(self):
        return self.iou().nansum() / self.num_classes
