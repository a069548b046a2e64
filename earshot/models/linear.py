"""Logistic regression on the flattened array: the baseline that every other model must beat."""

import math

from torch import Tensor, nn

from earshot.models.sizes import Shape

TAKES_VECTORS = TAKES_COLOUR = True


class Linear(nn.Module):
    """One weight for each value of the array and each output."""

    cam_layer = None

    def __init__(self, shape: Shape, outputs: int) -> None:
        super().__init__()
        self.classifier = nn.Linear(math.prod(shape), outputs)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.classifier(x.flatten(1))  # (batch, outputs)
        return logits


def build(*, input_shape: Shape, outputs: int) -> nn.Module:
    """Logistic regression; `weight_decay` is its only brake."""
    return Linear(input_shape, outputs)
