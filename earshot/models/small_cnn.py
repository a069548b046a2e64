"""Two convolutions and a linear layer: what a small data set can still train."""

from torch import Tensor, nn

from earshot.config.base import Count, Dropout
from earshot.models.sizes import Shape, need_size, planes_of, with_planes

TAKES_COLOUR = True


class SmallCnn(nn.Module):
    """Twice 3x3 convolution, ReLU and 2x2 max pooling; dropout; the output."""

    cam_layer = "features"

    def __init__(self, shape: Shape, outputs: int, *, width: int, dropout: float) -> None:
        super().__init__()
        bands, frames = shape[-2:]
        self.features = nn.Sequential(
            nn.Conv2d(planes_of(shape), width, 3, padding="same"),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(width, 2 * width, 3, padding="same"),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        flat = 2 * width * (bands // 4) * (frames // 4)
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(flat, outputs))

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(with_planes(x))  # (batch, channels, bands / 4, frames / 4)
        logits: Tensor = self.classifier(x.flatten(1))  # (batch, outputs)
        return logits


def build(*, input_shape: Shape, outputs: int, width: Count = 16, dropout: Dropout = 0.3) -> nn.Module:
    """The small CNN. `width` channels after the first convolution, twice as many after the second."""
    need_size("small_cnn", input_shape, bands=4, frames=4)
    return SmallCnn(input_shape, outputs, width=width, dropout=dropout)
