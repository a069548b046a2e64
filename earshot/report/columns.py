"""The columns of the table of models: what each is called, and what it means in one sentence."""

import math
from typing import Any, NamedTuple

import pandas as pd

from earshot.core.io import records


class Column(NamedTuple):
    """A column of data/summary.csv on the page.

    key, name : in the table and on the page
    form : how `render` writes it: percent, count, decimal, deviation
    meaning : one sentence
    """

    key: str
    name: str
    form: str
    meaning: str


COLUMNS = (
    Column("accuracy", "Accuracy", "percent", "The share of test items whose class the model predicts."),
    Column(
        "runs", "Runs", "count", "How often the model was trained anew; its scores are means over these runs."
    ),
    Column(
        "accuracy_run_sd",
        "SD of runs",
        "deviation",
        "The standard deviation of accuracy between the runs, in points.",
    ),
    Column(
        "ensemble_accuracy",
        "Ensemble",
        "percent",
        "The accuracy of the probabilities averaged over runs.",
    ),
    Column(
        "macro_f1",
        "Macro F1",
        "percent",
        "The mean over classes of F1, which is high where few items of a class are missed and few are claimed wrongly.",
    ),
    Column(
        "positive_precision",
        "Precision of the second class",
        "percent",
        "Of two classes, the share of what is taken for the second one, the positive, that is of it.",
    ),
    Column(
        "positive_recall",
        "Recall of the second class",
        "percent",
        "Of two classes, the share of the second one, the positive, that is found.",
    ),
    Column(
        "ece",
        "ECE",
        "percent",
        "Expected calibration error: how far the stated confidence is from the share that is right, on average.",
    ),
    Column(
        "log_loss",
        "Log loss",
        "decimal",
        "The mean surprise about the true class, in nats: 0 is sure and right, and sure mistakes cost most.",
    ),
    Column(
        "ensemble_ece",
        "Ensemble ECE",
        "percent",
        "The calibration error of the probabilities averaged over runs, before they are calibrated.",
    ),
    Column(
        "calibrated_ece",
        "Calibrated ECE",
        "percent",
        "The same after it: of the probabilities that `earshot predict` gives.",
    ),
    Column(
        "ensemble_log_loss",
        "Ensemble log loss",
        "decimal",
        "The log loss of the probabilities averaged over runs, before they are calibrated.",
    ),
    Column(
        "calibrated_log_loss",
        "Calibrated log loss",
        "decimal",
        "The same after it: of the probabilities that `earshot predict` gives.",
    ),
    Column(
        "information_bits",
        "Information (bits)",
        "decimal",
        "The bits about the class that the model gets out of what it sees: the labels' entropy minus its log loss.",
    ),
    Column(
        "retention",
        "Retention",
        "percent",
        "The part of the picture model's accuracy above chance that the model on sound has; where there is a view "
        "colour, of the colour model's.",
    ),
    Column(
        "information_ratio",
        "Information ratio",
        "percent",
        "The information got out of the sound over that got out of the picture, or of the colour picture.",
    ),
    Column(
        "agreement",
        "Agreement",
        "percent",
        "How often the sound model and the model that its retention is of give the same answer, right or wrong.",
    ),
    Column(
        "transfer",
        "Transfer",
        "percent",
        "How right the picture model is, unchanged, about the pictures that come back from the sound.",
    ),
    Column("parameters", "Parameters", "count", "How many numbers the model has learned or keeps frozen."),
)
OF_RUNS = ("runs", "accuracy_run_sd", "ensemble_accuracy")  # they say nothing where each model has one run


def table(summary: pd.DataFrame) -> tuple[list[Column], list[dict[str, Any]]]:
    """The columns that say anything, and one dict a row: `subset, view, model` and of each column its cell.

    summary : data/summary.csv
    A cell is None, or a dict `value`, and `low, high` where the column has limits.
    """
    columns = [column for column in COLUMNS if column.key in summary and summary[column.key].notna().any()]
    if summary["runs"].eq(1).all():
        columns = [column for column in columns if column.key not in OF_RUNS]
    rows = []
    for row in records(summary):
        cells = {column.key: _cell(row, column.key) for column in columns}
        rows.append(
            {key: row[key] for key in ("subset", "view", "model", "chance", "n_test")} | {"cells": cells}
        )
    return columns, rows


def _cell(row: dict[str, Any], key: str) -> dict[str, float] | None:
    if math.isnan(row[key]):
        return None
    limits = {end: row.get(f"{key}_{end}", math.nan) for end in ("low", "high")}
    return {"value": row[key]} | ({} if math.isnan(limits["low"]) else limits)
