"""The page's first screen: what was found as its title, three figures beside it, and what made the page."""

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd

from earshot.config.study import StudySettings
from earshot.core import paths
from earshot.core.io import records
from earshot.evaluation.compare import best_row, largest
from earshot.report.study import THINGS
from earshot.report.wording import count, percent, plural

# What a model of a view names, of each kind of data.
NAMED = {"sound": "sounds", "picture": "pictures", "shuffled": "sounds after training on shuffled labels"}


class Figure(NamedTuple):
    """A number in large type: `value` and its limits as shares, `low` is None where there are none."""

    name: str
    view: str
    value: float
    low: float | None
    high: float | None
    note: str


def headline(summary: pd.DataFrame, *, kind: str) -> str:
    """What was found, in one sentence: how right the best model is, beside the picture itself or beside guessing.

    summary : data/summary.csv
    kind : of the data set
    """
    best = best_row(summary)
    named = NAMED[best["view"]] if kind == "pictures" or best["view"] == "shuffled" else f"{THINGS[kind]}s"
    finding = f"{best['model']} names {percent(best['accuracy'])} of the {named} rightly"
    picture = _of(summary, "picture", best["model"])
    if best["view"] == "sound" and picture:
        return f"{finding}, and {percent(picture['accuracy'])} of the pictures that they were made from"
    return f"{finding}, where guessing gets {percent(best['chance'])}"


def figures(summary: pd.DataFrame) -> list[Figure]:
    """The best model, then the same model on the picture and on shuffled labels, or guessing: three at the most.

    summary : data/summary.csv
    """
    return list(_figures(summary))[:3]


def made_with(params: StudySettings) -> list[tuple[str, str]]:
    """What tells this page from another one of the same data set, as (name, text).

    No date and no commit: the same inputs give the same bytes.
    """
    data = hashlib.sha256(paths.BALANCED.read_bytes()).hexdigest()[:12]
    device = "chosen by the machine" if params.train.device == "auto" else params.train.device
    return [
        ("Fingerprint of the data", data),
        ("Seed", str(params.seed)),
        ("Runs of each model", str(params.runs)),
        ("Device", device),
    ]


def _figures(summary: pd.DataFrame) -> Iterator[Figure]:
    best = best_row(summary)
    runs = int(best["runs"])
    trained = f"the mean of {runs} runs" if runs > 1 else "one run"
    about = f"{best['model']}, {trained}, {plural(best['n_test'], 'test item')}"
    names = {
        "sound": "by sound" if _of(summary, "picture", best["model"]) else "named rightly",
        "picture": "by picture",
        "shuffled": "with shuffled labels",
    }
    yield _figure(names[best["view"]], best, f"{about}, {count(round(1 / best['chance']))} classes")
    for view, note in (
        ("picture", f"{best['model']} on the pictures themselves: the ceiling"),
        (
            "shuffled",
            f"{best['model']} trained on shuffled labels: the floor. Guessing gets {percent(best['chance'])}",
        ),
    ):
        row = _of(summary, view, best["model"])
        if row and view != best["view"]:
            yield _figure(names[view], row, note)
    yield Figure(
        "by guessing", "chance", best["chance"], None, None, f"one of {round(1 / best['chance'])} classes"
    )


def _figure(name: str, row: dict[str, Any], note: str) -> Figure:
    return Figure(name, row["view"], row["accuracy"], row["accuracy_low"], row["accuracy_high"], note)


def _of(summary: pd.DataFrame, view: str, model: str) -> dict[str, Any] | None:
    """The row of a model and view on the largest subset, if there is one."""
    rows = largest(summary)
    found = records(rows[(rows["view"] == view) & (rows["model"] == model)])
    return found[0] if found else None
