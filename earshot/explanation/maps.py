"""What explaining a model gives: maps with the items that they belong to, their means, and what checks say."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.core.io import read_table
from earshot.explanation.places import places_of
from earshot.signal.axes import Axes

OF_MAPS = ("drawn", "stretch_s")  # the columns of items that tell of their maps
VERDICTS: Mapping[bool, str] = {True: "right", False: "wrong"}


@dataclass(frozen=True)
class ExplainedItems:
    """Some items, each with its array and the map of its predicted class.

    items : DataFrame with `id, label, right`, as `examples.predicted_items` gives it, and `drawn`, whether the map is
        better than a random one; of maps of stretches of a sound `stretch_s`, how long each is
    arrays, maps : float32, shape (items, bands, frames); arrays in colour (items, 3, bands, frames); of stretches of a
        sound their loudness is the array
    """

    items: pd.DataFrame
    arrays: NDArray[np.float32]
    maps: NDArray[np.float32]

    def select(self, items: pd.DataFrame) -> "ExplainedItems":
        """Some of the items, in their order and with what their rows say beside.

        items : rows with `clip`, as `examples.predicted_items` gives it
        """
        places = pd.Index(self.items["clip"]).get_indexer(pd.Index(items["clip"]))
        of_maps = {key: self.items[key].to_numpy()[places] for key in OF_MAPS if key in self.items}
        return ExplainedItems(items.assign(**of_maps), self.arrays[places], self.maps[places])

    def table(self, axes: Axes) -> pd.DataFrame:
        """The items as data/gradcam keeps them; `where` names the places of a map, and is empty where none is drawn."""
        of_items = [axes] * len(self.items)
        if "stretch_s" in self.items:
            of_items = [axes._replace(first_s=step / 2, column_s=step) for step in self.items["stretch_s"]]
        where = [
            places_of(heat, own) if drawn else ""
            for heat, drawn, own in zip(self.maps, self.items["drawn"], of_items, strict=True)
        ]
        table = self.items.assign(where=where).drop(columns=["clip", "shard", "stretch_s"], errors="ignore")
        return table.astype({"right": int, "drawn": int})


def read_checked(folder: Path) -> ExplainedItems:
    """The items that the checks were made on, as the stage gradcam leaves them in its data folder."""
    arrays, maps = (np.load(folder / f"{name}.npy") for name in ("arrays", "maps"))
    return ExplainedItems(read_table(folder / "checked.csv"), arrays, maps)


class MeanMaps:
    """Mean maps under any keys, in the memory of one map a key."""

    def __init__(self) -> None:
        self.sums: dict[Hashable, NDArray[np.float64]] = {}
        self.counts: dict[Hashable, int] = {}

    def add(self, key: Hashable, heat: NDArray[np.float32]) -> None:
        self.sums[key] = self.sums.get(key, 0.0) + heat.astype(np.float64)
        self.counts[key] = self.counts.get(key, 0) + 1

    def mean(self, key: Hashable) -> tuple[NDArray[np.float64], int] | None:
        """The mean map of a key and how many maps it is the mean of; None without one."""
        return (self.sums[key] / self.counts[key], self.counts[key]) if key in self.counts else None


@dataclass(frozen=True)
class Explanation:
    """What a model looks at.

    method : that the maps are made by, in words
    shown : the first items of each class that are right and that are wrong
    checked : the items that the checks were made on, the same for every model
    means : the mean of the maps that are drawn, by (label, whether it is right)
    scores : the numbers of metrics/gradcam/<subset>/<view>/<model>.json
    curves : DataFrame of `sanity.curve_table`
    tried : DataFrame of `choose.choose_method`
    """

    method: str
    shown: ExplainedItems
    checked: ExplainedItems
    means: MeanMaps
    scores: dict[str, float | str]
    curves: pd.DataFrame
    tried: pd.DataFrame
