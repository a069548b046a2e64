"""Logistic regression on the flattened array: the baseline that every other model must beat."""

from torch import nn


class Linear(nn.Module):
    """One weight for each value of the array and each output."""

    cam_layer = None

    def __init__(self, bands, frames, outputs):
        super().__init__()
        self.classifier = nn.Linear(bands * frames, outputs)

    def forward(self, x):
        return self.classifier(x.flatten(1))  # (batch, outputs)


def build(*, input_shape, outputs):
    """Logistic regression; `weight_decay` is its only brake."""
    return Linear(*input_shape, outputs)
