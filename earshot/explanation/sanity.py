"""The checks that a map has to pass, on a few items: faithfulness, and another map for another network."""

import copy

import numpy as np
import pandas as pd
import torch

from earshot.core import devices
from earshot.core.rng import digest, generator
from earshot.explanation.faithfulness import area, curves, rank_correlation
from earshot.explanation.gradcam import explain, randomized
from earshot.models.outputs import probabilities


def check(model, arrays, targets, maps, *, method, layer, blank, steps, seed, threads=2):
    """How a model's maps do beside a random map, beside the input's energy, and with the weights exchanged.

    model : training.normalized.Normalized, on the device where it is to run
    arrays, maps : float32, shape (items, bands, frames), raw features and the maps of the targets
    targets : int array, shape (items,)
    blank : array, shape (bands, frames); energy is the squared distance from it
    steps : int, points of a curve

    Returns flat numbers, and a table `curve, order, share, probability` of the mean curves. Of areas under the
    curves, low is good for deletion and high for insertion.
    """
    device = next(model.parameters()).device
    classes = torch.from_numpy(np.asarray(targets)).to(device)

    @torch.inference_mode()
    def probability(arrays):
        told = probabilities(model(torch.from_numpy(np.ascontiguousarray(arrays)).to(device)))
        return told.gather(1, classes[:, None])[:, 0].cpu().numpy()

    orders = {
        "map": maps,
        "random": generator(seed, "random map").random(maps.shape, dtype=np.float32),
        "energy": (arrays - blank) ** 2,
    }
    with devices.repeatable(device, threads=threads):
        drawn = curves(probability, arrays, orders, blank=blank, steps=steps, seed=seed)
        stranger = randomized(copy.deepcopy(model), seed=digest(seed, "exchanged") % 2**63)
        others = explain(stranger, torch.from_numpy(arrays).to(device), classes, method=method, layer=layer)
    scores = {"items": len(arrays)}
    for (order, curve), values in drawn.items():
        scores[f"{curve}_{order}"] = round(float(area(values).mean()), 6)
    alike = rank_correlation(maps, others.cpu().numpy())
    scores["randomized_rank_correlation"] = round(float(alike.mean()), 6)
    return scores, _table(drawn)


def _table(drawn):
    rows = [
        (curve, order, share, height)
        for (order, curve), values in drawn.items()
        for share, height in zip(np.linspace(0, 1, len(values)), values.mean(axis=1), strict=True)
    ]
    table = pd.DataFrame(rows, columns=["curve", "order", "share", "probability"])
    return table.round({"share": 6, "probability": 6})
