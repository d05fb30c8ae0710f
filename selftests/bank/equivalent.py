# ruff: noqa: E501 - a mutant's key is as long as its line
"""Mutants that no grader can tell from the solution, or that are as right as the solution: each with the reason."""

import re

LISTED: dict[str, list[str]] = {
    "A sum in place of the mean is an accepted answer of the answer bank.": [
        "losses.py BCELoss.forward: return -(y_true * log_foreground + (1 - y_true) * log_background).mean() | (y_true * log_foreground + (1 - y_true) * log_background).mean -> (y_true * log_foreground + (1 - y_true) * log_background).sum",
        "losses.py FocalLoss.forward: return loss.mean() | loss.mean -> loss.sum",
        "losses.py WeightedBCELoss.forward: return -(pos_weight * y_true * log_foreground + (1 - y_true) * log_background).mean() | (pos_weight * y_true * log_foreground + (1 - y_true) * log_background).mean -> (pos_weight * y_true * log_foreground + (1 - y_true) * log_background).sum",
        "losses.py centered_penalty: return (1 - torch.sigmoid(y_pred[..., height // 2, width // 2])).mean() | (1 - torch.sigmoid(y_pred[..., height // 2, width // 2])).mean -> (1 - torch.sigmoid(y_pred[..., height // 2, width // 2])).sum",
        "losses.py sparsity_penalty: return torch.sigmoid(y_pred).mean() | torch.sigmoid(y_pred).mean -> torch.sigmoid(y_pred).sum",
    ],
    "Another legitimate definition, accepted by the answer bank: sums over the batch, smoothing below the line only, "
    "the foreground's frequency in place of the ratio of the classes, alpha on the foreground or on both classes.": [
        "losses.py DiceLoss.forward: pixels = (1, 2, 3) | 1 -> 0",
        "losses.py DiceLoss.forward: dice = (2 * intersection + self.smooth) / (total + self.smooth) | 2 * intersection + self.smooth -> 2 * intersection",
        "losses.py WeightedBCELoss.forward: background = y_true.numel() - foreground | y_true.numel() - foreground -> y_true.numel()",
        "losses.py FocalLoss.forward: loss = loss * torch.where(y_true > 0.5, self.alpha, 1 - self.alpha) | 1 - self.alpha -> 1",
        "losses.py FocalLoss.forward: loss = loss * torch.where(y_true > 0.5, self.alpha, 1 - self.alpha) | 1 - self.alpha -> self.alpha",
    ],
    "Masks hold 0 and 1, nothing between: every threshold between them is the same.": [
        "losses.py FocalLoss.forward: z_t = torch.where(y_true > 0.5, y_pred, -y_pred) | y_true > 0.5 -> y_true >= 0.5",
        "losses.py FocalLoss.forward: z_t = torch.where(y_true > 0.5, y_pred, -y_pred) | 0.5 -> 0.25",
        "losses.py FocalLoss.forward: loss = loss * torch.where(y_true > 0.5, self.alpha, 1 - self.alpha) | y_true > 0.5 -> y_true >= 0.5",
        "losses.py FocalLoss.forward: loss = loss * torch.where(y_true > 0.5, self.alpha, 1 - self.alpha) | 0.5 -> 0.25",
        "metrics.py confusion_counts: predicted = y_pred > 0.5 | y_pred > 0.5 -> y_pred >= 0.5",
        "metrics.py confusion_counts: predicted = y_pred > 0.5 | 0.5 -> 0.25",
        "metrics.py confusion_counts: actual = y_true > 0.5 | y_true > 0.5 -> y_true >= 0.5",
        "metrics.py confusion_counts: actual = y_true > 0.5 | 0.5 -> 0.25",
        "dataset/PhCDataset.py PhC.__getitem__: return image.as_subclass(Tensor), (mask > 0).to(torch.float32).as_subclass(Tensor) | 0 -> 1",
    ],
    "Without foreground there is no pixel that the weight multiplies.": [
        "losses.py WeightedBCELoss.forward: pos_weight = background / foreground if foreground > 0 else 1.0 | 1.0 -> 2.0",
        "losses.py WeightedBCELoss.forward: pos_weight = background / foreground if foreground > 0 else 1.0 | 1.0 -> 0.5",
    ],
    "A batch of images has four axes: the third from the front is the second from the back.": [
        "losses.py centered_penalty: height, width = y_pred.shape[-2:] | -2 -> 2",
    ],
    "Zero in another way, with a gradient of zero.": [
        "losses.py CrossEntropyLoss.forward: return 0 * y_pred.sum() | 0 * y_pred.sum() -> 0 / y_pred.sum()",
        "losses.py CrossEntropyLoss.forward: return 0 * y_pred.sum() | y_pred.sum -> y_pred.mean",
    ],
    "The metric is the same for prediction and truth in each other's place.": [
        "metrics.py pixel_accuracy: tp, fp, fn, tn = confusion_counts(y_pred, y_true) | confusion_counts(y_pred, y_true) -> confusion_counts(y_true, y_pred)",
        "metrics.py iou: tp, fp, fn, _ = confusion_counts(y_pred, y_true) | confusion_counts(y_pred, y_true) -> confusion_counts(y_true, y_pred)",
        "metrics.py dice: tp, fp, fn, _ = confusion_counts(y_pred, y_true) | confusion_counts(y_pred, y_true) -> confusion_counts(y_true, y_pred)",
    ],
    "Counts that lie on the CPU already.": [
        "metrics.py ConfusionMatrix.update: self.matrix += counts.reshape(self.num_classes, self.num_classes).cpu() | counts.reshape(self.num_classes, self.num_classes).cpu() -> counts.reshape(self.num_classes, self.num_classes)",
    ],
    "No order is asked for: a training set is shuffled anyway.": [
        'dataset/FacadeDataset.py Facade.__init__: numbers = [number for number in sorted(images) if (number % 5 == 0) == (split == "test")] | sorted(images) -> images',
        "dataset/PhCDataset.py PhC.__init__: self.pairs = [(images[number], labels[number]) for number in sorted(images)] | sorted(images) -> images",
    ],
    "An image without its label is then refused by a KeyError; which error it is, is not asked.": [
        "dataset/FacadeDataset.py Facade.__init__: if unlabelled: | unlabelled -> False",
        "dataset/PhCDataset.py PhC.__init__: if unpaired: | unpaired -> False",
        "dataset/PhCDataset.py PhC.__init__: unpaired = sorted(images.keys() ^ labels.keys()) | sorted(images.keys() ^ labels.keys()) -> images.keys() ^ labels.keys()",
        "dataset/PhCDataset.py PhC.__init__: unpaired = sorted(images.keys() ^ labels.keys()) | images.keys() -> images",
        "dataset/PhCDataset.py PhC.__init__: unpaired = sorted(images.keys() ^ labels.keys()) | labels.keys() -> labels",
    ],
    "The files of these data sets already are what they are converted to.": [
        'dataset/FacadeDataset.py Facade.__getitem__: image = tv_tensors.Image(Image.open(image_path).convert("RGB")) | Image.open(image_path).convert("RGB") -> Image.open(image_path)',
        'dataset/PhCDataset.py PhC.__getitem__: image = tv_tensors.Image(Image.open(image_path).convert("RGB")) | Image.open(image_path).convert("RGB") -> Image.open(image_path)',
        'dataset/PhCDataset.py PhC.__getitem__: mask = tv_tensors.Mask(Image.open(label_path).convert("L")) | Image.open(label_path).convert("L") -> Image.open(label_path)',
    ],
    "The same numbers, in torchvision's kind of tensor.": [
        "dataset/FacadeDataset.py Facade.__getitem__: label = label.as_subclass(Tensor).squeeze(0).to(torch.int64) | label.as_subclass(Tensor) -> label",
        "dataset/FacadeDataset.py Facade.__getitem__: return image.as_subclass(Tensor), label | image.as_subclass(Tensor) -> image",
        "dataset/PhCDataset.py PhC.__getitem__: return image.as_subclass(Tensor), (mask > 0).to(torch.float32).as_subclass(Tensor) | image.as_subclass(Tensor) -> image",
        "dataset/PhCDataset.py PhC.__getitem__: return image.as_subclass(Tensor), (mask > 0).to(torch.float32).as_subclass(Tensor) | (mask > 0).to(torch.float32).as_subclass(Tensor) -> (mask > 0).to(torch.float32)",
    ],
}
EQUIVALENT = {key: reason for reason, keys in LISTED.items() for key in keys}

# Networks are judged by what they do, and much of how they are made is the student's choice: what matches one of these may
# survive, and need not. Other changes of a network must cost points.
FREE: dict[str, str] = {
    r"^model/.*__init__: .*\| \d+ -> \d+": "Kernels, paddings and dilations are free, as long as the output has the "
    "image's size: the maps are brought to the size of the encoder's.",
    r"^model/.*__init__: .*\| nn\.Conv2d\((.*), (padding|dilation)=\d+\) -> nn\.Conv2d\(\1\)": "Kernels, paddings and "
    "dilations are free, as long as the output has the image's size.",
    r"^model/.*__init__: .*\| nn\.Conv2d\(32, num_classes, 1\) -> nn\.Conv2d\(32, 1, num_classes\)": "For one class the two "
    "arguments are the same; that the number of classes has an effect is asked in 6.2, of the U-Net.",
    r"^model/.*forward: .*\| F\.relu -> F\.sigmoid": "Any activation is accepted.",
    r"^model/.*forward: .*\| F\.relu\((.*)\) -> \1$": "Which layers have an activation is free; that there is one is not.",
    r"^model/.*forward: .*\| F\.max_pool2d -> F\.avg_pool2d": "Any pooling that halves is accepted.",
    r"^model/.*forward: .*F\.max_pool2d.*\| 2 -> [13]": "Three levels are asked for, and the solution has four.",
    r"^model/.*forward: .*\| F\.max_pool2d\((e\d), 2\) -> \1": "Three levels are asked for, and the solution has four.",
    r"^model/UNetModel.*forward: .*F\.max_pool2d\(e\d, 2\).*\| e\d -> e\d": "Three levels are asked for, and the solution has "
    "four: one of them then lies beside another, and the rest is a U-Net.",
    r"^model/EncDecModel.*forward: .*\| F\.interpolate\((\w+), size=e\d\.shape\[2:\]\) -> \1": "In how many steps the decoder "
    "enlarges its maps is free: the next step then enlarges twice.",
    r"^model/.*forward: .*\| self\.up(\d)\((\w+), output_size=e\d\.shape\[2:\]\) -> self\.up\1\(\2\)": "Only sizes that are no "
    "multiples of 16 need it, and these are not asked for.",
    r"^model/EncDecModel.*forward: .*\| e\d -> e\d": "To which size a map is brought on its way does not matter to what the "
    "network can do; the output's size does.",
}


def may_survive(key: str) -> bool:
    """Whether a mutant is known to be as right as the solution."""
    return key in EQUIVALENT or any(re.search(pattern, key) for pattern in FREE)
