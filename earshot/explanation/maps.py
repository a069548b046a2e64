"""What explaining a model gives: maps with the items that they belong to, their means, and what checks say."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

VERDICTS: Mapping[bool, str] = {True: "right", False: "wrong"}


@dataclass(frozen=True)
class ExplainedItems:
    """Some items, each with its array and the map of its predicted class.

    items : DataFrame with `id, label, right`, as `examples.predicted_items` gives it
    arrays, maps : float32, shape (items, bands, frames)
    """

    items: pd.DataFrame
    arrays: NDArray[np.float32]
    maps: NDArray[np.float32]

    def table(self) -> pd.DataFrame:
        """The items as data/gradcam keeps them."""
        return self.items.assign(right=self.items["right"].astype(int)).drop(columns=["clip", "shard"])


class MeanMaps:
    """Mean maps under any keys, in the memory of one map a key, and how many maps are empty."""

    def __init__(self) -> None:
        self.sums: dict[Hashable, NDArray[np.float64]] = {}
        self.counts: dict[Hashable, int] = {}
        self.empty = 0

    def add(self, key: Hashable, heat: NDArray[np.float32]) -> None:
        self.empty += not heat.any()
        self.sums[key] = self.sums.get(key, 0.0) + heat.astype(np.float64)
        self.counts[key] = self.counts.get(key, 0) + 1

    def mean(self, key: Hashable) -> tuple[NDArray[np.float64], int] | None:
        """The mean map of a key and how many maps it is the mean of; None without one."""
        return (self.sums[key] / self.counts[key], self.counts[key]) if key in self.counts else None


@dataclass(frozen=True)
class Explanation:
    """What a model looks at.

    method, layer : as `gradcam.choose_method` gives them
    shown : the first items of each class that are right and that are wrong
    checked : the items that the checks were made on, the same for every model
    means : the mean maps, by (label, whether it is right)
    scores : the numbers of metrics/gradcam/<subset>/<view>/<model>.json
    curves : DataFrame of `sanity.check_maps`
    """

    method: str
    layer: str | None
    shown: ExplainedItems
    checked: ExplainedItems
    means: MeanMaps
    scores: dict[str, float | str]
    curves: pd.DataFrame
