"""The tables of the study's charts, of the models on the largest subset."""

from collections.abc import Mapping

import pandas as pd

from earshot.evaluation.compare import accuracy_by_classes, best_row, largest
from earshot.evaluation.curves import read_curves
from earshot.evaluation.metrics import confusion, confusion_matrix, reliability
from earshot.evaluation.predictions import Key, Results, checked, classes_of
from earshot.evaluation.training_length import TrainingLength


def chart_tables(
    summary: pd.DataFrame, results: Results, lengths: Mapping[Key, TrainingLength]
) -> dict[str, pd.DataFrame]:
    """The tables in plots/, by the names of their files."""
    return {
        "accuracy.csv": accuracy_by_classes(summary, {key: table for key, (_, table) in results.items()}),
        "curves.csv": curves(summary, lengths),
        "confusion.csv": best_confusion(summary, results),
        "reliability.csv": reliabilities(summary, results),
    }


def curves(summary: pd.DataFrame, lengths: Mapping[Key, TrainingLength]) -> pd.DataFrame:
    """`series`, then as `read_curves` gives the curves of training.

    lengths : by model, with the epochs whose weights are used
    """
    tables = [
        read_curves(model, [epoch for epoch, _ in lengths[model].runs]).assign(series=series)
        for series, model in _models(summary).items()
    ]
    return _series_first(pd.concat(tables, ignore_index=True))


def best_confusion(summary: pd.DataFrame, results: Results) -> pd.DataFrame:
    """`series,actual,predicted,count,share` of the best model's answers to the test items."""
    best = best_row(summary)
    predictions = checked(results[best["subset"], best["view"], best["model"]][1])
    matrix = confusion_matrix(confusion(predictions), classes_of(predictions))
    matrix.insert(0, "series", f"{best['model']} on {best['view']}")
    return matrix


def reliabilities(summary: pd.DataFrame, results: Results) -> pd.DataFrame:
    """`series`, then as `earshot.evaluation.metrics.reliability` gives them."""
    tables = [
        reliability(results[model][1]).assign(series=series) for series, model in _models(summary).items()
    ]
    return _series_first(pd.concat(tables, ignore_index=True))


def _series_first(table: pd.DataFrame) -> pd.DataFrame:
    return table[["series", *table.columns.drop("series")]]


def _models(summary: pd.DataFrame) -> dict[str, Key]:
    """The models on the largest subset, by `cnn on sound`."""
    rows = largest(summary)[["subset", "view", "model"]].itertuples(index=False, name=None)
    return {f"{model} on {view}": (subset, view, model) for subset, view, model in rows}
