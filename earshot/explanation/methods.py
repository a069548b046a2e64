"""The ways to make a map of a clip, and which of them suit a model."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import torch

from earshot.config.gradcam import GradCam
from earshot.explanation import gradcam
from earshot.explanation.faithfulness import OCCLUDED
from earshot.explanation.heard import HeardModel
from earshot.explanation.integrated import combined, integrated_gradients, smoothed, steps_for
from earshot.explanation.occlusion import occlusion
from earshot.explanation.passes import AT_ONCE
from earshot.models.normalization import Normalized

log = logging.getLogger(__name__)
INTEGRATED = "integrated_gradients"
OCCLUSION = "occlusion"
SHARES = (("mean",), ("mean", "mean", "lowest"), ("mean", "lowest"))  # of the ways from each blank
NAMES = {
    "gradcam": "Grad-CAM",
    "hirescam": "HiResCAM",
    INTEGRATED: "integrated gradients",
    OCCLUSION: OCCLUDED,
}

Blanks: TypeAlias = Mapping[str, torch.Tensor]  # "mean" and "lowest": of the shape of a clip


@dataclass(frozen=True)
class Method:
    """A way to make maps.

    name : gradcam, hirescam, integrated_gradients or occlusion
    layer : of the first two; None elsewhere
    baselines : of integrated gradients, the blanks that it starts from; a blank named twice counts twice
    smoothed : whether each place is the mean of its neighbourhood
    steps : from a baseline to the number of steps from it
    missed : from a baseline to the share of the logits' differences that the evidence misses
    """

    name: str
    layer: str | None = None
    baselines: tuple[str, ...] = ()
    smoothed: bool = False
    steps: Mapping[str, int] = field(default_factory=dict, compare=False)
    missed: Mapping[str, float] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        if self.layer is not None:
            return f"{NAMES[self.name]} at {self.layer}"
        if not self.baselines:
            return NAMES[self.name]
        of_each = {name: self.baselines.count(name) for name in self.baselines}
        ratio = f" ({' : '.join(map(str, of_each.values()))})" if len(set(of_each.values())) > 1 else ""
        return (
            f"{NAMES[self.name]} from {' and '.join(of_each)}{ratio}{', smoothed' if self.smoothed else ''}"
        )


def explain(
    model: Normalized,
    x: torch.Tensor,
    targets: torch.Tensor,
    *,
    methods: Sequence[Method],
    blanks: Blanks,
    at_once: int = AT_ONCE,
) -> list[torch.Tensor]:
    """A map of each clip by each method: how strongly each place speaks for a class.

    model : in eval mode
    x : float, shape (batch, bands, frames) or (batch, 3, bands, frames), raw features
    targets : int, shape (batch,), the class that is explained
    at_once : the most arrays that pass through the model together, of which x has no more

    Returns of each method float32, shape (batch, bands, frames), 0 to 1, and 0 all over where nothing speaks for the
    class.
    """
    steps = {name: count for method in methods for name, count in method.steps.items()}
    evidence = {
        name: integrated_gradients(model, x, targets, baseline=blanks[name], steps=count, at_once=at_once)
        for name, count in steps.items()
    }
    maps = []
    for method in methods:
        if method.layer is not None:
            own = gradcam.evidence(model, x, targets, name=method.name, layer=method.layer)
        elif method.name == OCCLUSION:
            own = occlusion(model, x, targets, blanks=blanks)
        else:
            own = from_evidence(evidence, method)
        maps.append(gradcam.scaled(own))
    return maps


def from_evidence(evidence: Mapping[str, torch.Tensor], method: Method) -> torch.Tensor:
    """The maps of a method of integrated gradients, not yet scaled.

    evidence : by baseline, shape (batch, bands, frames)
    """
    shares = {name: method.baselines.count(name) / len(method.baselines) for name in method.baselines}
    maps = combined({name: evidence[name] for name in shares}, shares)
    return smoothed(maps) if method.smoothed else maps


def candidates(
    model: Normalized,
    x: torch.Tensor,
    targets: torch.Tensor,
    *,
    settings: GradCam,
    blanks: Blanks,
    at_once: int = AT_ONCE,
) -> list[Method]:
    """The methods that suit a model, or of them those that `gradcam.method` names.

    x, targets : some clips; the first AT_ONCE of them choose the number of steps
    at_once : the most arrays that pass through the model together

    A model without a layer of maps, a recurrent or a linear one, has integrated gradients alone, and one of the view
    `embedding` occlusion. That `gradcam.method` names another one is logged.
    """
    wanted = settings.method
    if isinstance(model, HeardModel):
        if wanted != "auto":
            log.info("gradcam.method: %s is not for the view embedding: it has %s", wanted, NAMES[OCCLUSION])
        return [Method(OCCLUSION)]
    x, targets = x[:AT_ONCE], targets[:AT_ONCE]
    layer = gradcam.last_layer(model, x.shape[1:], layer=settings.layer)
    if wanted in ("gradcam", "hirescam"):
        if layer is not None:
            return [Method(wanted, layer)]
        log.info("gradcam.method: %s needs convolutions: this model has %s", wanted, NAMES[INTEGRATED])
    methods = (
        list(_of_layers(model, x[:at_once], targets[:at_once], layer=layer))
        if wanted == "auto" and layer
        else []
    )
    steps: dict[str, int] = {}
    missed: dict[str, float] = {}
    for name, blank in blanks.items():
        steps[name], missed[name] = steps_for(model, x, targets, baseline=blank, at_once=at_once)
    for baselines in SHARES:
        own_steps = {name: steps[name] for name in baselines}
        own_missed = {name: missed[name] for name in baselines}
        methods += [
            Method(INTEGRATED, None, baselines, smooth, own_steps, own_missed) for smooth in (False, True)
        ]
    return methods


def _of_layers(model: Normalized, x: torch.Tensor, targets: torch.Tensor, *, layer: str) -> Iterator[Method]:
    """Grad-CAM where the model pools the maps over all places, HiResCAM elsewhere, at the last two sizes of maps."""
    shape: Sequence[int] = x.shape[1:]
    for name in (layer, gradcam.layer_before(model, shape, layer=layer)):
        if name is not None:
            pools = gradcam.pools_globally(model, x, targets, layer=name)
            yield Method("gradcam" if pools else "hirescam", name)
