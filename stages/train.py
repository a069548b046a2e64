"""Train one model on one view of one subset of the classes."""

import sys
from contextlib import nullcontext
from typing import Any

from dvclive import Live
from pydantic import Field

from earshot.config.base import Natural, Normalize
from earshot.config.inputs import read_input
from earshot.config.load import StageParams
from earshot.config.train import TopLevel, TrainBlock
from earshot.core import paths
from earshot.core.io import read_json, read_table
from earshot.core.process import run_stage
from earshot.dataset.rows import seen_rows, subset_classes
from earshot.models import saved
from earshot.models.build import build_model, parameter_count
from earshot.models.card import ModelCard
from earshot.models.normalization import normalized
from earshot.models.outputs import outputs_of
from earshot.training import checkpoint, distributed
from earshot.training.batches import open_clips
from earshot.training.fit import fit
from earshot.training.grid import resolved


class Params(TopLevel, StageParams):
    seed: Natural
    classes: list[str] | None = Field(alias="dataset.classes")
    normalize: Normalize = Field(alias="features.normalize")
    train: TrainBlock
    block: dict[str, Any] = Field(alias="zoo.${item.model}")


def main():
    subset, view, name = sys.argv[1:]
    params = Params.read(model=name)
    top = {key: getattr(params, key) for key in ("lr", "batch_size", "epochs", "weight_decay")}
    from_cv = read_json(paths.best(name))  # empty unless train.from_cv
    trainer, settings, normalize = resolved(
        from_cv,
        model=name,
        top=top,
        train=params.train.model_dump(exclude={"from_cv"}),
        block=params.block,
        normalize=params.normalize,
    )

    split = read_table(paths.SPLIT)
    classes = subset_classes(split, subset=int(subset), classes=params.classes)
    folder = paths.features(view)
    items = read_table(paths.BALANCED)
    rows = read_table(folder / "rows.csv")
    table = seen_rows(rows, split, items, view=view, classes=classes, seed=params.seed)
    parts = {
        part: open_clips(folder, shard=rows["shard"], row=rows["row"], labels=rows["target"])
        for part, rows in table.groupby("split")
    }

    train = parts["train"]
    network = build_model(
        name, input_shape=train.shape, outputs=outputs_of(len(classes)), seed=params.seed, **settings
    )
    model = normalized(network, train, how=normalize)

    output = paths.model(subset, view, name)
    with curves(paths.plots("curves", subset, view, name)) as live:
        fitted = fit(
            model,
            train=train,
            val=parts.get("val"),
            test=parts["test"] if trainer.track_test else None,
            classes=classes,
            trainer=trainer,
            seed=params.seed,
            checkpoints=paths.CHECKPOINTS,
            name=f"train-{subset}-{view}-{name}",
            keep=output,
            on_epoch=lambda row: log(live, row),
        )
    if distributed.rank() > 0:
        return
    (paths.plots("curves", subset, view, name) / "metrics.json").unlink()  # which DVC would try to draw
    card = ModelCard(
        architecture=name,
        settings=settings,
        trainer=trainer,
        epoch=fitted.epoch,
        epochs_trained=len(fitted.history),
        classes=classes,
        view=view,
        input_shape=train.shape,
        normalize=normalize,
        input=read_input(folder / "settings.json"),
        parameters=parameter_count(model),
        from_cv=from_cv or None,
    )
    saved.save(output, model, card)
    checkpoint.remove(fitted.checkpoint)


def curves(folder):
    """DVCLive's files, which the first of torchrun's processes writes alone."""
    if distributed.rank() > 0:
        return nullcontext()
    return Live(folder, dvcyaml=False, save_dvc_exp=False)


def log(live, row):
    """One epoch's row on the curves."""
    if live:
        live.step = row["epoch"]
        for key, value in row.items():
            if key != "epoch":
                live.log_metric(key, value)


if __name__ == "__main__":
    run_stage(main)
