"""Every configuration on every fold, and the results that outlive a kill.

The result of a finished fold lies in `.checkpoints/cv` under a hash of all that it depends on: configuration,
data, folds, weights at the start, seed and the code. Those of the last complete run stay: another configuration in
the grid, or `train.from_cv`, does not train the known ones again.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from tqdm import tqdm

from earshot.config.cv import CrossValidation
from earshot.core import devices
from earshot.core.errors import EarshotError
from earshot.core.fingerprint import code_hash
from earshot.core.io import json_bytes, remove, write_bytes
from earshot.core.ordering import natural_key
from earshot.dataset.folds import Folds, give_folds, parts_of_fold
from earshot.evaluation.cv_summary import fold_scores
from earshot.evaluation.predictions import by_item
from earshot.models.normalization import Normalized
from earshot.store.kept_outputs import KeptOutputs
from earshot.training import checkpoint, kept_folds
from earshot.training.batches import fingerprint
from earshot.training.data import ModelData
from earshot.training.fit import fit
from earshot.training.grid import Configuration
from earshot.training.models import start_model
from earshot.training.predict import predict

USER = "cv"  # of outputs of frozen backbones

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FoldResult:
    """What one configuration came to on one fold.

    predictions : of the items that were held out, as `by_item` gives them
    epochs : how many were trained
    file : where the result is kept
    """

    predictions: pd.DataFrame
    epochs: int
    file: Path


def cross_validate(
    grid: Sequence[Configuration],
    items: pd.DataFrame,
    data: ModelData,
    *,
    cv: CrossValidation,
    seed: int,
    checkpoints: Path,
    files: Mapping[tuple[int, str], Path] | None = None,
) -> tuple[pd.DataFrame, dict[int, pd.DataFrame]]:
    """Every configuration on every fold.

    items : `id, label, group, fold`, those that take part
    data : their clips
    checkpoints : `.checkpoints`
    files : from a configuration's number and a fold to its result, where a cluster has trained them all

    Returns `configuration, fold, n, accuracy, macro_f1, log_loss, epochs`, and from a configuration's number to its
    out-of-fold predictions, one row an item, with the column `fold`.
    """
    names, folds = data_of_folds(items, data, cv=cv, seed=seed)
    held_out = names.set_axis(items["id"])
    unwatched = [name for name, own in folds.items() if "val" not in set(own.table["split"])]
    if cv.val and unwatched:
        log.info(
            f"no group to spare for early stopping, all epochs are trained: folds {', '.join(unwatched)}"
        )
    rows: list[dict[str, Any]] = []
    predictions, used = {}, []
    frozen_outputs = KeptOutputs(USER, folder=checkpoints / "frozen")
    with tqdm(total=len(grid) * len(folds), desc="cv", unit=" folds", disable=None) as bar:
        for configuration in grid:
            tables = []
            for name, own in folds.items():
                if files:
                    stored = _of_file(files[configuration.number, name])
                    assert stored, files[configuration.number, name]
                    result = stored
                else:
                    result = run_fold(
                        own, configuration, seed=seed, checkpoints=checkpoints, frozen_outputs=frozen_outputs
                    )
                scores = fold_scores(result.predictions)
                rows.append(
                    {"configuration": configuration.number, "fold": name, **scores, "epochs": result.epochs}
                )
                tables.append(result.predictions)
                used.append(result.file)
                bar.update()
                log.info(f"{configuration.number}/{len(grid)} ({configuration}) · {line(rows[-1])}")
            whole = pd.concat(tables).set_index("id").loc[items["id"]].reset_index()
            predictions[configuration.number] = whole.assign(fold=held_out[whole["id"]].to_numpy())
    forget_others(used)
    frozen_outputs.forget_others()
    return pd.DataFrame(rows), predictions


def data_of_folds(
    items: pd.DataFrame, data: ModelData, *, cv: CrossValidation, seed: int
) -> tuple[Folds, dict[str, ModelData]]:
    """The fold in which each item is held out, and from each fold to what is trained and scored on then.

    items, data : as `cross_validate` takes them
    """
    assert cv.folds is not None
    names = give_folds(items, folds=cv.folds, seed=seed)
    folds = {}
    for name in sorted(names.unique(), key=natural_key):
        parts = parts_of_fold(items, names, held_out=name, val=cv.val, seed=seed)
        folds[name] = replace(data, table=fold_clips(data.table, parts.set_axis(items["id"])))
    return names, folds


def line(row: Mapping[str, Any]) -> str:
    """A fold's scores in one line."""
    return (
        f"fold {row['fold']} · accuracy {row['accuracy']:.3f} F1 {row['macro_f1']:.3f} "
        f"log loss {row['log_loss']:.3f} · {row['n']} items, {row['epochs']} epochs"
    )


def fold_clips(clips: pd.DataFrame, parts: pd.Series) -> pd.DataFrame:
    """The clips as they take part while one fold is held out.

    clips : as `labelled_rows` gives it; `copy`, where there is one, tells augmented copies (1, 2, …) from
        originals (0)
    parts : from id to train, val or test

    Copies are for training alone.
    """
    table = clips.assign(split=clips["id"].map(parts))
    if "copy" in table:
        table = table[(table["split"] == "train") | (table["copy"] == 0)]
    return table


def run_fold(
    data: ModelData,
    configuration: Configuration,
    *,
    seed: int,
    checkpoints: Path,
    frozen_outputs: KeptOutputs,
) -> FoldResult:
    """Train one configuration on a fold's training part and score what is held out, once.

    data : with the table of `fold_clips`
    checkpoints : `.checkpoints`
    """
    recipe, parts = configuration.recipe, data.parts
    trainer = recipe.trainer
    model = start_model(recipe, parts["train"], n_classes=len(data.classes), seed=seed)
    file = fold_file(data, configuration, seed=seed, checkpoints=checkpoints, model=model)
    if (past := _of_file(file)) is not None:
        return past

    result = fit(
        model,
        train=parts["train"],
        val=parts.get("val"),
        classes=data.classes,
        trainer=trainer,
        seed=seed,
        checkpoints=file.parent,
        frozen_outputs=frozen_outputs,
        progress=logging.DEBUG,  # a fold gets one line
    )
    if result.interrupted:
        raise EarshotError("cross-validation is stopped; finished folds are kept, `dvc repro cv` goes on")
    probabilities = predict(
        model,
        parts["test"],
        device=trainer.device,
        threads=trainer.threads,
        kept_outputs=frozen_outputs,
    )
    predictions = by_item(data.rows("test"), probabilities, classes=data.classes)
    epochs = len(result.history)
    write_bytes(file, json_bytes({"epochs": epochs, "predictions": predictions.to_dict("list")}), sync=True)
    checkpoint.remove(result.checkpoint)
    return FoldResult(predictions, epochs, file)


def fold_file(
    data: ModelData,
    configuration: Configuration,
    *,
    seed: int,
    checkpoints: Path,
    model: Normalized | None = None,
    contents: Mapping[str, str] | None = None,
) -> Path:
    """Where the result of one configuration on one fold is kept.

    model : with the weights that it starts from, where there is one
    contents : a hash of each part's clips, where it is known
    """
    recipe, parts = configuration.recipe, data.parts
    model = model or start_model(recipe, parts["train"], n_classes=len(data.classes), seed=seed)
    trainer = recipe.trainer
    folder = checkpoint.directory(
        checkpoints / kept_folds.FOLDER,
        [recipe.architecture, recipe.settings, trainer.model_dump(), recipe.normalize, seed, data.classes],
        contents or content_hashes(data),
        [data.table["id"].tolist(), checkpoint.state_hash(model.state_dict()), code_hash("training")],
        [torch.__version__, devices.hardware(devices.pick(trainer.device))],
    )
    return folder.with_suffix(".json")


def content_hashes(data: ModelData) -> dict[str, str]:
    """A hash of the clips of each part."""
    return {part: fingerprint(own) for part, own in data.parts.items()}


def forget_others(files: Sequence[Path]) -> None:
    """Removes the results that a complete run did not use, and what folds that were killed have left.

    files : those of the results that it used
    """
    remove(*set(files[0].parent.iterdir()) - set(files))


def _of_file(file: Path) -> FoldResult | None:
    """A kept result, None where there is none or it is damaged."""
    if (content := kept_folds.read(file)) is None:
        return None
    return FoldResult(pd.DataFrame(content["predictions"]), content["epochs"], file)
