"""What one table of predictions is worth: scores with intervals, calibration, confusion, scores per class."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.core.errors import list_problems
from earshot.core.rng import generator
from earshot.evaluation.intervals import proportion_interval, resampled_sums, standard_error
from earshot.evaluation.predictions import checked, classes_of, codes, group_codes, is_right

KEYS = [
    "accuracy",
    "accuracy_low",
    "accuracy_high",
    "balanced_accuracy",
    "macro_f1",
    "macro_f1_low",
    "macro_f1_high",
    "weighted_f1",
    "precision",
    "recall",
    "log_loss",
    "ece",
    "chance",
    "n_test",
]


def describe(
    predictions: pd.DataFrame, *, groups: pd.Series, classes: Sequence[str], seed: int
) -> dict[str, Any]:
    """The flat dict of `KEYS` for a table of predictions, as plain Python numbers.

    predictions : table, one row an item
    groups : Series from id to group, of exactly the items that were to be predicted
    classes : in class order
    seed : the study's

    `precision` and `recall` are means over classes; `log_loss` is in nats, probabilities clipped at float64's
    epsilon; `ece` is described at `reliability`; `chance` is 1/k for k classes, what guessing evenly gets
    whatever the class sizes. Low and high limits cover 95 %, by resampling groups.
    """
    table = checked(predictions, classes)
    missing = sorted(set(groups.index) - set(table["id"]))
    if missing:
        raise list_problems(
            f"{len(missing)} of {len(groups)} items have no prediction. Run the stage evaluate again:",
            missing,
        )
    k = len(classes)
    actual, predicted = codes(table)
    counts = class_counts(actual, predicted, k)
    result: dict[str, Any] = {name: float(value) for name, value in scores(counts.sum(axis=0)).items()}
    result |= intervals(counts, group_codes(table, groups), rng=generator(seed, "bootstrap"))
    bins = reliability(table)
    gaps = (bins["confidence"] - bins["accuracy"]).abs()
    result |= {
        "log_loss": log_loss(table),
        "ece": float((bins["count"] * gaps).sum() / len(table)),
        "chance": 1 / k,
        "n_test": len(table),
    }
    return {key: result[key] for key in KEYS}


def class_counts(actual: NDArray[np.int64], predicted: NDArray[np.int64], k: int) -> NDArray[np.uint8]:
    """Per item, one-hot: right in class c, of class c, predicted as class c. Shape (items, 3, k)."""
    of_class = np.eye(k, dtype=np.uint8)
    return np.stack([of_class[actual] * of_class[predicted], of_class[actual], of_class[predicted]], axis=1)


def scores(counts: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
    """Accuracy and scores over classes, from counts summed over items.

    counts : shape (..., 3, k), as `class_counts` orders them

    A precision or recall with nothing to divide by is 0, as in scikit-learn. A class that a resample neither
    holds nor predicts is left out of the mean F1.
    """
    right, actual, predicted = np.moveaxis(np.asarray(counts, dtype=float), -2, 0)  # each (..., k)
    n = actual.sum(axis=-1)
    recall = right / np.maximum(actual, 1)
    f1 = 2 * right / np.maximum(actual + predicted, 1)
    seen = actual + predicted > 0
    return {
        "accuracy": right.sum(axis=-1) / n,
        "balanced_accuracy": recall.mean(axis=-1),
        "macro_f1": f1.sum(axis=-1) / seen.sum(axis=-1),
        "weighted_f1": (f1 * actual).sum(axis=-1) / n,
        "precision": (right / np.maximum(predicted, 1)).mean(axis=-1),
        "recall": recall.mean(axis=-1),
    }


def intervals(
    counts: NDArray[np.uint8], groups: NDArray[np.int64], *, rng: np.random.Generator
) -> dict[str, float]:
    """95 % limits of accuracy and macro F1: `accuracy_low` to `macro_f1_high`.

    counts : shape (items, 3, k), as `class_counts` gives it
    groups : shape (items,)
    """
    sums = resampled_sums(counts.reshape(len(counts), -1), groups, rng=rng)
    resampled = scores(sums.reshape(-1, *counts.shape[1:]))
    point = scores(counts.sum(axis=0))
    sizes = np.bincount(groups)
    limits = {}
    for name in ("accuracy", "macro_f1"):
        error = standard_error(resampled[name], len(sizes))
        limits[f"{name}_low"], limits[f"{name}_high"] = proportion_interval(float(point[name]), error, sizes)
    return limits


def log_loss(predictions: pd.DataFrame) -> float:
    """Mean of -ln p(label) over items, in nats."""
    table = checked(predictions)
    own = table[list(classes_of(table))].to_numpy(dtype=float)[np.arange(len(table)), codes(table)[0]]
    return float(-np.log(np.clip(own, np.finfo(float).eps, 1)).mean())


def reliability(predictions: pd.DataFrame, *, bins: int = 10) -> pd.DataFrame:
    """Confidence against accuracy, one row a bin with items: `bin_low,bin_high,confidence,accuracy,count`.

    Confidence is the highest probability, in bins of equal width. The expected calibration error is the mean
    distance of the two, weighted by count: Guo et al. (2017), "On calibration of modern neural networks".
    """
    table = checked(predictions)
    confidence = table[classes_of(table)].to_numpy(dtype=float).max(axis=1)
    right = is_right(table)
    edges = np.linspace(0, 1, bins + 1)
    place = np.searchsorted(edges[1:-1], confidence)  # a bin holds its upper edge, not its lower one
    count = np.bincount(place, minlength=bins)
    held = np.flatnonzero(count)
    return pd.DataFrame(
        {
            "bin_low": edges[held],
            "bin_high": edges[held + 1],
            "confidence": np.bincount(place, confidence, bins)[held] / count[held],
            "accuracy": np.bincount(place, right, bins)[held] / count[held],
            "count": count[held],
        }
    )


def per_class(predictions: pd.DataFrame, classes: Sequence[str]) -> pd.DataFrame:
    """`class,precision,recall,f1,support`, one row a class in class order."""
    right, actual, predicted = class_counts(*codes(checked(predictions, classes)), len(classes)).sum(axis=0)
    return pd.DataFrame(
        {
            "class": list(classes),
            "precision": right / np.maximum(predicted, 1),
            "recall": right / actual,
            "f1": 2 * right / (actual + predicted),
            "support": actual.astype(int),
        }
    )


def confusion(predictions: pd.DataFrame) -> pd.DataFrame:
    """`actual,predicted`, one row an item."""
    table = checked(predictions)
    return pd.DataFrame({"actual": table["label"], "predicted": table["predicted"]})


def confusion_matrix(table: pd.DataFrame, classes: Sequence[str]) -> pd.DataFrame:
    """`actual,predicted,count,share`, one row a cell of the matrix, in class order; `share` is of the actual class.

    table : as `confusion` gives it
    """
    cells = pd.MultiIndex.from_product([classes, classes], names=["actual", "predicted"])
    counts = table.groupby(["actual", "predicted"]).size().reindex(cells, fill_value=0)
    matrix = counts.to_frame("count").reset_index()
    of_class = matrix.groupby("actual")["count"].transform("sum")
    return matrix.assign(share=matrix["count"] / of_class.clip(lower=1))
