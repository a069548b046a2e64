"""Whether a map means something: does the model lose its class with the places that the map names?"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.core.rng import generator

EMPTY = 0.2  # share of maps that name no place, above which a reader is warned
ALIKE = 0.5  # rank correlation with an untrained network's map, above which a map says little of the model

Curves: TypeAlias = dict[
    tuple[str, str], NDArray[np.float64]
]  # (order, "deletion" | "insertion"): (steps + 1, items)


def curves(
    probability: Callable[[NDArray[np.float32]], NDArray[np.float32]],
    arrays: NDArray[np.float32],
    orders: Mapping[str, NDArray[Any]],
    *,
    blank: NDArray[np.float32],
    steps: int,
    seed: int,
) -> Curves:
    """Deletion and insertion curves: the probability while places are blanked, or brought back, in order.

    probability : arrays (items, bands, frames) -> (items,), of the class that is explained
    arrays : shape (items, bands, frames)
    orders : from a name to the importance of each place, shape of arrays; the most important places go first
    blank : shape (bands, frames), what a place without information holds
    steps : in how many steps the places are blanked
    seed : decides among places of one importance
    Petsiuk, Das and Saenko (2018), "RISE: randomized input sampling for explanation".
    """
    blank = np.broadcast_to(blank, arrays.shape).astype(np.float32)
    whole, nothing = probability(arrays), probability(blank)
    by_order: Curves = {}
    for name, importance in orders.items():
        ranks = places_in_order(importance, seed=seed)
        first = [ranks < share * ranks[0].size for share in np.arange(1, steps) / steps]
        deletion = [probability(np.where(gone, blank, arrays)) for gone in first]
        insertion = [probability(np.where(back, arrays, blank)) for back in first]
        by_order[name, "deletion"] = np.array([whole, *deletion, nothing])
        by_order[name, "insertion"] = np.array([nothing, *insertion, whole])
    return by_order


def places_in_order(importance: NDArray[Any], *, seed: int) -> NDArray[np.int64]:
    """The rank of every place of each item, 0 the most important. Ties fall by chance, not by position.

    importance : shape (items, bands, frames)
    """
    flat = importance.reshape(len(importance), -1)
    chance = generator(seed, "ties").random(flat.shape[1])
    order = np.stack([np.lexsort((chance, -row)) for row in flat])  # (items, places)
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(flat.shape[1])[None], axis=1)
    return ranks.reshape(importance.shape)


def area(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean height of each item's curve, by trapezoids. (steps + 1, items) -> (items,)"""
    heights: NDArray[np.float64] = (curve[1:] + curve[:-1]).mean(axis=0)
    return heights / 2


def rank_correlation(first: NDArray[Any], second: NDArray[Any]) -> NDArray[np.float64]:
    """Spearman's rank correlation of each pair of maps; 0 where one is the same all over, which ranks nothing.

    first, second : shape (items, bands, frames)
    Returns shape (items,).
    """
    count = len(first)
    # pandas ranks with ties as scipy.stats does, whose import takes half a second
    ranks = [pd.DataFrame(maps.reshape(count, -1)).rank(axis=1).to_numpy() for maps in (first, second)]
    centred = [rank - rank.mean(axis=1, keepdims=True) for rank in ranks]
    product = (centred[0] * centred[1]).sum(axis=1)
    scale = np.sqrt((centred[0] ** 2).sum(axis=1) * (centred[1] ** 2).sum(axis=1))
    correlations: NDArray[np.float64] = np.divide(product, scale, out=np.zeros(count), where=scale > 0)
    return correlations


def doubts(scores: Mapping[str, Any]) -> list[str]:
    """What a reader of the maps must know, in sentences; none where the maps pass.

    scores : metrics/gradcam/<subset>/<view>/<model>.json
    """
    sentences = []
    if scores["randomized_rank_correlation"] > ALIKE:
        sentences.append(
            "The maps say little about the model: a network of exchanged weights gives maps that agree with them at "
            f"a rank correlation of {scores['randomized_rank_correlation']:.2f}."
        )
    if scores["empty_share"] > EMPTY:
        sentences.append(
            f"{scores['empty_share']:.0%} of the maps are empty: the layer holds nothing that speaks for the class, "
            "the model decides by what is missing. gradcam.method: hirescam is empty less often."
        )
    if scores["deletion_map"] >= scores["deletion_random"]:
        sentences.append(
            "Blanking the places that the map names costs the class no more than blanking any places."
        )
    elif scores["deletion_map"] >= scores["deletion_energy"]:
        sentences.append(
            "Blanking the places of most energy costs the class at least as much as those that the map names."
        )
    return sentences
