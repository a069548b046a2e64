"""Cross-validation as a job for a cluster."""

import json
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Annotated

import pandas as pd
from pydantic import Field

from earshot.config.cv import CrossValidation
from earshot.config.train import ModelParams
from earshot.core import instructions, paths
from earshot.core.io import read_table, remove
from earshot.training.grid import Configuration, configurations
from earshot.training.jobs import alone, check_hardware, hardware_of, sealed

if TYPE_CHECKING:
    from earshot.training.data import ModelData


@dataclass(frozen=True)
class CvJob:
    """All that cross-validation hangs on but for the data."""

    params: ModelParams
    cv: CrossValidation
    classes: list[str]
    seed: int
    is_shared: bool

    @cached_property
    def grid(self) -> list[Configuration]:
        """Every configuration. Importing the model, which says what settings it has, imports torch."""
        return configurations(self.cv.grid, self.params)

    def items(self) -> pd.DataFrame:
        """`id, label, group, fold` of the items that take part."""
        items = read_table(paths.SPLIT).merge(read_table(paths.BALANCED)[["id", "fold"]], on="id")
        items = items[items["label"].isin(self.classes)]
        if self.cv.parts == "development":
            items = items[items["split"] != "test"]
        return items.reset_index(drop=True).assign(split="train")  # any may be trained on, with its copies

    def data(self, items: pd.DataFrame) -> "ModelData":
        from earshot.training.data import read_model_data

        instructions.choose(self.grid[0].recipe.trainer.repeatable)
        return read_model_data(items, view=self.cv.view, classes=self.classes).of_run(self.seed)


@dataclass(frozen=True)
class Fold:
    """One configuration on one fold, and the name of the file that keeps its result."""

    configuration: int
    fold: str
    file: Annotated[str, Field(pattern=r"^[0-9a-f]{24}\.json$")]
    hardware: str


def name_folds(job: CvJob) -> bytes:
    """Every configuration on every fold, as this worker would train them: a list of Folds."""
    from earshot.training.cross_validation import content_hashes, data_of_folds, fold_file

    items = job.items()
    _, folds = data_of_folds(items, job.data(items), cv=job.cv, seed=job.seed)
    named = []
    for name, own in folds.items():
        file_of = partial(
            fold_file, own, seed=job.seed, checkpoints=paths.CHECKPOINTS, contents=content_hashes(own)
        )
        for one in job.grid:
            named.append(asdict(Fold(one.number, name, file_of(one).name, hardware_of(one.recipe))))
    return sealed(json.dumps(named).encode())


def train_fold(job: CvJob, fold: Fold) -> bytes:
    """Train one configuration on one fold, or take over what is kept of it: the result's file.

    Raises EarshotError on other hardware than the fold's name is for.
    """
    from earshot.store.kept_outputs import KeptOutputs
    from earshot.training import cross_validation, kept_folds

    items = job.items()
    _, folds = cross_validation.data_of_folds(items, job.data(items), cv=job.cv, seed=job.seed)
    configuration = next(one for one in job.grid if one.number == fold.configuration)
    check_hardware(configuration.recipe, fold.hardware)
    with alone((paths.CHECKPOINTS / kept_folds.FOLDER / fold.file).with_suffix(".lock")):
        result = cross_validation.run_fold(
            folds[fold.fold],
            configuration,
            seed=job.seed,
            checkpoints=paths.CHECKPOINTS,
            frozen_outputs=KeptOutputs(cross_validation.USER, folder=paths.CHECKPOINTS / "frozen"),
        )
        content = result.file.read_bytes()
    if not job.is_shared:
        remove(result.file)
    return sealed(content)
