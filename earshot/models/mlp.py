"""Dense layers on the flattened array: what an embedding takes where a straight line between classes is too little."""

import math

from torch import Tensor, nn

from earshot.config.base import Count, Dropout, Layers
from earshot.models.sizes import Shape

TAKES_VECTORS = TAKES_COLOUR = True


class Mlp(nn.Module):
    """Dense layers, each with ReLU and dropout; the output."""

    cam_layer = None

    def __init__(self, shape: Shape, outputs: int, *, hidden: int, layers: int, dropout: float) -> None:
        super().__init__()
        sizes = [math.prod(shape), *[hidden] * layers]
        dense: list[nn.Module] = []
        for before in sizes[:-1]:
            dense += [nn.Linear(before, hidden), nn.ReLU(), nn.Dropout(dropout)]
        self.dense = nn.Sequential(*dense)
        self.classifier = nn.Linear(hidden, outputs)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.dense(x.flatten(1)))  # (batch, outputs)
        return logits


def build(
    *,
    input_shape: Shape,
    outputs: int,
    hidden: Count = 128,
    layers: Layers = 1,
    dropout: Dropout = 0.3,
) -> nn.Module:
    """The dense network, of `layers` with `hidden` numbers each."""
    return Mlp(input_shape, outputs, hidden=hidden, layers=layers, dropout=dropout)
