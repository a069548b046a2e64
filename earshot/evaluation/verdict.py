"""What the numbers of a study say in plain sentences, and what they do not show."""

import math

from earshot.evaluation.intervals import items_needed
from earshot.evaluation.paired import SIGNIFICANT, shown
from earshot.evaluation.predictions import VIEWS, aligned, classes_of

FEW_GROUPS = 6


def warnings(results, summary, pairs, *, groups):
    """A list of sentences, one for each claim that a reader might make and the numbers do not support.

    results, groups : as `earshot.evaluation.compare` takes them
    summary, pairs : as `earshot.evaluation.compare` gives them

    A difference counts as shown where Holm's p is below 0.05 and the interval over groups leaves out 0.
    """
    found = []
    for subset, part in aligned(results).items():
        found += _about_groups(subset, next(iter(part.values())), groups)
        no_skill = _no_skill(part)
        rows = summary[summary["subset"] == subset]
        for row in rows.to_dict("records"):
            found += _about_chance(row, no_skill)
            if (rows["view"].eq("picture") & rows["model"].eq(row["model"])).any():
                found += _about_retention(row)
        family = pairs[pairs["subset"] == subset].to_dict("records")
        open_pairs = [pair for pair in family if not shown(pair)]
        for pair in open_pairs:
            found += _about_pair(pair, alpha=SIGNIFICANT / len(open_pairs))
    return found


def verdict(results, summary, pairs):
    """Three sentences on the largest subset: the best model, what the sound keeps of a picture, the control.

    Where nothing was a picture, the second tells how the best model does over classes, and how far it can be believed.

    results : as `earshot.evaluation.compare` takes them
    summary, pairs : as `earshot.evaluation.compare` gives them
    """
    subset, part = list(aligned(results).items())[-1]
    rows = summary[summary["subset"] == subset]
    view = next(view for view in VIEWS if (rows["view"] == view).any())
    return [_best(rows[rows["view"] == view], pairs), _kept(rows), _control(rows, _no_skill(part))]


def _best(rows, pairs):
    best, *others = _ranked(rows)
    told = (
        f"On {best['n_test']:,} test items of {_classes(best)}, {best['model']} on {best['view']} is right on "
        f"{_interval(best, 'accuracy')}, where guessing gets {_percent(best['chance'])}"
    )
    if not others:
        return f"{told}."
    second = others[0]
    names = {
        (best["view"], best["model"]),
        (second["view"], second["model"]),
    }  # a pair stands once, in any order
    pair = next(
        pair
        for pair in pairs[pairs["subset"] == best["subset"]].to_dict("records")
        if {(pair["first_view"], pair["first_model"]), (pair["second_view"], pair["second_model"])} == names
    )
    apart = "a difference that holds up" if shown(pair) else "too close to tell apart"
    return f"{told}; next comes {second['model']} with {_interval(second, 'accuracy')}, {apart}."


def _kept(rows):
    if not rows["view"].eq("picture").any():
        best = _ranked(rows[rows["view"] == rows["view"].iloc[0]])[0]
        return (
            f"Over classes its macro F1 is {_interval(best, 'macro_f1')}, and the confidence it states is off by "
            f"{100 * best['ece']:.1f} points on average."
        )
    kept = rows[(rows["view"] == "sound") & rows["retention"].notna()]
    if kept.empty:
        return "What the sound keeps of a picture is not measured: no model has learned from both to good effect."
    best = _ranked(kept)[0]
    told = (
        f"As sound the pictures keep {_interval(best, 'retention')} of what {best['model']} gets out of "
        f"the pictures themselves, counted above chance"
    )
    if not math.isnan(best["transfer"]):
        told += (
            f"; trained on the pictures and asked about what the sound gives back, it is right on "
            f"{_interval(best, 'transfer')}"
        )
    return f"{told}."


def _control(rows, no_skill):
    control = rows[rows["view"] == "shuffled"]
    if control.empty:
        return "No model was trained on shuffled labels, so a leak from test to training is not ruled out."
    worst = _ranked(control)[0]
    told = f"Trained on shuffled labels, {worst['model']} is right on {_interval(worst, 'accuracy')}"
    if worst["accuracy_low"] > no_skill:
        return f"{told}, above chance: the test items are not independent of the training items."
    return f"{told}, no better than chance, as it should be."


def _about_groups(subset, table, groups):
    n_groups = groups.loc[table["id"]].nunique()
    if n_groups == 1:
        yield f"subset {subset}: all test items are of one group, so the intervals speak of that group only."
    elif n_groups < FEW_GROUPS:
        yield (
            f"subset {subset}: the test items are of {n_groups} groups only, which is why the intervals are wide: "
            "they speak of groups not met before."
        )


def _about_chance(row, no_skill):
    low, high = row["accuracy_low"], row["accuracy_high"]
    told = f"{_name(row)}: right on {_interval(row, 'accuracy')}"
    if row["view"] == "shuffled":
        if low > no_skill:
            yield (
                f"{told} although its training labels are shuffled, more than the {_percent(no_skill)} of no skill: "
                "test items leak into training. Look for duplicates and for items that share a source."
            )
        elif high < row["chance"]:
            yield f"{told} with shuffled labels, less than chance ({_percent(row['chance'])}): look at the split."
    elif low <= no_skill:
        yield f"{told}, which is not shown to be better than the {_percent(no_skill)} of no skill."


def _about_retention(row):
    if row["view"] != "sound":
        return
    if math.isnan(row["retention"]):
        yield f"{_name(row)}: retention is undefined, as the picture model is no better than chance."
    elif math.isnan(row["retention_low"]):
        yield f"{_name(row)}: retention has no limits, as the picture model is not shown to beat chance."


def _about_pair(pair, *, alpha):
    """alpha : the level at which Holm tests the first of the pairs that are not shown to differ"""
    same_view = pair["first_view"] == pair["second_view"] != "shuffled"
    same_model = pair["first_model"] == pair["second_model"]
    asked = same_view or (same_model and {pair["first_view"], pair["second_view"]} == {"sound", "picture"})
    if not asked:
        return
    names = (
        f"{pair['first_model']} on {pair['first_view']} and {pair['second_model']} on {pair['second_view']}"
    )
    told = (
        f"subset {pair['subset']}: {names} differ by {100 * pair['difference']:+.1f} points "
        f"({100 * pair['difference_low']:+.1f} to {100 * pair['difference_high']:+.1f}, "
        f"p = {pair['p_holm']:.2g} after Holm), which is not significant"
    )
    discordant = (pair["only_first"] + pair["only_second"]) / pair["n"]
    needed = items_needed(pair["difference"], discordant, alpha=alpha) if pair["difference"] else 0
    if needed > pair["n"]:
        told += (
            f". To find a difference of that size takes about {needed:,} test items; there are {pair['n']:,}"
        )
    yield f"{told}."


def _ranked(rows):
    return rows.sort_values("accuracy", ascending=False, kind="stable").to_dict("records")


def _no_skill(part):
    """What guessing gets at best: 1/k, or the largest class's share of the test items."""
    table = next(iter(part.values()))
    return max(1 / len(classes_of(table)), float(table["label"].value_counts(normalize=True).iloc[0]))


def _name(row):
    return f"subset {row['subset']}: {row['model']} on {row['view']}"


def _classes(row):
    return f"{round(1 / row['chance'])} classes"


def _interval(row, key):
    value, low, high = row[key], row[f"{key}_low"], row[f"{key}_high"]
    if math.isnan(low):
        return f"{_percent(value)} (no limits can be given)"
    return f"{_percent(value)} ({100 * low:.1f} to {100 * high:.1f})"


def _percent(value):
    return f"{100 * value:.1f} %"
