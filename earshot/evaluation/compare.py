"""Models side by side on the same test items: the summary, every pair, what sound keeps of the picture.

Conventions: `results` holds every model's metrics, as `earshot.evaluation.metrics.describe` gives them, and
predictions. `groups` is a Series from id to group, of the whole test part or of all items.
"""

import math
from itertools import combinations
from typing import Any

import pandas as pd

from earshot.core.io import records
from earshot.evaluation import intervals, paired
from earshot.evaluation.information import usable_information
from earshot.evaluation.predictions import VIEWS, Results, aligned, group_codes
from earshot.evaluation.retention import KEYS, retention_scores

PAIR_COLUMNS = ["subset", "first_view", "first_model", "second_view", "second_model", *paired.COLUMNS]


def summary(
    results: Results, transfers: dict[tuple[int, str], pd.DataFrame], *, groups: pd.Series, seed: int
) -> pd.DataFrame:
    """One row a subset, view and model: the metrics, `information_bits`, then `earshot.evaluation.retention.KEYS`.

    transfers : by (subset, model), what the picture model says of the pictures that sounds give back

    What sound keeps stands on the rows of view `sound` whose model has a `picture` row too.
    """
    rows = []
    for subset, part in aligned(results).items():
        units = group_codes(next(iter(part.values())), groups)
        for (view, model), predictions in part.items():
            row = {"subset": subset, "view": view, "model": model, **results[subset, view, model][0]}
            row["information_bits"] = usable_information(predictions)
            if view == "sound" and ("picture", model) in part:
                others = part["picture", model], transfers.get((subset, model))
                row |= retention_scores(predictions, *others, units=units, seed=seed)
            rows.append(row)
    return pd.DataFrame(rows).reindex(columns=[*rows[0], *(key for key in KEYS if key not in rows[0])])


def pairs(results: Results, *, groups: pd.Series, seed: int) -> pd.DataFrame:
    """Every two of a subset's (view, model) on its test items: their difference, its interval and p-value.

    `difference` is the first's accuracy minus the second's, with its paired interval over groups. `p_holm` is
    corrected over the pairs of one subset: one test part and one question, which of these models differ.
    Subsets are nested, and each is read on its own.
    """
    tables = []
    for subset, part in aligned(results).items():
        units = group_codes(next(iter(part.values())), groups)
        right, resampled, sizes = paired.answers(part.values(), units, seed=seed)
        rows = []
        for (i, first), (j, second) in combinations(enumerate(part), 2):
            difference = paired.difference(right, resampled, sizes, i, j)
            rows.append((subset, *first, *second, *difference.values()))
        table = pd.DataFrame(rows, columns=PAIR_COLUMNS)
        tables.append(table.assign(p_holm=intervals.holm(table["p"].to_numpy())))
    return pd.concat(tables, ignore_index=True)


def ranked(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a summary as dicts, the most accurate first."""
    return records(rows.sort_values("accuracy", ascending=False, kind="stable"))


def best_row(summary: pd.DataFrame) -> dict[str, Any]:
    """The most accurate model of the largest subset, on the sound where there is one: the verdict speaks of it."""
    rows = largest(summary)
    view = next(view for view in VIEWS if (rows["view"] == view).any())
    return ranked(rows[rows["view"] == view])[0]


def largest(summary: pd.DataFrame) -> pd.DataFrame:
    """The rows of the subset with the most classes."""
    return summary[summary["chance"].eq(summary["chance"].min())]


def summary_metrics(summary: pd.DataFrame, *, warnings: int) -> dict[str, Any]:
    """{subset: {view: {model: {"accuracy", "retention", "transfer"}}}, "warnings": count}: short, to read as a diff."""
    tree: dict[str, Any] = {}
    for row in records(summary):
        leaf = {key: row[key] for key in ("accuracy", "retention", "transfer") if not math.isnan(row[key])}
        tree.setdefault(str(row["subset"]), {}).setdefault(row["view"], {})[row["model"]] = leaf
    return tree | {"warnings": warnings}


def accuracy_by_classes(summary: pd.DataFrame) -> pd.DataFrame:
    """`series,view,model,classes,accuracy,accuracy_low,accuracy_high`; chance is a series like the others."""
    columns = ["series", "view", "model", "classes", "accuracy", "accuracy_low", "accuracy_high"]
    classes = (1 / summary["chance"]).round().astype(int)
    rows = summary.assign(series=summary["model"] + " on " + summary["view"], classes=classes)[columns]
    chances = summary.assign(
        series="chance",
        view="chance",
        model="",
        classes=classes,
        **dict.fromkeys(columns[-3:], summary["chance"]),
    ).drop_duplicates("classes")
    return pd.concat([rows, chances[columns]], ignore_index=True)
