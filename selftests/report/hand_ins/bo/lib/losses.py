"""Bo's losses, written for the tests of similarity without a look at Anna's."""

import torch
from torch import nn
from torch.nn.functional import logsigmoid, softplus


class BCELoss(nn.Module):
    def forward(self, y_pred, y_true):
        loss_fg = -y_true * logsigmoid(y_pred)
        loss_bg = -(1.0 - y_true) * logsigmoid(-y_pred)
        return (loss_fg + loss_bg).mean()


class DiceLoss(nn.Module):
    """1 - Dice, image by image."""

    def __init__(self, smooth: float = 1e-6):
        super(DiceLoss, self).__init__()
        self.smooth = smooth

    def forward(self, y_pred, y_true):
        y_pred = y_pred.sigmoid()
        axes = (1, 2, 3)
        numerator = 2.0 * (y_pred * y_true).sum(axes) + self.smooth
        denominator = y_pred.sum(axes) + y_true.sum(axes) + self.smooth
        losses = 1.0 - numerator / denominator
        return losses.mean()


class FocalLoss(nn.Module):
    def __init__(self, gamma=2):
        super(FocalLoss, self).__init__()
        self.gamma = gamma

    def forward(self, y_pred, y_true):
        p = y_pred.sigmoid()
        pos = (1 - p) ** self.gamma * y_true * logsigmoid(y_pred)
        neg = p**self.gamma * (1 - y_true) * logsigmoid(-y_pred)
        return -(pos + neg).mean()


class BCELoss_TotalVariation(nn.Module):
    def __init__(self, weight=0.01):
        super(BCELoss_TotalVariation, self).__init__()
        self.weight = weight

    def forward(self, y_pred, y_true):
        loss = (softplus(y_pred) - y_pred * y_true).mean()
        p = y_pred.sigmoid()
        tv = torch.diff(p, dim=-1).abs().mean() + torch.diff(p, dim=-2).abs().mean()
        return loss + self.weight * tv


def sparsity_penalty(y_pred):
    probability_of_foreground = y_pred.sigmoid()
    return probability_of_foreground.sum() / probability_of_foreground.numel()
