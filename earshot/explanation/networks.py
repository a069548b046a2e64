"""What explaining asks of a network: the logit of a class, gradients in eval mode, and a copy that knows nothing."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TypeVar

import torch
from torch import nn

Module = TypeVar("Module", bound=nn.Module)


def score(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The logit that speaks for each clip's class. (batch,)

    One logit for two classes speaks for the second, and its negative for the first.
    """
    if logits.shape[1] == 1:
        return torch.where(targets == 1, logits[:, 0], -logits[:, 0])
    return logits.gather(1, targets[:, None])[:, 0]


@contextmanager
def gradients(model: nn.Module) -> Iterator[None]:
    """Within the `with`, the model gives gradients in eval mode; cuDNN's recurrent layers do not."""
    recurrent = any(isinstance(module, nn.RNNBase) for module in model.modules())
    with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False) if recurrent else nullcontext():
        yield


@torch.no_grad()
def randomized(model: Module, *, seed: int) -> Module:
    """Exchange the weights of a model at random, within each tensor, so that nothing learned is left.

    model : changed in place
    Adebayo et al. (2018), "Sanity checks for saliency maps", randomize by drawing anew; exchanging keeps the
    weights' scale, and works for layers that start at 0.
    """
    generator = torch.Generator().manual_seed(seed)
    for weights in model.parameters():
        order = torch.randperm(weights.numel(), generator=generator)
        weights.copy_(weights.flatten()[order.to(weights.device)].view_as(weights))
    return model
