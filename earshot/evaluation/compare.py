"""Models side by side on the same test items: the summary, the questions asked, what sound keeps of the picture.

Conventions: `results` holds every model's metrics, as `earshot.evaluation.metrics.describe` gives them, and
predictions. `groups` is a Series from id to group, of the whole test part or of all items.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, product
from typing import Any

import pandas as pd

from earshot.config.views import VIEWS, ceiling
from earshot.core.io import records
from earshot.evaluation import paired
from earshot.evaluation.information import usable_information
from earshot.evaluation.predictions import Key, Results, aligned, group_codes, no_skill, right_by_run
from earshot.evaluation.retention import KEYS, retention_scores
from earshot.evaluation.rounding import rounded
from earshot.evaluation.runs import run_accuracies
from earshot.evaluation.significance import holm_within

CHANCE = "chance"  # the view of what guesses
EARS_QUESTION = "sound against embedding"
FLOOR_QUESTION = "shuffled against chance"
WHICH_PAIR = ["subset", "question", "first_view", "first_model", "second_view", "second_model"]
PAIR_COLUMNS = [*WHICH_PAIR, *paired.COLUMNS]
Name = tuple[str, str]  # view, model


def summary(
    results: Results, transfers: dict[tuple[int, str], pd.DataFrame], *, groups: pd.Series
) -> pd.DataFrame:
    """One row a subset, view and model: the metrics, `information_bits`, then `earshot.evaluation.retention.KEYS`.

    transfers : by (subset, model), what the picture model says of the pictures that sounds give back

    What a view keeps of its ceiling stands on the rows whose model has a row of the ceiling too.
    """
    rows = []
    for subset, part in aligned(results).items():
        units = group_codes(next(iter(part.values())), groups)
        for (view, model), predictions in part.items():
            row = {"subset": subset, "view": view, "model": model, **results[subset, view, model][0]}
            row["information_bits"] = rounded(usable_information(predictions))
            if fuller := ceiling(view, views_of(part, model)):
                transferred = transfers.get((subset, model)) if view == "sound" else None
                row |= retention_scores(predictions, part[fuller, model], transferred, units=units)
            rows.append({key: math.nan if value is None else value for key, value in row.items()})
    columns = dict.fromkeys([*rows[0], *KEYS, *(key for row in rows for key in row)])
    return pd.DataFrame(rows).reindex(columns=list(columns))


def pairs(results: Results, *, groups: pd.Series) -> pd.DataFrame:
    """One row for each comparison that a study asks for: its question, the difference, its interval and p-value.

    `difference` is the first's accuracy minus the second's, with its paired interval over groups and runs. `p_holm` is
    corrected over the pairs of one question and subset. Subsets are nested, and each is read on its own.
    """
    tables = []
    for subset, part in aligned(results).items():
        units = group_codes(next(iter(part.values())), groups)
        right = {name: right_by_run(table) for name, table in part.items()}
        rows = []
        for question, first, second in questions(list(part)):
            if second is None:
                row = paired.above_chance(right[first], units, no_skill=no_skill(part))
            else:
                row = paired.difference(right[first], right[second], units)
            rows.append((subset, question, *first, *(second or (CHANCE, "")), *row.values()))
        tables.append(pd.DataFrame(rows, columns=PAIR_COLUMNS))
    table = pd.concat(tables, ignore_index=True)
    asked = list(zip(table["subset"], table["question"], strict=True))
    return table.assign(p_holm=holm_within(table["p"], asked))


def questions(names: list[Name]) -> Iterator[tuple[str, Name, Name | None]]:
    """What a study of these views and models asks: (question, first, second), second None for chance.

    The models of a view against each other, each model against itself on the ceilings of its view, each on sound
    against each on what a pretrained model hears, and the floor against chance. A model on sound against another one on
    shuffled labels asks nothing, and would only make the correction harder on what is asked.
    """
    for view in VIEWS:
        if view == "shuffled":
            continue
        of_view = [name for name in names if name[0] == view]
        for first, second in combinations(of_view, 2):
            yield models_question(view), first, second
    for view, facts in VIEWS.items():
        for fuller in facts.ceilings:
            for first in names:
                second = (fuller, first[1])
                if first[0] == view and second in names:
                    yield f"{view} against {fuller}", first, second
    for first, second in product(names, names):
        if (first[0], second[0]) == ("sound", "embedding"):
            yield EARS_QUESTION, first, second
    for first in names:
        if first[0] == "shuffled":
            yield FLOOR_QUESTION, first, None


def views_of(names: Iterable[Name], model: str) -> set[str]:
    """The views that a model is trained on."""
    return {view for view, name in names if name == model}


def models_question(view: str) -> str:
    """The question which models differ in a view."""
    return f"models on {view}"


def ranked(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a summary as dicts, the most accurate first."""
    return records(rows.sort_values("accuracy", ascending=False, kind="stable"))


def best_row(summary: pd.DataFrame) -> dict[str, Any]:
    """The most accurate model of the largest subset, on the sound where there is one: the verdict speaks of it.

    What a pretrained model hears is the sound too.
    """
    rows = largest(summary)
    of_sound = rows[rows["view"].isin(["sound", "embedding"])]
    if not of_sound.empty:
        return ranked(of_sound)[0]
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


def accuracy_by_classes(summary: pd.DataFrame, predictions: Mapping[Key, pd.DataFrame]) -> pd.DataFrame:
    """`series,view,model,classes,run,accuracy,accuracy_low,accuracy_high`; chance is a series like the others.

    predictions : by model, of all its runs

    `run` is `all` in a model's row of the mean and its limits. Where there are several, each run has a row without
    limits.
    """
    columns = ["series", "view", "model", "classes", "run", "accuracy", "accuracy_low", "accuracy_high"]
    rows: list[tuple[Any, ...]] = []
    for row in records(summary):
        view, model, classes = row["view"], row["model"], round(1 / row["chance"])
        limits = row["accuracy_low"], row["accuracy_high"]
        names = f"{model} on {view}", view, model, classes
        rows.append((*names, "all", row["accuracy"], *limits))
        runs = run_accuracies(predictions[row["subset"], view, model])
        if len(runs) > 1:
            rows += [(*names, run, rounded(accuracy), math.nan, math.nan) for run, accuracy in runs.items()]
    for chance in summary["chance"].unique().tolist():
        rows.append(("chance", CHANCE, "", round(1 / chance), "all", chance, chance, chance))
    return pd.DataFrame(rows, columns=columns)
