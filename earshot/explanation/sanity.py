"""Checks of maps on a few items: are they faithful, do they hang on what was learned, and do the runs agree?"""

import copy
import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.core.rng import digest, generator
from earshot.explanation.explain_all import Arrays, Targets, explain_all, probability_of
from earshot.explanation.faithfulness import Curves, area, curves, gains, rank_correlation, shares_of
from earshot.explanation.methods import Method
from earshot.explanation.networks import randomized
from earshot.models.normalization import Normalized

MAP = "map"  # the name of the chosen method's maps among the orders
COMPARED = 8  # items whose maps are made anew by each run and by its exchanged weights


def curves_by_blank(
    model: Normalized,
    arrays: Arrays,
    targets: Targets,
    maps: Mapping[str, Arrays],
    *,
    blanks: Mapping[str, Arrays],
    steps: int,
    seed: int,
    energies: Arrays | None = None,
) -> dict[str, Curves]:
    """The curves of a model's maps, of a random map and of the input's energy, by the blank that they are drawn with.

    model : in eval mode, on the device where it is to run
    arrays : shape (items, bands, frames) or (items, 3, bands, frames), raw features
    targets : shape (items,)
    maps : of the targets, under one name or several, (items, bands, frames)

    energies : of each place, shape of maps; unless given, a place's squared distance from the blank, of colours the sum
    """
    probability = probability_of(model, targets)
    places = (len(arrays), *arrays.shape[2:]) if arrays.ndim == 4 else arrays.shape
    chance = generator(seed, "random map").random(places, dtype=np.float32)
    return {
        name: curves(
            probability,
            arrays,
            {
                **maps,
                "random": chance,
                "energy": _energy(arrays, blank) if energies is None else energies,
            },
            blank=blank,
            steps=steps,
            seed=seed,
        )
        for name, blank in blanks.items()
    }


def _energy(arrays: Arrays, blank: Arrays) -> Arrays:
    squares: Arrays = (arrays - blank) ** 2
    return squares.sum(axis=1) if squares.ndim == 4 else squares


def some_items(by_blank: Mapping[str, Curves], places: NDArray[np.int64]) -> dict[str, Curves]:
    """The curves of some of the items."""
    return {
        blank: {name: curve[:, places] for name, curve in by_order.items()}
        for blank, by_order in by_blank.items()
    }


def mean_areas(by_blank: Mapping[str, Curves]) -> dict[str, float]:
    """The mean area under each curve, flat: `deletion_map_mean` of the map, with the mean as blank, and so on.

    Means are over the items that `counted` gives; `items_mean` and so on is their number.
    """
    areas: dict[str, float] = {}
    for blank, by_order in by_blank.items():
        items = counted(by_order)
        areas[f"items_{blank}"] = int(items.sum())
        for (order, curve), values in by_order.items():
            areas[f"{curve}_{order}_{blank}"] = round(float(area(values)[items].mean()), 6)
    return areas


def mean_gain(by_blank: Mapping[str, Curves], order: str) -> float:
    """What the maps of this name are better by than random maps, under the blank where they are so least."""
    return min(float(gains(by_order, order)[counted(by_order)].mean()) for by_order in by_blank.values())


def item_gains(by_blank: Mapping[str, Curves]) -> NDArray[np.float64]:
    """What each item's map is better by than a random map, under the blank where it is so least. (items,)"""
    of_blanks = np.array([gains(by_order, MAP) for by_order in by_blank.values()])  # (blanks, items)
    counts = np.array([can_change(by_order) for by_order in by_blank.values()])
    counts |= ~counts.any(axis=0)
    least: NDArray[np.float64] = np.where(counts, of_blanks, np.inf).min(axis=0)
    return least


def counted(by_order: Curves) -> NDArray[np.bool_]:
    """The items that `can_change`; all where none can. (items,)"""
    items = can_change(by_order)
    return items if items.any() else ~items


def can_change(by_order: Curves) -> NDArray[np.bool_]:
    """Whether blanking all of an item takes away at least half of its class's probability. (items,)

    Where it does not, the model gives the class without seeing anything, and no order of places is better than another.
    """
    curve = by_order["random", "deletion"]
    changes: NDArray[np.bool_] = curve[-1] <= curve[0] / 2
    return changes


def compare_runs(
    models: Sequence[Normalized],
    arrays: Arrays,
    targets: Targets,
    *,
    method: Method,
    blanks: Mapping[str, Arrays],
    seed: int,
) -> dict[str, float]:
    """How the runs' maps of an item agree with each other, and with those of their networks of exchanged weights.

    models : of each run, in eval mode, on the device where they are to run
    arrays, targets : of which the first COMPARED are looked at

    Returns flat numbers, mean rank correlations: `randomized_rank_correlation` over all runs; of several runs
    `runs_rank_correlation`, and of several items `runs_rank_correlation_others`, of maps of different ones.
    """
    arrays, targets = arrays[:COMPARED], targets[:COMPARED]
    of_runs, exchanged = [], []
    for run, model in enumerate(models, 1):
        own = explain_all(model, arrays, targets, methods=[method], blanks=blanks)[0]
        other = randomized(copy.deepcopy(model), seed=digest(seed, "exchanged", run) % 2**63)
        random_maps = explain_all(other, arrays, targets, methods=[method], blanks=blanks)[0]
        of_runs.append(own)
        exchanged.append(rank_correlation(own, random_maps))
    agreements = {"randomized_rank_correlation": exchanged}
    pairs = list(itertools.combinations(of_runs, 2))
    if pairs:
        agreements["runs_rank_correlation"] = [rank_correlation(*pair) for pair in pairs]
    if pairs and len(arrays) > 1:
        agreements["runs_rank_correlation_others"] = [
            rank_correlation(first, np.roll(second, 1, axis=0)) for first, second in pairs
        ]
    return {name: round(float(np.mean(values)), 6) for name, values in agreements.items()}


def curve_table(by_blank: Mapping[str, Curves]) -> pd.DataFrame:
    """The mean curves, over the items that `counted` gives: `blank, curve, order, share, probability`."""
    rows = [
        (blank, curve, order, share, height)
        for blank, by_order in by_blank.items()
        for (order, curve), values in by_order.items()
        for share, height in zip(
            shares_of(len(values) - 1), values[:, counted(by_order)].mean(axis=1), strict=True
        )
    ]
    table = pd.DataFrame(rows, columns=["blank", "curve", "order", "share", "probability"])
    return table.round({"share": 6, "probability": 6})
