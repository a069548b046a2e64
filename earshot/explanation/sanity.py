"""Two checks of maps on a few items: are they faithful, and does a network of random weights give others?"""

import copy

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from earshot.core import devices
from earshot.core.rng import digest, generator
from earshot.explanation.faithfulness import Curves, area, curves, rank_correlation
from earshot.explanation.gradcam import explain, randomized
from earshot.models.normalization import Normalized
from earshot.models.outputs import probabilities


def check_maps(
    model: Normalized,
    arrays: NDArray[np.float32],
    targets: NDArray[np.int64],
    maps: NDArray[np.float32],
    *,
    method: str,
    layer: str | None,
    blank: NDArray[np.float32],
    steps: int,
    seed: int,
    threads: int = 2,
) -> tuple[dict[str, float | str], pd.DataFrame]:
    """Compare a model's maps with a random map, with the input's energy, and with the maps of exchanged weights.

    model : on the device where it is to run
    arrays, maps : shape (items, bands, frames), raw features and the maps of the targets
    targets : shape (items,)
    blank : shape (bands, frames), an array without information; energy is the squared distance from it
    steps : points of a curve

    Returns flat numbers, and a table `curve, order, share, probability` of the mean curves. A good map has a small
    area under its deletion curve and a large one under its insertion curve.
    """
    device = next(model.parameters()).device
    classes = torch.from_numpy(np.asarray(targets)).to(device)

    @torch.inference_mode()
    def probability(arrays: NDArray[np.float32]) -> NDArray[np.float32]:
        of_classes = probabilities(model(torch.from_numpy(np.ascontiguousarray(arrays)).to(device)))
        return of_classes.gather(1, classes[:, None])[:, 0].cpu().numpy()

    orders = {
        "map": maps,
        "random": generator(seed, "random map").random(maps.shape, dtype=np.float32),
        "energy": (arrays - blank) ** 2,
    }
    with devices.repeatable(device, threads=threads):
        by_order = curves(probability, arrays, orders, blank=blank, steps=steps, seed=seed)
        random_model = randomized(copy.deepcopy(model), seed=digest(seed, "exchanged") % 2**63)
        random_maps = explain(
            random_model, torch.from_numpy(arrays).to(device), classes, method=method, layer=layer
        )
    scores: dict[str, float | str] = {"items": len(arrays)}
    for (order, curve), values in by_order.items():
        scores[f"{curve}_{order}"] = round(float(area(values).mean()), 6)
    agreement = rank_correlation(maps, random_maps.cpu().numpy())
    scores["randomized_rank_correlation"] = round(float(agreement.mean()), 6)
    return scores, _table(by_order)


def _table(by_order: Curves) -> pd.DataFrame:
    rows = [
        (curve, order, share, height)
        for (order, curve), values in by_order.items()
        for share, height in zip(np.linspace(0, 1, len(values)), values.mean(axis=1), strict=True)
    ]
    table = pd.DataFrame(rows, columns=["curve", "order", "share", "probability"])
    return table.round({"share": 6, "probability": 6})
