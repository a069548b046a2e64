"""Train one model on one view of one subset of the classes, as often as `runs` says."""

from typing import Any

from pydantic import Field

from earshot.config.base import Count
from earshot.config.cell import model_cell
from earshot.config.load import StageParams
from earshot.config.stage import run_stage
from earshot.config.train import TrainingParams
from earshot.config.unfit import leave_out
from earshot.core import cluster, instructions, paths
from earshot.core.classes import reject_classes, subset_classes
from earshot.core.io import read_json, read_table, remove
from earshot.dataset.groups import are_named
from earshot.models.registry import RUNS, fits
from earshot.training import on_cluster
from earshot.training.model_job import ModelJob
from earshot.training.train_on_cluster import train_on_cluster


class Params(TrainingParams, StageParams):
    runs: Count
    block: dict[str, Any] = Field(alias="zoo.${item.model}")


def main() -> None:
    cell = model_cell()
    params = Params.read(model=cell.model)
    instructions.choose(params.train.repeatable)
    from_cv = read_json(paths.best(cell.model))  # empty unless train.from_cv
    model = params.of_model(cell.model, params.block)
    labels = read_table(paths.SPLIT)["label"]
    classes = subset_classes(labels, subset=cell.subset, classes=params.classes, reject=params.reject)
    job = ModelJob(model, from_cv, cell.name, cell.view, classes, params.seed, cluster.sees_this_folder())
    if not fits(cell.model, job.input()):
        return leave_out("train")
    runs = params.block.get(RUNS) or params.runs
    # DVC has, unless the stage is run by hand
    remove(folder := paths.model(*cell), paths.plots("curves", *cell))
    kept_runs = train_on_cluster(job, runs=runs, folder=folder) if on_cluster.is_wanted() else None

    from earshot.training.train_model import train_model  # torch: a stage that waits for a cluster has none

    train_model(
        job,
        runs=runs,
        folder=folder,
        curves=lambda run: paths.live(*cell, run),
        kept_runs=kept_runs,
        reject=reject_classes(labels, classes=params.classes, reject=params.reject),
        groups_named=are_named(read_table(paths.BALANCED)),
    )


if __name__ == "__main__":
    run_stage(main)
