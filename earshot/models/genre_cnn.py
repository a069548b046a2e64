"""A narrow CNN with wide filters and an L2 penalty, as genre studies train it with SGD."""

import itertools

from torch import Tensor, nn

from earshot.config.base import Count, NotNegative
from earshot.models.sizes import Shape, need_size


class GenreCnn(nn.Module):
    """Three times 5x5 convolution (4, 8, 16 channels), ReLU and 2x2 max pooling; dense 50 with ReLU; the output."""

    cam_layer = "features"

    def __init__(self, shape: Shape, outputs: int, *, dense: int, l2: float) -> None:
        super().__init__()
        bands, frames = shape
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise([1, 4, 8, 16]):
            layers += [nn.Conv2d(before, after, 5, padding="same"), nn.ReLU(), nn.MaxPool2d(2)]
        self.features = nn.Sequential(*layers)
        self.dense = nn.Linear(16 * (bands // 8) * (frames // 8), dense)
        self.classifier = nn.Linear(dense, outputs)
        self.l2 = l2

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x.unsqueeze(1))  # (batch, 16, bands / 8, frames / 8)
        x = self.dense(x.flatten(1)).relu()  # (batch, dense)
        logits: Tensor = self.classifier(x)  # (batch, outputs)
        return logits

    def penalty(self) -> Tensor:
        """The sum of the dense layer's squared weights, its biases left out, times `l2`."""
        return self.l2 * self.dense.weight.square().sum()


def build(*, input_shape: Shape, outputs: int, dense: Count = 50, l2: NotNegative = 0.01) -> nn.Module:
    """The genre CNN. Its studies train it with `optimizer: sgd` and `batch_size: 32`: its block sets both."""
    need_size("genre_cnn", input_shape, bands=8, frames=8)
    return GenreCnn(input_shape, outputs, dense=dense, l2=l2)
