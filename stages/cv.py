"""Try every configuration of a grid on folds of the data, and say which one is best."""

from typing import Any

from pydantic import Field

from earshot.config.base import Models
from earshot.config.cv import CrossValidation
from earshot.config.load import StageParams
from earshot.config.stage import run_stage
from earshot.config.train import TrainingParams
from earshot.core import instructions, paths
from earshot.core.classes import subset_classes
from earshot.core.io import read_table, write_json, write_table
from earshot.training.cv_result import CvResult, no_result, summarize
from earshot.training.grid import configurations


class Params(TrainingParams, StageParams):
    models: Models
    cv: CrossValidation
    block: dict[str, Any] = Field(alias="zoo.${cv.model}")


def main() -> None:
    params = Params.read()
    instructions.choose(params.train.repeatable)
    result = no_result() if params.cv.folds is None else search(params)
    for name in ("folds", "configs", "predictions"):
        write_table(paths.CV / f"{name}.csv", result.tables[name])
    write_table(paths.PLOTS / "cv.csv", result.tables["plot"])
    write_json(paths.CV_METRICS, result.metrics)
    for model in params.models:
        taken_over = params.train.from_cv and model == params.cv.model
        write_json(paths.best(model), result.best if taken_over else {})


def search(params: Params) -> CvResult:
    cv = params.cv
    grid = configurations(cv.grid, params.of_model(cv.model, params.block))
    split = read_table(paths.SPLIT)
    classes = subset_classes(split["label"], subset=cv.subset, classes=params.classes, reject=params.reject)
    items = split.merge(read_table(paths.BALANCED)[["id", "fold"]], on="id")
    items = items[items["label"].isin(classes)]
    if cv.parts == "development":
        items = items[items["split"] != "test"]
    items = items.reset_index(drop=True).assign(split="train")  # any item may be trained on, with its copies

    # torch and scikit-learn take seconds to import, which a study without cross-validation does not pay
    from earshot.training.cross_validation import cross_validate
    from earshot.training.data import read_model_data

    data = read_model_data(items, view=cv.view, classes=classes).of_run(params.seed)
    found = cross_validate(grid, items, data, cv=cv, seed=params.seed, checkpoints=paths.CHECKPOINTS)
    return summarize(grid, *found, cv=cv)


if __name__ == "__main__":
    run_stage(main)
