"""What the models of one view and subset learn from and are scored on: labelled clips, and where their arrays lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from earshot.config.base import View
from earshot.config.inputs import ModelInput, read_input
from earshot.core import paths
from earshot.core.io import read_table
from earshot.dataset.rows import seen_rows
from earshot.training.batches import Clips, open_clips


@dataclass(frozen=True)
class ModelData:
    """The labelled clips of one view that the models of a subset see.

    folder : of the arrays, `data/features/<view>`
    table : one row a clip, as `dataset.rows.seen_rows` gives it
    classes : the subset's, in the order that labels are counted by
    """

    folder: Path
    table: pd.DataFrame
    classes: list[str]

    def rows(self, part: str, *, variants: bool = False) -> pd.DataFrame:
        """The clips of one part.

        part : train, val or test
        variants : whether the extra variants are among them that training adds to its items
        """
        table = self.table[self.table["split"] == part]
        return table if variants else table[table["copy"] == 0]

    def clips(self, rows: pd.DataFrame) -> Clips:
        """Some rows of the table with their arrays, which are read when they are asked for."""
        return open_clips(self.folder, shard=rows["shard"], row=rows["row"], labels=rows["target"])

    def clips_by_part(self) -> dict[str, Clips]:
        """The clips of each part that has any, with the variants that training adds."""
        return {str(part): self.clips(rows) for part, rows in self.table.groupby("split")}

    def input(self) -> ModelInput:
        """How the arrays were made."""
        return read_input(self.folder / "settings.json")


def read_model_data(split: pd.DataFrame, *, view: View, classes: Sequence[str], seed: int) -> ModelData:
    """The clips of the study's items that belong to these classes, as models of this view see them.

    split : data/split.csv
    """
    folder = paths.features(view)
    items, rows = read_table(paths.BALANCED), read_table(folder / "rows.csv")
    table = seen_rows(rows, split, items, view=view, classes=classes, seed=seed)
    return ModelData(folder, table, list(classes))
