"""Anna's losses, written for the tests of similarity."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class BCELoss(nn.Module):
    def forward(self, y_pred, y_true):
        # log(1 + exp(-|z|)) never overflows
        stable = torch.log1p(torch.exp(-torch.abs(y_pred)))
        return torch.mean(torch.clamp(y_pred, min=0) - y_true * y_pred + stable)


class DiceLoss(nn.Module):
    def __init__(self, eps=1.0):
        super().__init__()
        self.eps = eps

    def forward(self, y_pred, y_true):
        n = y_pred.shape[0]
        probs = torch.sigmoid(y_pred).reshape(n, -1)
        target = y_true.reshape(n, -1)
        both = torch.sum(probs * target, dim=1)
        total = torch.sum(probs, dim=1) + torch.sum(target, dim=1)
        score = (2 * both + self.eps) / (total + self.eps)
        return torch.mean(1 - score)


class FocalLoss(nn.Module):
    def __init__(self, gamma=2.0):
        super().__init__()
        self.gamma = gamma

    def forward(self, y_pred, y_true):
        ce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        p_right = torch.exp(-ce)
        return torch.mean(torch.pow(1 - p_right, self.gamma) * ce)


class BCELoss_TotalVariation(nn.Module):
    def __init__(self, weight=0.1):
        super().__init__()
        self.weight = weight
        self.bce = BCELoss()

    def forward(self, y_pred, y_true):
        probs = torch.sigmoid(y_pred)
        down = torch.abs(probs[:, :, 1:, :] - probs[:, :, :-1, :])
        right = torch.abs(probs[:, :, :, 1:] - probs[:, :, :, :-1])
        return self.bce(y_pred, y_true) + self.weight * (torch.mean(down) + torch.mean(right))


def sparsity_penalty(y_pred):
    return torch.sigmoid(y_pred).mean()
