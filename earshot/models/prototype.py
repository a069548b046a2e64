"""Nearest class mean: what five examples of a class are enough for, on an embedding that others learned.

Snell, Swersky and Zemel (2017), "Prototypical networks for few-shot learning". The means are those of the training
clips; what is trained is one number, how fast a class loses probability with the distance from its mean.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from earshot.models.sizes import Shape

TAKES_VECTORS = True


class Prototype(nn.Module):
    """A logit for each class that falls with the squared distance from the class's mean.

    -|x - mean|² = 2 x · mean - |mean|² - |x|², and |x|² is the same for all classes: the layer `classifier` holds the
    first two terms, in units of the squared distance from a mean to its nearest neighbour.
    """

    cam_layer = None

    def __init__(self, shape: Shape, outputs: int) -> None:
        super().__init__()
        bands, frames = shape
        self.classifier = nn.Linear(bands * frames, max(outputs, 2)).requires_grad_(False)
        self.log_sharpness = nn.Parameter(torch.zeros(()))
        self.outputs = outputs
        nn.init.zeros_(self.classifier.weight)
        nn.init.zeros_(self.classifier.bias)

    @torch.no_grad()
    def start_from(self, batches: Iterable[tuple[Tensor, Tensor]]) -> None:
        """Take the means of the training clips.

        batches : of clips, (batch, bands, frames), as `forward` sees them, and their classes' places
        """
        classes, values = self.classifier.weight.shape
        total, count = torch.zeros(classes, values, dtype=torch.float64), torch.zeros(classes)
        for x, labels in batches:
            total.index_add_(0, labels, x.flatten(1).double())
            count.index_add_(0, labels, torch.ones(len(labels)))
        means = total / count.clamp_min(1)[:, None]  # (classes, values)
        apart = torch.stack([(means - mean).square().sum(dim=1) for mean in means])  # (classes, classes)
        nearest = apart.fill_diagonal_(torch.inf).amin(dim=1).mean()
        unit = nearest if nearest > 0 else torch.ones(())
        self.classifier.weight.copy_(2 * means / unit)
        self.classifier.bias.copy_(-means.square().sum(dim=1) / unit)

    def forward(self, x: Tensor) -> Tensor:
        nearness = self.classifier(x.flatten(1)) * self.log_sharpness.exp()  # (batch, classes)
        logits: Tensor = nearness if self.outputs > 1 else nearness[:, 1:] - nearness[:, :1]
        return logits


def build(*, input_shape: Shape, outputs: int) -> nn.Module:
    """Nearest class mean. All runs have the same means: `runs: 1` is enough, and a high `lr` for its one number."""
    return Prototype(input_shape, outputs)
