"""Try every configuration of a grid on folds of the data, and say which one is best."""

from typing import Any

from pydantic import Field

from earshot.config.base import Models
from earshot.config.cv import CrossValidation
from earshot.config.load import StageParams
from earshot.config.stage import run_stage
from earshot.config.train import TrainingParams
from earshot.core import cluster, instructions, paths
from earshot.core.classes import subset_classes
from earshot.core.io import read_table, write_json, write_table
from earshot.training import on_cluster
from earshot.training.cv_job import CvJob
from earshot.training.cv_on_cluster import cross_validate_on_cluster


class Params(TrainingParams, StageParams):
    models: Models
    cv: CrossValidation
    block: dict[str, Any] = Field(alias="zoo.${cv.model}")


def main() -> None:
    params = Params.read()
    instructions.choose(params.train.repeatable)
    job = None if params.cv.folds is None else job_of(params)
    files = cross_validate_on_cluster(job) if job and on_cluster.is_wanted() else None

    # these take seconds to import, and memory that a stage does without while it waits for a cluster
    from earshot.training.cv_result import no_result, search

    result = search(job, files) if job else no_result()
    for name in ("folds", "configs", "predictions"):
        write_table(paths.CV / f"{name}.csv", result.tables[name])
    write_table(paths.PLOTS / "cv.csv", result.tables["plot"])
    write_json(paths.CV_METRICS, result.metrics)
    for model in params.models:
        taken_over = params.train.from_cv and model == params.cv.model
        write_json(paths.best(model), result.best if taken_over else {})


def job_of(params: Params) -> CvJob:
    cv = params.cv
    labels = read_table(paths.SPLIT)["label"]
    classes = subset_classes(labels, subset=cv.subset, classes=params.classes, reject=params.reject)
    return CvJob(
        params.of_model(cv.model, params.block), cv, classes, params.seed, cluster.sees_this_folder()
    )


if __name__ == "__main__":
    run_stage(main)
