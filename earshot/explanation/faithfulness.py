"""Whether a map means something: does the model lose its class with the places that the map names?"""

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.core.rng import generator

# what places are blanked with; silence, or black
BLANKS = {"mean": "the mean array", "lowest": "the lowest value"}
NO_METHOD = "none"  # in place of its name, of a model that `gradcam.models` leaves out
OCCLUDED = "occlusion in time"  # the method's name, whose places are stretches of a sound
HEARD_BLANKS = {"mean": "noise 20 dB below the sounds", "lowest": "silence"}  # likewise
FAITHFUL = 0.25  # of what blanking by a random map leaves of the probability: the most that a good map leaves
BETTER = 0.2  # how much more of the probability a good map brings back than a random one
DRAWN = 0.05  # what the map of an item is better by than a random one, so that it is drawn
ALIKE = 0.5  # rank correlation with an untrained network's map, above which a map says little of the model
INCOMPLETE = 0.05  # of the difference in logits, what integrated gradients may miss of it

Curves: TypeAlias = dict[
    tuple[str, str], NDArray[np.float64]
]  # (order, "deletion" | "insertion"): (steps + 1, items)


def shares_of(steps: int) -> NDArray[np.float64]:
    """The shares of the places that a curve has its points at, from 0 to 1: closer at the start, where maps differ."""
    shares: NDArray[np.float64] = (np.arange(steps + 1) / steps) ** 2
    return shares


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
    arrays : shape (items, bands, frames) or (items, 3, bands, frames)
    orders : from a name to the importance of each place, (items, bands, frames); the most important places go first, of
        an array in colour all three values together
    blank : of the shape of one array, what a place without information holds
    steps : in how many steps the places are blanked, as `shares_of` spaces them
    seed : decides among places of one importance
    Petsiuk, Das and Saenko (2018), "RISE: randomized input sampling for explanation".
    """
    blank = np.broadcast_to(blank, arrays.shape).astype(np.float32)
    whole, nothing = probability(arrays), probability(blank)
    by_order: Curves = {}
    for name, importance in orders.items():
        ranks = places_in_order(importance, seed=seed)
        first = [ranks < share * ranks[0].size for share in shares_of(steps)[1:-1]]
        if arrays.ndim == 4:
            first = [places[:, np.newaxis] for places in first]
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
    widths = np.diff(shares_of(len(curve) - 1))[:, None]
    heights: NDArray[np.float64] = (widths * (curve[1:] + curve[:-1])).sum(axis=0)
    return heights / 2


def gains(by_order: Curves, order: str) -> NDArray[np.float64]:
    """What each item's map is better by than a random map, at deletion and at insertion together. (items,)

    order : the map's name among the curves
    """
    map_, random = (
        area(by_order[name, "insertion"]) - area(by_order[name, "deletion"]) for name in (order, "random")
    )
    return map_ - random


def rank_correlation(first: NDArray[Any], second: NDArray[Any]) -> NDArray[np.float64]:
    """Spearman's rank correlation of each pair of maps; 0 where one is the same all over, which ranks nothing.

    first, second : shape (items, bands, frames)
    Returns shape (items,).
    """
    count, places = len(first), math.prod(first.shape[1:])
    # pandas ranks with ties as scipy.stats does, whose import takes half a second
    ranks = [pd.DataFrame(maps.reshape(count, places)).rank(axis=1).to_numpy() for maps in (first, second)]
    centred = [rank - rank.mean(axis=1, keepdims=True) for rank in ranks]
    product = (centred[0] * centred[1]).sum(axis=1)
    scale = np.sqrt((centred[0] ** 2).sum(axis=1) * (centred[1] ** 2).sum(axis=1))
    correlations: NDArray[np.float64] = np.divide(product, scale, out=np.zeros(count), where=scale > 0)
    return correlations


def doubts(scores: Mapping[str, Any]) -> list[str]:
    """What a reader of the maps must know, in sentences; none where the maps pass.

    scores : metrics/gradcam/<subset>/<view>/<model>.json
    """
    if scores.get("method") == NO_METHOD:
        return ["No maps are made of this model: gradcam.models leaves it out."]
    if not scores["drawn_share"]:
        return ["No map is shown: none names places that matter more to the model than any others."]
    sentences = [sentence for blank in BLANKS for sentence in misses(scores, blank)]
    if sentences:
        no_other = scores["wanted"] == "auto" or scores.get("method") == OCCLUDED
        other = "" if no_other else " gradcam.method: auto takes the best of several methods."
        sentences = [f"These maps are not to be trusted. {' '.join(sentences)}{other}"]
    if scores["randomized_rank_correlation"] > ALIKE:
        sentences.append(
            "The maps say little about the model: networks of exchanged weights give maps that agree with them at "
            f"a rank correlation of {scores['randomized_rank_correlation']:.2f}."
        )
    if scores["empty_share"] > 0:
        sentences.append(
            f"{scores['empty_share']:.0%} of the maps are empty: nothing that the method sees speaks for the class."
        )
    if scores.get("missed", 0) > INCOMPLETE:
        sentences.append(
            f"The integrated gradients miss {scores['missed']:.0%} of what they are to add up to; "
            f"{INCOMPLETE:.0%} are allowed."
        )
    return sentences


def misses(scores: Mapping[str, Any], blank: str) -> list[str]:
    """What maps with these scores fail at under one blank, in sentences; none where they pass.

    Asked for is an area under the deletion curve of at most FAITHFUL of a random map's and below that of the input's
    energy, and one under the insertion curve of BETTER above a random map's, or half of the way from there to 1.
    """
    deletion, insertion = (
        {order: scores[f"{curve}_{order}_{blank}"] for order in ("map", "random", "energy")}
        for curve in ("deletion", "insertion")
    )
    sentences = []
    words = (HEARD_BLANKS if scores.get("method") == OCCLUDED else BLANKS)[blank]
    if deletion["map"] > FAITHFUL * deletion["random"] or deletion["map"] >= deletion["energy"]:
        sentences.append(
            f"Blanking by the map, with {words}, leaves {deletion['map']:.2f} of the class's probability: by a "
            f"random map {deletion['random']:.2f}, by the input's energy {deletion['energy']:.2f}."
        )
    if insertion["map"] < min(insertion["random"] + BETTER, (insertion["random"] + 1) / 2):
        sentences.append(
            f"Bringing back by the map, from {words}, gives {insertion['map']:.2f} of it: by a random map "
            f"{insertion['random']:.2f}, by the input's energy {insertion['energy']:.2f}."
        )
    return sentences
