"""Models side by side on the same test items: the summary, every pair, what sound keeps of the picture.

`results` is a dict from (subset, view, model) to (metrics as `earshot.evidence.metrics.describe` gives them,
predictions). `groups` is a Series from id to group, of the whole test part or of all items.
"""

import math
from itertools import combinations

import numpy as np
import pandas as pd

from earshot.evidence import statistics
from earshot.evidence.information import information_ratio, usable_information
from earshot.evidence.predictions import aligned, classes_of, codes, group_codes
from earshot.seeds import generator


def summary(results, *, groups, seed):
    """One row a subset, view and model: the metrics, then `retention` with its limits and `information_bits`.

    Retention stands on the rows of view `sound` whose model has a `picture` row too; see `retention`.
    """
    rows = []
    for subset, part in aligned(results).items():
        right, resampled, sizes = _right(part, groups, seed)
        for place, (view, model) in enumerate(part):
            kept = (math.nan, math.nan, math.nan)
            if view == "sound" and ("picture", model) in part:
                pair = [place, list(part).index(("picture", model))]
                chance = 1 / len(classes_of(part[view, model]))
                kept = retention(*right[:, pair].T, *resampled[:, pair].T, sizes=sizes, chance=chance)
            rows.append(
                {"subset": subset, "view": view, "model": model}
                | results[subset, view, model][0]
                | dict(zip(["retention", "retention_low", "retention_high"], kept, strict=True))
                | {"information_bits": usable_information(part[view, model])}
            )
    return pd.DataFrame(rows)


def retention(sound_right, picture_right, sound_resampled, picture_resampled, *, sizes, chance):
    """The part of the picture model's accuracy above chance that the sound model has, as (value, low, high).

    sound_right, picture_right : arrays of bool, shape (items,)
    sound_resampled, picture_resampled : accuracies on the same resampled groups, shape (resamples,)
    sizes : items in each group

    (sound - chance) / (picture - chance), with Fieller's interval; where neither varies, the limits are those
    of the two accuracies taken together. All NaN where the picture model is not above chance; limits NaN
    where its distance from chance is not shown to differ from 0.
    """
    sound, picture = sound_right.mean() - chance, picture_right.mean() - chance
    if picture <= 1e-12:
        return math.nan, math.nan, math.nan
    value = float(sound / picture)
    if np.ptp(sound_resampled) > 1e-12 or np.ptp(picture_resampled) > 1e-12:
        resampled = sound_resampled - chance, picture_resampled - chance
        return value, *statistics.ratio_interval(sound, picture, *resampled, len(sizes))
    low, high = statistics.proportion_interval(float(sound_right.mean()), 0.0, sizes)
    picture_low, picture_high = statistics.proportion_interval(float(picture_right.mean()), 0.0, sizes)
    if picture_low <= chance:
        return value, math.nan, math.nan
    # Not simply low / high: where the sound is below chance, the larger divisor gives the larger ratio.
    ratios = [
        (limit - chance) / (edge - chance) for limit in (low, high) for edge in (picture_low, picture_high)
    ]
    return value, min(ratios), max(ratios)


def pairs(results, *, groups, seed):
    """Every two of a subset's (view, model) on its test items: their difference, and whether it is one.

    `difference` is the first's accuracy minus the second's, with its paired interval over groups. `p_holm` is
    corrected over the pairs of one subset: one test part and one question, which of these models differ.
    Subsets are nested, and each is read on its own.
    """
    tables = []
    for subset, part in aligned(results).items():
        right, resampled, sizes = _right(part, groups, seed)
        rows = []
        for (i, first), (j, second) in combinations(enumerate(part), 2):
            only_first, only_second, p = statistics.mcnemar(right[:, i], right[:, j])
            difference = (only_first - only_second) / len(right)
            error = statistics.standard_error(resampled[:, i] - resampled[:, j], len(sizes))
            low, high = statistics.difference_interval(difference, error, sizes)
            rows.append(
                (subset, *first, *second, len(right), only_first, only_second, difference, low, high, p)
            )
        tables.append(pd.DataFrame(rows, columns=PAIR_COLUMNS))
        tables[-1]["p_holm"] = statistics.holm(tables[-1]["p"])
    return pd.concat(tables, ignore_index=True)


PAIR_COLUMNS = [
    *("subset", "first_view", "first_model", "second_view", "second_model"),
    *("n", "only_first", "only_second"),
    *("difference", "difference_low", "difference_high", "p"),
]


def agreement(results, *, groups, seed):
    """How often the sound model and the picture model of one kind give the same answer, right or wrong.

    `subset,model,n,agreement,agreement_low,agreement_high,kappa`; kappa is Cohen's (1960), agreement beyond
    what the two models' shares of each class give by chance, and NaN where both name one class only.
    """
    rows = []
    for subset, part in aligned(results).items():
        for view, model in part:
            if view != "sound" or ("picture", model) not in part:
                continue
            sound, picture = part["sound", model], part["picture", model]
            same = (sound["predicted"] == picture["predicted"]).to_numpy()
            units = group_codes(sound, groups)
            resampled = _resampled_means(same[:, None], units, seed)[:, 0]
            sizes = np.bincount(units)
            error = statistics.standard_error(resampled, len(sizes))
            low, high = statistics.proportion_interval(float(same.mean()), error, sizes)
            k = len(classes_of(sound))
            shares = [np.bincount(codes(table)[1], minlength=k) / len(same) for table in (sound, picture)]
            by_chance = shares[0] @ shares[1]
            kappa = (same.mean() - by_chance) / (1 - by_chance) if by_chance < 1 else math.nan
            rows.append((subset, model, len(same), float(same.mean()), low, high, float(kappa)))
    columns = ["subset", "model", "n", "agreement", "agreement_low", "agreement_high", "kappa"]
    return pd.DataFrame(rows, columns=columns)


def information_ratios(summary):
    """`subset,model,information_ratio`: usable bits in the sound over those in the picture."""
    bits = summary.set_index(["subset", "view", "model"])["information_bits"]
    rows = [
        (subset, model, information_ratio(value, bits[subset, "picture", model]))
        for (subset, view, model), value in bits.items()
        if view == "sound" and (subset, "picture", model) in bits.index
    ]
    return pd.DataFrame(rows, columns=["subset", "model", "information_ratio"])


def summary_metrics(summary, *, warnings):
    """{subset: {view: {model: {"accuracy", "retention"}}}, "warnings": count}, small enough to read as a diff.

    warnings : list of str; DVC drops lists from metrics, so only their number goes in
    """
    tree = {}
    for row in summary.to_dict("records"):
        leaf = {key: row[key] for key in ("accuracy", "retention") if not math.isnan(row[key])}
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


def _right(part, groups, seed):
    """Right or not, shape (items, models); resampled accuracies, (resamples, models); group sizes."""
    units = group_codes(next(iter(part.values())), groups)
    right = np.stack([(table["label"] == table["predicted"]).to_numpy() for table in part.values()], axis=1)
    return right, _resampled_means(right, units, seed), np.bincount(units)


def _resampled_means(values, units, seed):
    counts = np.column_stack([values, np.ones(len(values), dtype=bool)])
    sums = statistics.resampled_sums(counts, units, rng=generator(seed, "bootstrap"))
    return sums[:, :-1] / sums[:, -1:]
