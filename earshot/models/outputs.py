"""What a model's outputs mean: one logit for two classes, one a class beyond."""

import torch
from torch import Tensor


def outputs_of(n_classes: int) -> int:
    """Logits a clip: one for two classes (the second's), one a class beyond."""
    return 1 if n_classes == 2 else n_classes


def probabilities(logits: Tensor) -> Tensor:
    """Class probabilities, shape (batch, classes), float32.

    logits : shape (batch, 1) for two classes, (batch, classes) beyond
    """
    logits = logits.float()
    if logits.shape[1] == 1:
        # sigmoid of both signs: 1 - p would lose the small ones
        return torch.cat([torch.sigmoid(-logits), torch.sigmoid(logits)], dim=1)
    return torch.softmax(logits, dim=1)
