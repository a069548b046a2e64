"""What the folds say of the configurations: scores, their spread, and which one to take."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from earshot.core.io import records
from earshot.evaluation.metrics import class_counts, scores
from earshot.evaluation.predictions import classes_of, codes
from earshot.evaluation.rounding import rounded, rounded_values

MEASURES = ("accuracy", "macro_f1", "log_loss")
POINTS = ["settings", "fold", "score", "mean", "low", "high"]


def fold_scores(predictions: pd.DataFrame) -> dict[str, Any]:
    """`n, accuracy, macro_f1, log_loss` of a table of predictions, one row an item.

    A class that a fold neither holds nor predicts is left out of its macro F1. Log loss is in nats.
    """
    actual, predicted = codes(predictions)
    classes = classes_of(predictions)
    over_classes = scores(class_counts(actual, predicted, len(classes)).sum(axis=0))
    own = predictions[classes].to_numpy(dtype=float)[np.arange(len(actual)), actual]
    loss = -np.log(np.clip(own, np.finfo(float).eps, 1)).mean()
    return {
        "n": len(actual),
        "accuracy": float(over_classes["accuracy"]),
        "macro_f1": float(over_classes["macro_f1"]),
        "log_loss": rounded(loss),
    }


def configuration_scores(folds: pd.DataFrame, *, select: str) -> pd.DataFrame:
    """One row a configuration: its mean over the folds, their spread, and the interval of the mean.

    folds : DataFrame `configuration, fold, accuracy, macro_f1, log_loss`, one row a configuration and fold
    select : "accuracy" or "macro_f1"; the best comes first, of equals the earlier

    Returns DataFrame `configuration, folds`, and of each measure `_mean, _std, _low, _high`. The deviation is
    between folds; the limits are 95 % by Student's t. Folds share training items, so that they vary less than
    independent studies would: Bengio and Grandvalet (2004), "No unbiased estimator of the variance of k-fold
    cross-validation". The first row's mean is the highest of all on the folds that chose it, which flatters it:
    see `chosen_elsewhere`.
    """
    rows = []
    for number, own in folds.groupby("configuration"):
        row = {"configuration": number, "folds": len(own)}
        for measure in MEASURES:
            mean, std = own[measure].mean(), own[measure].std(ddof=1)
            half = stdtrit(len(own) - 1, 0.975) * std / math.sqrt(len(own))
            top = math.inf if measure == "log_loss" else 1.0
            row |= {f"{measure}_mean": mean, f"{measure}_std": std}
            row |= {f"{measure}_low": max(0.0, mean - half), f"{measure}_high": min(top, mean + half)}
        rows.append(rounded_values(row))
    table = pd.DataFrame(rows).assign(rank=lambda made: made[f"{select}_mean"].round(12))
    table = table.sort_values(["rank", "configuration"], ascending=[False, True], ignore_index=True)
    return table.drop(columns="rank")


def chosen_elsewhere(folds: pd.DataFrame, *, measure: str, select: str) -> float:
    """The mean of a measure when each fold is scored by the configuration that the other folds choose.

    folds, select : as `configuration_scores` takes them

    No fold has a say in the choice that it scores, so the best of many is not flattered by having been lucky.
    """
    choosing = folds.pivot(index="fold", columns="configuration", values=select)
    scored = folds.pivot(index="fold", columns="configuration", values=measure)
    chosen = [choosing.drop(index=fold).mean().round(12).idxmax() for fold in choosing.index]
    return float(
        np.mean([scored.loc[fold, number] for fold, number in zip(scored.index, chosen, strict=True)])
    )


def cv_metrics(
    folds: pd.DataFrame, table: pd.DataFrame, predictions: pd.DataFrame, *, select: str
) -> dict[str, Any]:
    """The flat dict of `metrics/cv.json`: the best configuration's scores, and what its choice is worth.

    folds, select : as `configuration_scores` takes them, and `table` as it gives it
    predictions : the best configuration's, of all held-out items, with the column `fold`
    """
    honest = {
        f"{measure}_chosen_elsewhere": chosen_elsewhere(folds, measure=measure, select=select)
        for measure in MEASURES
    }
    pooled = fold_scores(predictions.drop(columns="fold"))
    return {
        "configurations": len(table),
        **records(table.astype(object).head(1))[0],
        **honest,
        **{f"out_of_fold_{key}": value for key, value in pooled.items()},
    }


def fold_points(
    folds: pd.DataFrame, table: pd.DataFrame, *, settings: Mapping[int, str], select: str
) -> pd.DataFrame:
    """The points of the plot: `settings,fold,score,mean,low,high`, the best configuration's first.

    table : DataFrame of `configuration_scores`
    settings : a configuration's words by its number
    """
    own = table[["configuration", f"{select}_mean", f"{select}_low", f"{select}_high"]]
    own = own.set_axis(["configuration", "mean", "low", "high"], axis=1)
    points = own.merge(folds[["configuration", "fold", select]], on="configuration")
    words = [f"{number}: {settings[number]}" for number in points["configuration"]]
    points = points.assign(settings=words, score=points[select])
    return points[POINTS]


def empty_tables() -> dict[str, pd.DataFrame]:
    """The tables of a study without cross-validation: their first columns, and no rows."""
    return {
        "folds": pd.DataFrame(columns=["configuration", "fold", "n", *MEASURES, "epochs"]),
        "configs": pd.DataFrame(columns=["configuration", "folds"]),
        "predictions": pd.DataFrame(columns=["id", "label", "predicted", "fold"]),
        "plot": pd.DataFrame(columns=POINTS),
    }
