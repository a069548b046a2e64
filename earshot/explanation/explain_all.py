"""A model, its maps and its probabilities over arrays of numpy, a batch at a time."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from earshot.core.chunks import chunks
from earshot.explanation.methods import Method, explain
from earshot.explanation.passes import arrays_at_once
from earshot.models.normalization import Normalized
from earshot.models.outputs import probabilities

Arrays = NDArray[np.float32]
Targets = NDArray[np.int64]


def explain_all(
    model: Normalized,
    arrays: Arrays,
    targets: Targets,
    *,
    methods: Sequence[Method],
    blanks: Mapping[str, Arrays],
) -> list[Arrays]:
    """The map of each array by each method, as `methods.explain` gives it.

    model : in eval mode, on the device where it is to run
    arrays : shape (items, bands, frames), raw features
    targets : shape (items,), the class that is explained
    """
    device = next(model.parameters()).device
    there = tensors(blanks, device)
    at_once = arrays_at_once(model, arrays.shape[1:])
    of_batches = []
    for some in chunks(range(len(arrays)), at_once):
        x, classes = torch.from_numpy(arrays[some]).to(device), torch.from_numpy(targets[some]).to(device)
        maps = explain(model, x, classes, methods=methods, blanks=there, at_once=at_once)
        of_batches.append([own.cpu() for own in maps])
    return [torch.cat(own).numpy() for own in zip(*of_batches, strict=True)]


def probability_of(model: Normalized, targets: Targets) -> Callable[[Arrays], Arrays]:
    """A function from arrays, one an item, to the probability that the model gives each item's target.

    model : in eval mode, on the device where it is to run
    targets : shape (items,)
    """
    device = next(model.parameters()).device

    @torch.inference_mode()
    def probability(arrays: Arrays) -> Arrays:
        of_targets = []
        for some in chunks(range(len(arrays)), arrays_at_once(model, arrays.shape[1:])):
            of_classes = probabilities(model(torch.from_numpy(arrays[some]).to(device)))
            classes = torch.from_numpy(targets[some]).to(device)
            of_targets.append(of_classes.gather(1, classes[:, None])[:, 0].cpu())
        return torch.cat(of_targets).numpy()

    return probability


def tensors(blanks: Mapping[str, Arrays], device: torch.device) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(blank).to(device) for name, blank in blanks.items()}
