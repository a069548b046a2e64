"""Models side by side on the same test items: the summary, every pair, what sound keeps of the picture.

`results` is a dict from (subset, view, model) to (metrics as `earshot.evaluation.metrics.describe` gives them,
predictions). `groups` is a Series from id to group, of the whole test part or of all items.
"""

import math
from itertools import combinations

import pandas as pd

from earshot.evaluation import intervals, paired
from earshot.evaluation.information import usable_information
from earshot.evaluation.predictions import aligned, group_codes
from earshot.evaluation.retention import KEYS, kept


def summary(results, transfers, *, groups, seed):
    """One row a subset, view and model: the metrics, `information_bits`, then `earshot.evaluation.retention.KEYS`.

    transfers : dict from (subset, model) to what the picture model says of the pictures that sounds give back

    What sound keeps stands on the rows of view `sound` whose model has a `picture` row too.
    """
    rows = []
    for subset, part in aligned(results).items():
        units = group_codes(next(iter(part.values())), groups)
        for (view, model), predictions in part.items():
            row = {"subset": subset, "view": view, "model": model} | results[subset, view, model][0]
            row["information_bits"] = usable_information(predictions)
            if view == "sound" and ("picture", model) in part:
                others = part["picture", model], transfers.get((subset, model))
                row |= kept(predictions, *others, units=units, seed=seed)
            rows.append(row)
    return pd.DataFrame(rows).reindex(columns=[*rows[0], *(key for key in KEYS if key not in rows[0])])


def pairs(results, *, groups, seed):
    """Every two of a subset's (view, model) on its test items: their difference, and whether it is one.

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
            told = paired.difference(right, resampled, sizes, i, j)
            rows.append((subset, *first, *second, *told.values()))
        tables.append(pd.DataFrame(rows, columns=PAIR_COLUMNS))
        tables[-1]["p_holm"] = intervals.holm(tables[-1]["p"])
    return pd.concat(tables, ignore_index=True)


PAIR_COLUMNS = ["subset", "first_view", "first_model", "second_view", "second_model", *paired.COLUMNS]


def summary_metrics(summary, *, warnings):
    """{subset: {view: {model: {"accuracy", "retention", "transfer"}}}, "warnings": count}: short, to read as a diff.

    warnings : list of str; DVC drops lists from metrics, so only their number goes in
    """
    tree = {}
    for row in summary.to_dict("records"):
        leaf = {key: row[key] for key in ("accuracy", "retention", "transfer") if not math.isnan(row[key])}
        tree.setdefault(str(row["subset"]), {}).setdefault(row["view"], {})[row["model"]] = leaf
    return tree | {"warnings": len(warnings)}


def accuracy_by_classes(summary):
    """`series,view,model,classes,accuracy,accuracy_low,accuracy_high`; chance is a series like the others."""
    columns = ["series", "view", "model", "classes", "accuracy", "accuracy_low", "accuracy_high"]
    rows = summary.assign(series=_series(summary), classes=_n_classes(summary))[columns]
    chances = summary.assign(
        series="chance",
        view="chance",
        model="",
        classes=_n_classes(summary),
        **dict.fromkeys(columns[-3:], summary["chance"]),
    ).drop_duplicates("classes")
    return pd.concat([rows, chances[columns]], ignore_index=True)


def bars(summary):
    """`classes,series,view,model,metric,value`, one row a bar: accuracy and the means over classes."""
    return summary.assign(series=_series(summary), classes=_n_classes(summary)).melt(
        id_vars=["classes", "series", "view", "model"],
        value_vars=["accuracy", "precision", "recall", "macro_f1"],
        var_name="metric",
    )


def _series(summary):
    return summary["model"] + " on " + summary["view"]


def _n_classes(summary):
    return (1 / summary["chance"]).round().astype(int)
