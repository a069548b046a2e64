"""What else the numbers of a study say, in a few sentences beside the verdict."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from earshot.config.base import View
from earshot.config.views import VIEWS, ceiling
from earshot.evaluation.compare import best_row
from earshot.evaluation.predictions import Key, classes_of, is_right, run_count
from earshot.evaluation.wording import listed
from earshot.report.wording import decimal, limits, percent, plural, points, share

SURE = 0.9  # the confidence from which a mistake counts as a confident one


def findings(
    summary: pd.DataFrame,
    pairs: Iterable[dict[str, Any]],
    predictions: Mapping[Key, pd.DataFrame],
    maps: Mapping[str, Any],
) -> list[str]:
    """Sentences about the best model of the largest subset and what it shares with the picture's.

    summary : data/summary.csv
    pairs : the rows of data/pairs.csv with `significant`, whether the difference is
    predictions : by model, of all its runs
    maps : the content of metrics/maps.json
    """
    best = best_row(summary)
    of_model = summary[(summary["subset"] == best["subset"]) & (summary["model"] == best["model"])]
    fuller = ceiling(best["view"], set(of_model["view"]))
    table = predictions[best["subset"], best["view"], best["model"]]
    wrong = table[~is_right(table)]
    return [
        *_information(best, fuller),
        *_agreement(best, fuller),
        *_transfer(best),
        *_mix_up(wrong, tested=table["id"].nunique(), runs=run_count(table)),
        *_confidence(wrong),
        *_maps(best, maps),
        *_views(best, pairs),
    ]


def _information(best: dict[str, Any], fuller: View | None) -> Iterator[str]:
    sentence = f"{_name(best)} gets {decimal(best['information_bits'])} bits about the class out of an item"
    if fuller and not math.isnan(best.get("information_ratio", math.nan)):
        of_ceiling = percent(best["information_ratio"])
        yield f"{sentence}, {of_ceiling} of what the same model gets out of the {_picture(fuller)}."
    else:
        yield f"{sentence}, of the {decimal(-math.log2(best['chance']))} that tell classes of one size apart."


def _picture(view: View) -> str:
    return VIEWS[view].named.removesuffix("s")


def _agreement(best: dict[str, Any], fuller: View | None) -> Iterator[str]:
    if not fuller or math.isnan(best.get("agreement", math.nan)):
        return
    yield (
        f"On {best['view']} and on {fuller} it gives the same answer for {percent(best['agreement'])} "
        f"({limits(best['agreement_low'], best['agreement_high'])}) of the items, right or wrong."
    )


def _transfer(best: dict[str, Any]) -> Iterator[str]:
    if math.isnan(best.get("transfer", math.nan)):
        return
    yield (
        f"Trained on the pictures and asked about what the sound gives back, {best['model']} is right on "
        f"{percent(best['transfer'])} ({limits(best['transfer_low'], best['transfer_high'])})."
    )


def _views(best: dict[str, Any], pairs: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The models that do better on one view than on another."""
    for pair in pairs:
        views = pair["first_view"], pair["second_view"]
        same = pair["subset"] == best["subset"] and pair["first_model"] == pair["second_model"]
        if not (same and pair["significant"] and set(views) <= VIEWS.keys() - {"shuffled"}):
            continue
        values = [pair[key] for key in ("difference", "difference_low", "difference_high")]
        if pair["difference"] < 0:
            views, values = views[::-1], [-values[0], -values[2], -values[1]]
        by, low, high = map(points, values)
        yield f"{pair['first_model']} does better on {views[0]} than on {views[1]}, by {by} points ({low} to {high})."


def _mix_up(wrong: pd.DataFrame, *, tested: int, runs: int) -> Iterator[str]:
    """What is mixed up most, the mistakes of all runs together."""
    if wrong.empty:
        made = "It makes no mistake" if runs == 1 else f"None of its {runs} runs makes a mistake"
        yield f"{made} on these {plural(tested, 'test item')}, which is no promise for others."
        return
    in_runs = f"of {runs} runs " if runs > 1 else ""
    counts = wrong.groupby(["label", "predicted"]).size().sort_values(ascending=False, kind="stable")
    top = counts.index[counts == counts.iloc[0]].to_list()  # (label, predicted)
    if len(wrong) == 1:
        label, predicted = top[0]
        yield f"Its only mistake {in_runs}is {label} for {predicted}, in {plural(tested, 'test item')}."
        return
    if counts.iloc[0] == 1:
        yield f"Its {plural(len(wrong), 'mistake')} are all different: no class is taken for the same other one twice."
        return
    confused = listed([f"{label} for {predicted}" for label, predicted in top[:3]])
    yield (
        f"What it mixes up most is {confused}, {counts.iloc[0]} times{' each' if len(top) > 1 else ''}, among "
        f"{plural(len(wrong), 'mistake')} {in_runs}in {plural(tested, 'test item')}."
    )


def _confidence(wrong: pd.DataFrame) -> Iterator[str]:
    if wrong.empty:
        return
    sure = int((wrong[classes_of(wrong)].max(axis=1) >= SURE).sum())
    if len(wrong) == 1:
        yield f"It is made with a confidence {'of' if sure else 'below'} {share(SURE)}{' or more' if sure else ''}."
        return
    number = f"{sure or 'None'} of its {plural(len(wrong), 'mistake')} {'are' if sure > 1 else 'is'}"
    yield f"{number} made with a confidence of {share(SURE)} or more."


def _maps(best: dict[str, Any], maps: Mapping[str, Any]) -> Iterator[str]:
    scores = maps.get(str(best["subset"]), {}).get(best["model"])
    if scores:
        yield (
            f"Where {best['model']} looks in the picture and where it looks in its sound agree at a rank correlation "
            f"of {decimal(scores['rank_correlation'])}, against {decimal(scores['rank_correlation_others'])} for maps "
            "of other items."
        )


def _name(row: dict[str, Any]) -> str:
    return f"{row['model']} on {row['view']}"
