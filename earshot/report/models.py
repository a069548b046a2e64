"""What the page tells of one model: how it learned, what it mixes up, how far it can be believed."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from earshot.core import paths
from earshot.core.io import read_json, read_table, records
from earshot.evaluation.curves import read_curves
from earshot.evaluation.intervals import proportion_interval
from earshot.evaluation.predictions import Key
from earshot.evaluation.runs import out_of_line, run_accuracies
from earshot.evaluation.variance import Spread
from earshot.explanation.faithfulness import doubts
from earshot.models.card import RunFacts, read_card
from earshot.report.two_classes import two_classes

SCORES = ("accuracy", "accuracy_low", "accuracy_high", "ensemble_accuracy", "macro_f1", "ece", "n_test")
MOST_GROUPS = 30  # of a chart
MIXED_UP = 200  # cells of a confusion matrix beside its diagonal that are kept, the fullest ones


def describe(
    model: Key, scores: Mapping[str, Any], predictions: pd.DataFrame, subgroups: pd.DataFrame
) -> dict[str, Any]:
    """One model as plain data.

    scores : its row of data/summary.csv
    predictions : of all its runs
    subgroups : data/subgroups.csv
    """
    card = read_card(paths.model(*model))
    maps = read_json(paths.gradcam_metrics(*model))
    subset, view, name = model
    return {
        "subset": str(subset),
        "view": view,
        "model": name,
        "classes": card.classes,
        "parameters": card.parameters,
        **{key: scores[key] for key in SCORES},
        "accuracy_run_sd": scores["accuracy_run_sd"] if len(card.runs) > 1 else None,
        "runs": runs(card.runs, predictions),
        "curves": _records(read_curves(model, [run.epoch for run in card.runs])),
        "confusion": {part: confusion(model, part) for part in ("train", "test")},
        "subgroups": in_subgroups(subgroups, model),
        "perClass": _records(read_table(paths.per_class(*model))),
        "reliability": _records(with_limits(read_table(paths.reliability(*model)), runs=len(card.runs))),
        "maps": maps,
        "methods": _records(read_table(paths.gradcam(*model) / "methods.csv")),
        "doubts": doubts(maps),
        "twoClasses": None
        if len(card.classes) != 2 or view == "shuffled"
        else two_classes(
            predictions,
            read_table(paths.decisions(*model) / "operating.csv"),
            validated=card.calibrated_on > 0,
        ),
    }


def runs(facts: Sequence[RunFacts], predictions: pd.DataFrame) -> list[dict[str, Any]]:
    """`run, accuracy, epoch, epochs, outOfLine` of each run; `epoch` is the one whose weights are used, of `epochs`."""
    accuracies = run_accuracies(predictions)
    apart = out_of_line(accuracies, n_test=predictions["id"].nunique())
    return [
        {"run": run, "accuracy": accuracies[run], "epoch": about.epoch, "epochs": about.epochs_trained}
        | {"outOfLine": run in apart}
        for run, about in enumerate(facts, 1)
    ]


def with_limits(bins: pd.DataFrame, *, runs: int) -> pd.DataFrame:
    """The bins of a reliability diagram with `low` and `high` of their accuracy, Wilson's limits of 95 %.

    bins : as `earshot.evaluation.metrics.reliability` gives them, of all runs together

    An item counts once, however many runs answer it: their answers are not independent.
    """
    limits = []
    for accuracy, count in zip(bins["accuracy"], bins["count"], strict=True):
        items = max(1, round(count / runs))
        spread = Spread(accuracy * (1 - accuracy) / items, items - 1, 0.0, 1.0)
        limits.append(proportion_interval(accuracy, spread, np.ones(items, dtype=np.int64)))
    return bins.assign(low=[low for low, _ in limits], high=[high for _, high in limits])


def in_subgroups(table: pd.DataFrame, model: Key) -> list[dict[str, Any]]:
    """`by, rows, left_out` of each way to look at parts of the test items; of groups the `MOST_GROUPS` lowest are kept.

    table : data/subgroups.csv
    """
    subset, view, name = model
    own = table[(table["subset"] == subset) & (table["view"] == view) & (table["model"] == name)]
    return [
        {"by": by, "rows": _records(rows.head(MOST_GROUPS)), "left_out": max(0, len(rows) - MOST_GROUPS)}
        for by, rows in own.groupby("by", sort=False)
    ]


def confusion(model: Key, part: str) -> dict[str, Any]:
    """The cells of a confusion matrix that hold anything, all runs together: `actual, predicted, count, share`.

    `share` is of the actual class. The diagonal is kept whole; beside it the `MIXED_UP` fullest cells, and `left_out`
    counts the others.
    """
    table = read_table(paths.plots("confusion", *model) / f"{part}.csv")
    cells = table.groupby(["actual", "predicted"], sort=False).size().rename("count").reset_index()
    cells["share"] = cells["count"] / cells.groupby("actual")["count"].transform("sum")
    right = cells["actual"] == cells["predicted"]
    wrong = cells[~right].sort_values(["count", "actual", "predicted"], ascending=[False, True, True])
    fullest = pd.concat([cells[right], wrong.head(MIXED_UP)])
    return {"cells": _records(fullest), "left_out": max(0, len(wrong) - MIXED_UP), "items": len(table)}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts, numbers to six figures: what is drawn and read, not computed with."""
    rows = records(table)
    return [
        {key: float(f"{value:.6g}") if isinstance(value, float) else value for key, value in row.items()}
        for row in rows
    ]
