"""Train one model on one view of one subset of the classes."""

from typing import Any

from pydantic import Field

from earshot.config.cell import model_cell
from earshot.config.load import StageParams
from earshot.config.train import TrainingParams
from earshot.core import paths
from earshot.core.io import read_json, read_table
from earshot.core.process import run_stage
from earshot.dataset.rows import subset_classes
from earshot.models import saved
from earshot.training import checkpoint, distributed
from earshot.training.curves import live_curves
from earshot.training.data import read_model_data
from earshot.training.fit import fit
from earshot.training.models import card_of, start_model
from earshot.training.recipe import recipe_of


class Params(TrainingParams, StageParams):
    block: dict[str, Any] = Field(alias="zoo.${item.model}")


def main() -> None:
    cell = model_cell()
    params = Params.read(model=cell.model)
    from_cv = read_json(paths.best(cell.model))  # empty unless train.from_cv
    recipe = recipe_of(params.of_model(cell.model, params.block), from_cv)
    split = read_table(paths.SPLIT)
    classes = subset_classes(split, subset=cell.subset, classes=params.classes)
    data = read_model_data(split, view=cell.view, classes=classes, seed=params.seed)
    parts = data.clips_by_part()
    model = start_model(recipe, parts["train"], n_classes=len(classes), seed=params.seed)
    with live_curves(paths.plots("curves", *cell)) as add_epoch:
        result = fit(
            model,
            train=parts["train"],
            val=parts.get("val"),
            test=parts["test"] if recipe.trainer.track_test else None,
            classes=classes,
            trainer=recipe.trainer,
            seed=params.seed,
            checkpoints=paths.CHECKPOINTS,
            name=f"train-{cell.subset}-{cell.view}-{cell.model}",
            keep=paths.model(*cell),
            on_epoch=add_epoch,
        )
    if distributed.rank() == 0:
        card = card_of(model, recipe, result, data, view=cell.view, from_cv=from_cv or None)
        saved.save(paths.model(*cell), model, card)
        checkpoint.remove(result.checkpoint)


if __name__ == "__main__":
    run_stage(main)
