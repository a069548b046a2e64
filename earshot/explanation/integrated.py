"""Evidence from integrated gradients: the gradient along the way from an array without information to the clip."""

from collections.abc import Mapping

import torch
from torch.nn import functional as F

from earshot.core.chunks import chunks
from earshot.explanation.faithfulness import INCOMPLETE
from earshot.explanation.networks import gradients, score
from earshot.explanation.passes import AT_ONCE
from earshot.models.normalization import Normalized

FEWEST, MOST = 4, 256  # steps along the way


def integrated_gradients(
    model: Normalized,
    x: torch.Tensor,
    targets: torch.Tensor,
    *,
    baseline: torch.Tensor,
    steps: int,
    at_once: int = AT_ONCE,
) -> torch.Tensor:
    """How much each place adds to the class's logit, or takes from it, on the way from the baseline to the clip.

    model : in eval mode
    x : float, shape (batch, bands, frames) or (batch, 3, bands, frames), raw features
    targets : int, shape (batch,), the class that is explained
    baseline : shape of one clip
    steps : places on the way at which the gradient is taken, in the middle of equal parts
    at_once : arrays that pass through the model at once, as `passes.arrays_at_once` gives it

    Returns shape (batch, bands, frames), of colours the sum at each place; its sum over the places is what the logit
    differs by between clip and baseline.
    Sundararajan, Taly and Yan (2017), "Axiomatic attribution for deep networks".
    """
    difference = x - baseline
    shares = (torch.arange(steps, device=x.device) + 0.5) / steps
    gradient = torch.zeros_like(x)
    for clips in chunks(range(len(x)), at_once):
        for some in chunks(shares.tolist(), max(1, at_once // len(clips))):
            path = torch.tensor(some, dtype=x.dtype, device=x.device).reshape(-1, *[1] * x.ndim)
            points = baseline + path * difference[clips]  # (steps, clips, bands, frames)
            points = points.flatten(0, 1).requires_grad_()
            with gradients(model):
                total = score(model(points), targets[clips].repeat(len(some))).sum()
                along = torch.autograd.grad(total, points)[0]
            gradient[clips] += along.view(len(some), len(clips), *x.shape[1:]).sum(dim=0)
    evidence = difference * gradient / steps
    return evidence.sum(dim=1) if x.ndim == 4 else evidence


@torch.no_grad()
def incompleteness(
    model: Normalized,
    x: torch.Tensor,
    targets: torch.Tensor,
    evidence: torch.Tensor,
    *,
    baseline: torch.Tensor,
    at_once: int = AT_ONCE,
) -> float:
    """What the evidence misses of the differences in logits between clips and baseline, as a share of them; 0 where
    there are none.
    """
    parts = [(x[clips], targets[clips]) for clips in chunks(range(len(x)), at_once)]
    difference = torch.cat(
        [score(model(some), own) - score(model(baseline.expand_as(some)), own) for some, own in parts]
    )
    whole = difference.abs().sum()
    return float((evidence.sum(dim=(1, 2)) - difference).abs().sum() / whole) if whole > 0 else 0.0


def steps_for(
    model: Normalized,
    x: torch.Tensor,
    targets: torch.Tensor,
    *,
    baseline: torch.Tensor,
    at_once: int = AT_ONCE,
) -> tuple[int, float]:
    """The fewest steps, from FEWEST half as many more each time, that miss no more than INCOMPLETE, and what they miss.

    Where MOST steps miss more, they are taken.
    """
    steps = FEWEST
    while True:
        evidence = integrated_gradients(model, x, targets, baseline=baseline, steps=steps, at_once=at_once)
        missed = incompleteness(model, x, targets, evidence, baseline=baseline, at_once=at_once)
        if missed <= INCOMPLETE or steps >= MOST:
            return steps, missed
        steps = min(MOST, steps + steps // 2)


def combined(evidence: Mapping[str, torch.Tensor], shares: Mapping[str, float]) -> torch.Tensor:
    """What speaks for the class from several baselines: of each the evidence above 0, to a sum of 1, by its share.

    evidence : by baseline, shape (batch, bands, frames)
    shares : by baseline
    """
    total = torch.zeros_like(next(iter(evidence.values())))
    for name, share in shares.items():
        above = evidence[name].relu()
        whole = above.sum(dim=(1, 2), keepdim=True)
        total += share * above / torch.where(whole > 0, whole, 1)
    return total


def smoothed(maps: torch.Tensor) -> torch.Tensor:
    """Each place as the mean of itself and its neighbours, up to nine."""
    return F.avg_pool2d(maps[:, None], 3, stride=1, padding=1, count_include_pad=False)[:, 0]
