"""What one table of predictions is worth: scores with intervals, calibration, confusion, scores per class."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.core.errors import list_problems
from earshot.core.rng import generator
from earshot.evaluation.intervals import proportion_interval
from earshot.evaluation.predictions import (
    averaged,
    calibrated,
    checked,
    classes_of,
    codes,
    group_codes,
    is_right,
    right_by_run,
    run_count,
    runs_of,
)
from earshot.evaluation.resampling import resampled_sums
from earshot.evaluation.rounding import rounded
from earshot.evaluation.variance import components, resampled_components, spread

KEYS = [
    "accuracy",
    "accuracy_low",
    "accuracy_high",
    "accuracy_run_sd",
    "ensemble_accuracy",
    "balanced_accuracy",
    "macro_f1",
    "macro_f1_low",
    "macro_f1_high",
    "macro_f1_run_sd",
    "ensemble_macro_f1",
    "weighted_f1",
    "precision",
    "recall",
    "log_loss",
    "ece",
    "ensemble_log_loss",
    "ensemble_ece",
    "calibrated_log_loss",
    "calibrated_ece",
    "temperature",
    "chance",
    "n_test",
    "runs",
]
POSITIVE = ["positive_precision", "positive_recall"]  # of a study of two classes besides


def describe(
    predictions: pd.DataFrame,
    *,
    groups: pd.Series,
    classes: Sequence[str],
    seed: int,
    temperature: float = 1.0,
) -> dict[str, Any]:
    """The flat dict of `KEYS` for a table of predictions, as plain Python numbers, and `POSITIVE` of two classes.

    predictions : table, one row a run and item
    groups : Series from id to group, of exactly the items that were to be predicted
    classes : in class order
    seed : the study's
    temperature : the model's, of its probabilities averaged over runs

    Scores are means over runs; `_run_sd` is the standard deviation between them (None for one run), and
    `ensemble_` the score of the probabilities averaged over runs, `calibrated_` that of these at the
    temperature, which is what `earshot predict` answers with. `precision` and `recall` are means over classes;
    `log_loss` is in nats, probabilities clipped at float64's epsilon; `ece` is described at `reliability`; `chance` is
    1/k for k classes, what guessing evenly gets whatever the class sizes. Low and high limits cover 95 %.

    Of two classes the second is the positive one: `positive_precision` is the share of what is taken for it that is of
    it, `positive_recall` the share of it that is found.
    """
    table = checked(predictions, classes)
    missing = sorted(set(groups.index) - set(table["id"]))
    if missing:
        raise list_problems(
            f"{len(missing)} of {len(groups)} items have no prediction. Run the stage evaluate again:",
            missing,
        )
    k, runs = len(classes), runs_of(table)
    counts = [class_counts(*codes(run), k) for run in runs]
    of_runs = pd.DataFrame([scores(own.sum(axis=0)) for own in counts])
    result: dict[str, Any] = {str(name): value for name, value in of_runs.mean().items()}
    ensemble = averaged(table)
    counts_of_ensemble = [class_counts(*codes(run), k).sum(axis=0) for run in runs_of(ensemble)]
    of_ensemble = pd.DataFrame([scores(own) for own in counts_of_ensemble]).mean()
    for name in ("accuracy", "macro_f1"):
        result[f"{name}_run_sd"] = of_runs[name].std(ddof=1) if len(runs) > 1 else None
        result[f"ensemble_{name}"] = of_ensemble[name]
    result |= limits(table, counts, of_runs["macro_f1"].to_numpy(), groups=groups, seed=seed)
    tables = {"": table, "ensemble_": ensemble, "calibrated_": calibrated(ensemble, temperature)}
    for prefix, own in tables.items():
        result[f"{prefix}log_loss"] = log_loss(own)
        result[f"{prefix}ece"] = np.mean([calibration_error(run) for run in runs_of(own)])
    result |= {
        "temperature": temperature,
        "chance": 1 / k,
        "n_test": len(runs[0]),
        "runs": len(runs),
    }
    result |= positive_scores(counts) if k == 2 else {}
    return {key: rounded(result[key]) for key in [*KEYS, *POSITIVE] if key in result}


def positive_scores(counts: Sequence[NDArray[np.uint8]]) -> dict[str, float]:
    """Precision and recall of the second of two classes, means over runs; 0 where there is nothing to divide by.

    counts : of each run, shape (items, 3, 2), as `class_counts` gives it
    """
    sums = np.array([own.sum(axis=0, dtype=int)[:, 1] for own in counts])  # (runs, 3)
    right, actual, predicted = sums.T
    shares = right / np.maximum(predicted, 1), right / np.maximum(actual, 1)
    return {name: float(share.mean()) for name, share in zip(POSITIVE, shares, strict=True)}


def limits(
    table: pd.DataFrame,
    counts: Sequence[NDArray[np.uint8]],
    macro_f1: NDArray[np.float64],
    *,
    groups: pd.Series,
    seed: int,
) -> dict[str, float]:
    """95 % limits of accuracy and macro F1: `accuracy_low` to `macro_f1_high`.

    counts : of each run, shape (items, 3, k), as `class_counts` gives it
    macro_f1 : of each run, which is no sum over items, so that groups are resampled
    """
    units = group_codes(table, groups)
    sizes, k = np.bincount(units), counts[0].shape[-1]
    resampled = []
    for own in counts:  # each with the generator anew: runs share the draws
        sums = resampled_sums(own.reshape(len(own), -1), units, rng=generator(seed, "bootstrap"))
        resampled.append(scores(sums.reshape(-1, 3, k))["macro_f1"])
    scored = {
        "accuracy": components(right_by_run(table), units),
        "macro_f1": resampled_components(macro_f1, np.stack(resampled), len(sizes)),
    }
    ends = {}
    for name, parts in scored.items():
        interval = proportion_interval(parts.value, spread(parts.v_g, parts), sizes)
        ends[f"{name}_low"], ends[f"{name}_high"] = interval
    return ends


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


def log_loss(predictions: pd.DataFrame) -> float:
    """Mean of -ln p(label) over items, in nats."""
    table = checked(predictions)
    own = table[list(classes_of(table))].to_numpy(dtype=float)[np.arange(len(table)), codes(table)[0]]
    return float(-np.log(np.clip(own, np.finfo(float).eps, 1)).mean())


def calibration_error(predictions: pd.DataFrame) -> float:
    """The expected calibration error: the mean distance of confidence and accuracy in the bins of `reliability`."""
    bins = reliability(predictions)
    gaps = (bins["confidence"] - bins["accuracy"]).abs()
    return float((bins["count"] * gaps).sum() / bins["count"].sum())


def reliability(predictions: pd.DataFrame, *, bins: int = 10) -> pd.DataFrame:
    """Confidence against accuracy, one row a bin with items: `bin_low,bin_high,confidence,accuracy,count`.

    All runs together. Confidence is the highest probability, in bins of equal width: Guo et al. (2017), "On
    calibration of modern neural networks".
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
    """`class,precision,recall,f1,support`, one row a class in class order: all runs together, `support` in items."""
    table = checked(predictions, classes)
    right, actual, predicted = class_counts(*codes(table), len(classes)).sum(axis=0, dtype=int)
    return pd.DataFrame(
        {
            "class": list(classes),
            "precision": right / np.maximum(predicted, 1),
            "recall": right / actual,
            "f1": 2 * right / (actual + predicted),
            "support": actual // run_count(table),
        }
    )


def confusion(predictions: pd.DataFrame) -> pd.DataFrame:
    """`actual,predicted`, one row a run and item."""
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
