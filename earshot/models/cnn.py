"""Three convolutions and a dense layer: the plain network that spectrogram studies start from."""

import itertools

from torch import Tensor, nn

from earshot.config.base import Count, Dropout
from earshot.models.sizes import Shape, need_size


class Cnn(nn.Module):
    """Three times 3x3 convolution, ReLU and 2x2 max pooling; then a dense layer, dropout and the output."""

    cam_layer = "features"

    def __init__(
        self, shape: Shape, outputs: int, *, width: int, dense: int, dropout: float, batch_norm: bool
    ) -> None:
        super().__init__()
        channels = [1, width, 2 * width, 4 * width]
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(channels):
            layers.append(nn.Conv2d(before, after, 3, padding="same"))
            layers += [nn.BatchNorm2d(after)] if batch_norm else []
            layers += [nn.ReLU(), nn.MaxPool2d(2)]
        self.features = nn.Sequential(*layers)
        bands, frames = shape
        self.flat = channels[-1] * (bands // 8) * (frames // 8)
        self.classifier = nn.Sequential(
            nn.Linear(self.flat, dense), nn.ReLU(), nn.Dropout(dropout), nn.Linear(dense, outputs)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x.unsqueeze(1))  # (batch, channels, bands / 8, frames / 8)
        logits: Tensor = self.classifier(x.flatten(1))  # (batch, outputs)
        return logits


def build(
    *,
    input_shape: Shape,
    outputs: int,
    width: Count = 16,
    dense: Count = 128,
    dropout: Dropout = 0.5,
    batch_norm: bool = False,
) -> nn.Module:
    """The CNN. `width` channels after the first convolution, twice and four times as many after the others."""
    need_size("cnn", input_shape, bands=8, frames=8)
    return Cnn(input_shape, outputs, width=width, dense=dense, dropout=dropout, batch_norm=batch_norm)
