"""Train one model on one view of one subset of the classes, as often as `runs` says."""

from typing import Any

from pydantic import Field

from earshot.config.base import Count
from earshot.config.cell import model_cell
from earshot.config.load import StageParams
from earshot.config.stage import run_stage
from earshot.config.train import TrainingParams
from earshot.config.unfit import leave_out
from earshot.core import instructions, paths
from earshot.core.classes import reject_classes, subset_classes
from earshot.core.io import read_json, read_table, remove
from earshot.dataset.groups import are_named
from earshot.models import saved
from earshot.models.registry import RUNS, fits
from earshot.training.calibration import calibrate
from earshot.training.data import read_model_data
from earshot.training.models import card_of
from earshot.training.recipe import recipe_of
from earshot.training.runs import train_runs


class Params(TrainingParams, StageParams):
    runs: Count
    block: dict[str, Any] = Field(alias="zoo.${item.model}")


def main() -> None:
    cell = model_cell()
    params = Params.read(model=cell.model)
    instructions.choose(params.train.repeatable)
    from_cv = read_json(paths.best(cell.model))  # empty unless train.from_cv
    recipe = recipe_of(params.of_model(cell.model, params.block), from_cv)
    split = read_table(paths.SPLIT)
    classes = subset_classes(split["label"], subset=cell.subset, classes=params.classes, reject=params.reject)
    data = read_model_data(split, view=cell.view, classes=classes)
    if not fits(cell.model, data.input()):
        return leave_out("train")
    remove(
        folder := paths.model(*cell), paths.plots("curves", *cell)
    )  # DVC has, unless the stage is run by hand
    runs = train_runs(
        recipe,
        data,
        runs=params.block.get(RUNS) or params.runs,
        seed=params.seed,
        cell=cell.name,
        folder=folder,
        curves=lambda run: paths.live(*cell, run),
        checkpoints=paths.CHECKPOINTS,
    )
    if runs:
        reject = reject_classes(split["label"], classes=params.classes, reject=params.reject)
        named = are_named(read_table(paths.BALANCED))
        card = card_of(recipe, runs, data, view=cell.view, from_cv=from_cv, reject=reject, groups_named=named)
        saved.write_card(folder, card)
        calibrate(folder, data, name=cell.name, seed=params.seed)


if __name__ == "__main__":
    run_stage(main)
