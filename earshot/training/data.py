"""What the models of one view and subset learn from and are scored on: labelled clips, and where their arrays lie."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from earshot.config.base import View
from earshot.config.inputs import ModelInput, read_input
from earshot.core import paths
from earshot.core.io import read_table
from earshot.dataset.groups import contents as contents_of
from earshot.dataset.rows import labelled_rows, permute_labels
from earshot.training.batches import Clips, open_clips


@dataclass(frozen=True)
class ModelData:
    """The labelled clips of one view that the models of a subset see.

    folder : of the arrays, `data/features/<view>`
    table : one row a clip, as `dataset.rows.labelled_rows` gives it
    classes : the subset's, in the order that labels are counted by
    contents : of view `shuffled`, from id to what is equal for equal contents; None elsewhere
    """

    folder: Path
    table: pd.DataFrame
    classes: list[str]
    contents: Mapping[str, Hashable] | None = None

    def of_run(self, seed: int) -> "ModelData":
        """What a run with this seed sees: in view `shuffled`, labels that it permutes for itself."""
        if self.contents is None:
            return self
        return replace(self, table=permute_labels(self.table, self.contents, seed=seed), contents=None)

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

    @cached_property
    def parts(self) -> dict[str, Clips]:
        """The clips of each part that has any, with the variants that training adds."""
        return {str(part): self.clips(rows) for part, rows in self.table.groupby("split")}

    def input(self) -> ModelInput:
        """How the arrays were made."""
        return read_input(self.folder / "settings.json")


def read_model_data(split: pd.DataFrame, *, view: View, classes: Sequence[str]) -> ModelData:
    """The clips of the study's items that belong to these classes, for all runs of models of this view.

    split : data/split.csv
    """
    folder, contents = paths.features(view), None
    table = labelled_rows(read_table(folder / "rows.csv"), split, classes=classes)
    if view == "shuffled":
        items = read_table(paths.BALANCED)
        contents = dict(zip(items["id"], contents_of(items), strict=True))
    return ModelData(folder, table, list(classes), contents)
