"""What cross-validation leaves: its tables, its metrics and the settings that training may take over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from earshot.config.cv import CrossValidation
from earshot.core.paths import CHECKPOINTS
from earshot.evaluation import cv_summary
from earshot.training.cv_job import CvJob
from earshot.training.grid import Configuration, values_table


@dataclass(frozen=True)
class CvResult:
    """What cross-validation found.

    tables : `folds`, one row a configuration and fold; `configs`, one a configuration, the best first;
        `predictions` of the best, one an item; `plot`, one point a configuration and fold
    metrics : flat, of the best configuration
    best : the best configuration's values in the grid
    """

    tables: Mapping[str, pd.DataFrame]
    metrics: Mapping[str, Any]
    best: Mapping[str, Any]


def no_result() -> CvResult:
    """The result where cross-validation is off: empty tables."""
    return CvResult(cv_summary.empty_tables(), {"configurations": 0}, {})


def search(job: CvJob, files: Mapping[tuple[int, str], Path] | None) -> CvResult:
    """Try every configuration of a grid on every fold.

    files : as `cross_validate` takes them
    """
    # torch takes seconds to import, which a study without cross-validation does not pay
    from earshot.training.cross_validation import cross_validate

    items = job.items()
    results = cross_validate(
        job.grid, items, job.data(items), cv=job.cv, seed=job.seed, checkpoints=CHECKPOINTS, files=files
    )
    return summarize(job.grid, *results, cv=job.cv)


def summarize(
    grid: Sequence[Configuration],
    folds: pd.DataFrame,
    predictions: Mapping[int, pd.DataFrame],
    *,
    cv: CrossValidation,
) -> CvResult:
    """The result of every configuration on every fold.

    folds, predictions : as `cross_validate` gives them
    """
    scores = cv_summary.configuration_scores(folds, select=cv.select)
    best = grid[scores["configuration"][0] - 1]
    values = values_table(grid)
    settings = {one.number: str(one) for one in grid}
    tables = {
        "folds": values.merge(folds, on="configuration"),
        "configs": scores.merge(values, on="configuration"),
        "predictions": predictions[best.number],
        "plot": cv_summary.fold_points(folds, scores, settings=settings, select=cv.select),
    }
    about = cv.model_dump(include={"model", "subset", "view", "parts", "select"})
    metrics = cv_summary.cv_metrics(folds, scores, predictions[best.number], select=cv.select)
    return CvResult(tables, {**about, "settings": str(best), **metrics}, best.values)
