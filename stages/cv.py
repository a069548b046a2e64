"""Try every configuration of a grid on folds of the data, and say which one is best."""

from typing import Any

from pydantic import Field

from earshot.config.base import Models, Natural, Normalize
from earshot.config.cv import CrossValidation
from earshot.config.load import StageParams
from earshot.config.train import TopLevel, TrainBlock
from earshot.core import paths
from earshot.core.io import read_table, write_json, write_table
from earshot.core.process import run_stage
from earshot.dataset.rows import seen_rows, subset_classes
from earshot.evaluation import cv_summary
from earshot.training.grid import configurations, values_table


class Params(TopLevel, StageParams):
    seed: Natural
    models: Models
    classes: list[str] | None = Field(alias="dataset.classes")
    normalize: Normalize = Field(alias="features.normalize")
    train: TrainBlock
    cv: CrossValidation
    block: dict[str, Any] = Field(alias="zoo.${cv.model}")


def main():
    params = Params.read()
    name = params.cv.model
    cv = params.cv
    best = {model: {} for model in params.models}
    if cv.folds is None:
        write(cv_summary.empty_tables(), {"configurations": 0}, best)
        return
    grid = configurations(
        cv.grid,
        model=name,
        top={key: getattr(params, key) for key in ("lr", "batch_size", "epochs", "weight_decay")},
        train=params.train.model_dump(exclude={"from_cv"}),
        block=params.block,
        normalize=params.normalize,
    )
    split = read_table(paths.SPLIT)
    classes = subset_classes(split, subset=cv.subset, classes=params.classes)
    balanced = read_table(paths.BALANCED)
    items = split.merge(balanced[["id", "fold"]], on="id")
    items = items[items["label"].isin(classes)]
    if cv.parts == "development":
        items = items[items["split"] != "test"]
    items = items.reset_index(drop=True).assign(split="train")  # any item may be trained on, with its copies

    # torch and scikit-learn take seconds to import, which a study without cross-validation does not pay
    from earshot.training.cross_validation import cross_validate

    folder = paths.features(cv.view)
    rows = read_table(folder / "rows.csv")
    folds, predictions = cross_validate(
        grid,
        items,
        seen_rows(rows, items, balanced, view=cv.view, classes=classes, seed=params.seed),
        cv=cv,
        folder=folder,
        classes=classes,
        seed=params.seed,
        checkpoints=paths.CHECKPOINTS,
    )
    scores = cv_summary.configuration_scores(folds, select=cv.select)
    chosen = grid[scores["configuration"][0] - 1]
    if params.train.from_cv:
        best[name] = chosen.values
    values = values_table(grid)
    settings = {one.number: str(one) for one in grid}
    tables = {
        "folds": values.merge(folds, on="configuration"),
        "configs": scores.merge(values, on="configuration"),
        "predictions": predictions[chosen.number],
        "plot": cv_summary.fold_points(folds, scores, settings=settings, select=cv.select),
    }
    about = cv.model_dump(include={"model", "subset", "view", "parts", "select"})
    told = cv_summary.cv_metrics(folds, scores, predictions[chosen.number], select=cv.select)
    write(tables, {**about, "settings": str(chosen), **told}, best)


def write(tables, metrics, best):
    for name in ("folds", "configs", "predictions"):
        write_table(paths.CV / f"{name}.csv", tables[name])
    write_table(paths.PLOTS / "cv.csv", tables["plot"])
    write_json(paths.CV_METRICS, metrics)
    for model, values in best.items():
        write_json(paths.best(model), values)


if __name__ == "__main__":
    run_stage(main)
