"""The losses: binary cross-entropy on one logit for two classes, cross-entropy beyond."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F


def clip_losses(
    logits: Tensor, targets: Tensor, *, class_weights: Tensor | None = None, label_smoothing: float = 0.0
) -> Tensor:
    """The loss of each clip, shape (batch,).

    logits : shape (batch, 1) or (batch, classes)
    targets : shape (batch, classes), the share of each class (one-hot without mixup)
    class_weights : shape (classes,)
    """
    logits = logits.float()
    weights = None if class_weights is None else targets @ class_weights  # (batch,)
    if label_smoothing:
        targets = targets * (1 - label_smoothing) + label_smoothing / targets.shape[1]
    if logits.shape[1] == 1:
        losses = F.binary_cross_entropy_with_logits(logits[:, 0], targets[:, 1], reduction="none")
    else:
        losses = F.cross_entropy(logits, targets, reduction="none")
    return losses if weights is None else losses * weights


def balanced_weights(labels: NDArray[np.int64], n_classes: int) -> Tensor:
    """clips / (classes * clips of the class), as scikit-learn's "balanced": the mean over the clips is 1."""
    counts = np.maximum(np.bincount(labels, minlength=n_classes), 1)
    return torch.tensor(len(labels) / (n_classes * counts), dtype=torch.float32)
