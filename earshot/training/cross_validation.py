"""Every configuration on every fold, and the results that outlive a kill.

The result of a finished fold lies in `.checkpoints/cv` under a hash of all that it depends on: configuration,
data, folds, weights at the start, seed and the code. Those of the last complete run stay: another configuration in
the grid, or `train.from_cv`, does not train the known ones again.
"""

import json
from pathlib import Path

import pandas as pd
import torch
from tqdm import tqdm

from earshot.core import devices
from earshot.core.errors import EarshotError
from earshot.core.fingerprint import code_hash
from earshot.core.io import write_json
from earshot.core.ordering import natural_key
from earshot.dataset.folds import give_folds, parts_of_fold
from earshot.evaluation.cv_summary import fold_scores
from earshot.evaluation.predictions import by_item
from earshot.models.build import build_model
from earshot.models.normalization import normalized
from earshot.models.outputs import outputs_of
from earshot.training import checkpoint
from earshot.training.batches import fingerprint, open_clips
from earshot.training.fit import fit, to_stderr
from earshot.training.predict import predict


def cross_validate(grid, items, clips, *, cv, folder, classes, seed, checkpoints):
    """Every configuration on every fold.

    grid : list of grid.Configuration
    items : DataFrame `id, label, group, fold`, those that take part
    clips : DataFrame as `labelled_rows` gives it, of these items
    cv : schema.CrossValidation
    folder, checkpoints : paths of `data/features/<view>` and `.checkpoints`

    Returns (DataFrame `configuration, fold, n, accuracy, macro_f1, log_loss, epochs`, dict from a configuration's
    number to its out-of-fold predictions, one row an item, with the column `fold`).
    """
    names = give_folds(items, folds=cv.folds, seed=seed)
    held_out = names.set_axis(items["id"])
    folds = {}
    for name in sorted(names.unique(), key=natural_key):
        parts = parts_of_fold(items, names, held_out=name, val=cv.val, seed=seed)
        folds[name] = fold_clips(clips, parts.set_axis(items["id"]))
    unwatched = [name for name, own in folds.items() if "val" not in set(own["split"])]
    if cv.val and unwatched:
        to_stderr(
            f"no group to spare for early stopping, all epochs are trained: folds {', '.join(unwatched)}"
        )
    shared = {"model": cv.model, "folder": folder, "classes": classes, "seed": seed}
    rows, predictions, kept = [], {}, []
    with tqdm(total=len(grid) * len(folds), desc="cv", unit=" folds", disable=None) as bar:
        for configuration in grid:
            tables = []
            for name, own in folds.items():
                table, epochs, file = run_fold(own, configuration, checkpoints=checkpoints, **shared)
                scores = fold_scores(table)
                rows.append({"configuration": configuration.number, "fold": name, **scores, "epochs": epochs})
                tables.append(table)
                kept.append(file)
                bar.update()
                to_stderr(f"{configuration.number}/{len(grid)} ({configuration}) · {line(rows[-1])}")
            whole = pd.concat(tables).set_index("id").loc[items["id"]].reset_index()
            predictions[configuration.number] = whole.assign(fold=held_out[whole["id"]].to_numpy())
    forget_others(kept)
    return pd.DataFrame(rows), predictions


def line(row):
    """A fold's scores in one line."""
    return (
        f"fold {row['fold']} · accuracy {row['accuracy']:.3f} F1 {row['macro_f1']:.3f} "
        f"log loss {row['log_loss']:.3f} · {row['n']} items, {row['epochs']} epochs"
    )


def fold_clips(clips, parts):
    """The clips as they take part while one fold is held out.

    clips : DataFrame as `labelled_rows` gives it; `copy`, where there is one, tells augmented copies (1, 2, …)
        from originals (0)
    parts : Series from id to train, val or test

    Copies are for training alone.
    """
    table = clips.assign(split=clips["id"].map(parts))
    if "copy" in table:
        table = table[(table["split"] == "train") | (table["copy"] == 0)]
    return table


def run_fold(clips, configuration, *, model, folder, classes, seed, checkpoints):
    """Train one configuration on a fold's training part and score what is held out, once.

    clips : DataFrame of `fold_clips`
    configuration : grid.Configuration
    model : str, the name in the zoo
    folder : path of `data/features/<view>`
    checkpoints : path of `.checkpoints`

    Returns (predictions by item of the held-out fold, the number of epochs trained, the file of the result).
    """
    parts = {
        part: open_clips(folder, shard=rows["shard"], row=rows["row"], labels=rows["target"])
        for part, rows in clips.groupby("split")
    }
    train, trainer = parts["train"], configuration.trainer
    outputs = outputs_of(len(classes))
    network = build_model(
        model, input_shape=train.shape, outputs=outputs, seed=seed, **configuration.settings
    )
    kept = checkpoint.directory(
        Path(checkpoints) / "cv",
        [model, configuration.settings, trainer.model_dump(), configuration.normalize, seed, classes],
        {part: fingerprint(own) for part, own in parts.items()},
        [clips["id"].tolist(), checkpoint.state_hash(network.state_dict()), code_hash("training")],
        [torch.__version__, str(devices.pick(trainer.device))],
    ).with_suffix(".json")
    if (result := _read(kept)) is not None:
        return pd.DataFrame(result["predictions"]), result["epochs"], kept

    network = normalized(network, train, how=configuration.normalize)
    fitted = fit(
        network,
        train=train,
        val=parts.get("val"),
        classes=classes,
        trainer=trainer,
        seed=seed,
        checkpoints=checkpoints,
        name="cv",
        say=aside,
    )
    if fitted.interrupted:
        raise EarshotError("cross-validation is stopped; finished folds are kept, `dvc repro cv` goes on")
    told = predict(network, parts["test"], device=trainer.device, threads=trainer.threads)
    predictions = by_item(clips[clips["split"] == "test"], told, classes=classes)
    epochs = len(fitted.history)
    write_json(kept, {"epochs": epochs, "predictions": predictions.to_dict("list")})
    checkpoint.remove(fitted.checkpoint)
    return predictions, epochs, kept


def forget_others(kept):
    """Removes the results that a complete run did not use.

    kept : list of paths, the files of the results that it used
    """
    for path in set(kept[0].parent.glob("*.json")) - set(kept):
        path.unlink()


def aside(text):
    """Says what the trainer says, but for its lines on epochs and validation: a fold gets one line."""
    if not text.startswith(("epoch ", "no validation clips")):
        to_stderr(text)


def _read(path):
    """A kept result, or None where there is none or it is damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
