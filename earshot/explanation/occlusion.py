"""Evidence from occlusion: what a class loses without a place."""

from collections.abc import Mapping

import torch

from earshot.explanation.networks import score
from earshot.models.normalization import Normalized


@torch.no_grad()
def occlusion(
    model: Normalized, x: torch.Tensor, targets: torch.Tensor, *, blanks: Mapping[str, torch.Tensor]
) -> torch.Tensor:
    """What the logit of a class loses while a column is blanked, the mean over blanks; 0 where it gains. Shape of x.

    model : in eval mode
    x : shape (batch, 1, columns)
    targets : int, shape (batch,), the class that is explained
    blanks : shape (1, columns) each

    Zeiler and Fergus (2014), "Visualizing and understanding convolutional networks".
    """
    whole = score(model(x), targets)
    lost = torch.zeros_like(x)
    for column in range(x.shape[2]):
        for blank in blanks.values():
            without = x.clone()
            without[:, :, column] = blank[:, column]
            lost[:, 0, column] += (whole - score(model(without), targets)) / len(blanks)
    return lost.clamp_min(0)
