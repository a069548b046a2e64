"""A model and items as they are explained: by the arrays that the model sees, or by the sounds that it hears."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.explanation.blanks import blanks_of
from earshot.explanation.examples import class_numbers, predicted_items, rows_of_part
from earshot.explanation.heard import HeardModel, Sounds, decibels
from earshot.explanation.maps import ExplainedItems
from earshot.models.normalization import Normalized
from earshot.training.data import ModelData
from earshot.training.predict import Predict


@dataclass(frozen=True)
class ItemsToExplain:
    """Some items, as a model is asked about them.

    items : DataFrame of `examples.predicted_items`; of stretches of a sound with `stretch_s`, how long each is
    arrays : shape (items, bands, frames) or (items, 3, bands, frames), raw features; or as `heard.Sounds` gives them
    targets : shape (items,), the class that is predicted
    energies : of each stretch of a sound; None of raw features
    """

    items: pd.DataFrame
    arrays: NDArray[np.float32]
    targets: NDArray[np.int64]
    energies: NDArray[np.float32] | None

    def explained(self, maps: NDArray[np.float32], *, drawn: NDArray[np.bool_]) -> ExplainedItems:
        """The items with their maps.

        drawn : whether the map is better than a random one
        """
        return ExplainedItems(self.items.assign(drawn=drawn), self._arrays_to_show(), maps)

    def without_maps(self) -> ExplainedItems:
        """The items with maps that are empty, none of which is drawn."""
        arrays = self._arrays_to_show()
        maps = np.zeros((len(arrays), *arrays.shape[-2:]), np.float32)
        return ExplainedItems(self.items.assign(drawn=False), arrays, maps)

    def _arrays_to_show(self) -> NDArray[np.float32]:
        """The arrays; in place of those that stand for the stretches of a sound, their loudness."""
        return self.arrays if self.energies is None else decibels(self.energies)


@dataclass(frozen=True)
class ModelToExplain:
    """A model's runs, and how they are asked. The first run is the one that is explained.

    runs : in eval mode, on the device where they are to run
    data : what the first run sees
    ask : gives a run's class probabilities of clips
    sounds : of the view `embedding`, whose models are explained by what they hear; None of the others
    """

    runs: Sequence[Normalized]
    data: ModelData
    ask: Predict
    sounds: Sounds | None

    def predicted(self, rows: pd.DataFrame) -> pd.DataFrame:
        """What the first run predicts for the items of some clips, as `examples.predicted_items` gives it."""
        probabilities = self.ask(self.runs[0], self.data.clips(rows))
        return predicted_items(rows, probabilities, classes=self.data.classes)

    def to_explain(self, items: pd.DataFrame, rows: pd.DataFrame) -> ItemsToExplain:
        """Some of the items that were predicted for these rows."""
        clips, targets = items["clip"].to_numpy(), class_numbers(items["predicted"], self.data.classes)
        if self.sounds is None:
            return ItemsToExplain(items, self.data.clips(rows).take(clips), targets, energies=None)
        arrays = self.sounds.add(rows.iloc[clips])
        items = items.assign(stretch_s=self.sounds.stretch_s(arrays))
        return ItemsToExplain(items, arrays, targets, energies=self.sounds.energies(arrays))

    def asked_runs(self) -> Sequence[Normalized]:
        """The runs as networks that take the arrays of `to_explain`."""
        if self.sounds is None:
            return self.runs
        return [HeardModel(run, self.sounds).eval() for run in self.runs]

    def blanks(self) -> dict[str, NDArray[np.float32]]:
        """What places of these arrays are blanked with, as `blanks_of` and `Sounds.blanks` give it."""
        if self.sounds is None:
            return blanks_of(self.data.clips(rows_of_part(self.data, "train")))
        return self.sounds.blanks()
