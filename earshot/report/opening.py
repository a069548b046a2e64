"""The page's first screen: what was found as its title, three figures beside it, and what made the page."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pandas as pd

from earshot.config.base import View
from earshot.config.study import StudySettings
from earshot.config.views import VIEWS, ceiling
from earshot.core import paths
from earshot.core.io import records
from earshot.evaluation.compare import best_row, largest
from earshot.evaluation.warnings import StudyWarning
from earshot.evaluation.wording import without_skill
from earshot.report.study import THINGS
from earshot.report.wording import count, percent, plural, unbroken


class Figure(NamedTuple):
    """A number in large type: `value` and its limits as shares, `low` is None where there are none."""

    name: str
    view: str
    value: float
    low: float | None
    high: float | None
    note: str


def headline(summary: pd.DataFrame, doubts: Iterable[StudyWarning], *, kind: str, no_skill: float) -> str:
    """What was found, in one sentence: how right the best model is, beside the picture itself or beside guessing.

    summary : data/summary.csv
    doubts : the study's warnings; where one says that the best model may be guessing, so does the sentence
    kind : of the data set
    no_skill : of the largest subset, as `earshot.evaluation.predictions.no_skill` gives it
    """
    best = best_row(summary)
    named = (
        VIEWS[best["view"]].named if kind == "pictures" or best["view"] == "shuffled" else f"{THINGS[kind]}s"
    )
    share = f"{percent(best['accuracy'])} of the {named} rightly"
    least = unbroken(without_skill(chance=best["chance"], no_skill=no_skill))
    key = best["subset"], best["view"], best["model"]
    if any(doubt.kind == "guessing" and doubt[1:4] == key for doubt in doubts):
        return f"{best['model']} is not shown to do better than guessing: it names {share}, where {least}"
    finding = f"{best['model']} names {share}"
    if fuller := _ceiling_of(summary, best):
        picture = _of(summary, fuller, best["model"])
        assert picture
        share = percent(picture["accuracy"])
        if best["view"] == "picture":
            return f"{finding}, and {share} of them in colour"
        return f"{finding}, and {share} of the {VIEWS[fuller].named} that they were made from"
    return f"{finding}, where {least}"


def figures(summary: pd.DataFrame, *, no_skill: float) -> list[Figure]:
    """The best model, then the same model on the ceiling and on shuffled labels, or guessing: three at the most.

    summary, no_skill : as `headline` takes them
    """
    return list(_figures(summary, no_skill))[:3]


def made_with(params: StudySettings, summary: pd.DataFrame) -> list[tuple[str, str]]:
    """What tells this page from another one of the same data set, as (name, text).

    No date and no commit: the same inputs give the same bytes. How many runs a model has is the summary's: a model may
    have a number of its own.
    """
    fewest, most = summary["runs"].min(), summary["runs"].max()
    data = hashlib.sha256(paths.BALANCED.read_bytes()).hexdigest()[:12]
    device = "chosen by the machine" if params.train.device == "auto" else params.train.device
    return [
        ("Fingerprint of the data", data),
        ("Seed", str(params.seed)),
        ("Runs of each model", f"{fewest}" if fewest == most else f"{fewest} to {most}"),
        ("Device", device),
    ]


def _figures(summary: pd.DataFrame, no_skill: float) -> Iterator[Figure]:
    best = best_row(summary)
    least = unbroken(without_skill(chance=best["chance"], no_skill=no_skill))
    runs = int(best["runs"])
    trained = f"the mean of {runs} runs" if runs > 1 else "one run"
    about = f"{best['model']}, {trained}, {plural(best['n_test'], 'test item')}"
    fuller = _ceiling_of(summary, best)
    alone = best["view"] == "sound" and not fuller
    name = "named rightly" if alone else VIEWS[best["view"]].by
    yield _figure(name, best, f"{about}, {count(round(1 / best['chance']))} classes")
    others: dict[View, str] = {}
    if fuller:
        others[fuller] = f"what {best['model']} gets from the {VIEWS[fuller].named} themselves"
    others["shuffled"] = (
        f"{best['model']} trained on shuffled labels: the floor. {least[0].upper()}{least[1:]}"
    )
    for view, note in others.items():
        row = _of(summary, view, best["model"])
        if row and view != best["view"]:
            yield _figure(VIEWS[view].by, row, note)
    guessing = "by guessing", f"one of {round(1 / best['chance'])} classes"
    largest_class = "by naming the largest class", "its share of the test items"
    name, note = guessing if least.startswith("guessing") else largest_class
    yield Figure(name, "chance", no_skill, None, None, note)


def _figure(name: str, row: dict[str, Any], note: str) -> Figure:
    return Figure(name, row["view"], row["accuracy"], row["accuracy_low"], row["accuracy_high"], note)


def _ceiling_of(summary: pd.DataFrame, best: dict[str, Any]) -> View | None:
    """The fullest view that the best model is measured against, on the largest subset."""
    rows = largest(summary)
    return ceiling(best["view"], set(rows.loc[rows["model"] == best["model"], "view"]))


def _of(summary: pd.DataFrame, view: str, model: str) -> dict[str, Any] | None:
    """The row of a model and view on the largest subset, if there is one."""
    rows = largest(summary)
    rows_of_model = records(rows[(rows["view"] == view) & (rows["model"] == model)])
    return rows_of_model[0] if rows_of_model else None
