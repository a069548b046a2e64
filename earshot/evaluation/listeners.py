"""People who listened to test items, beside the models on the same items.

A listener is to people what a run of training is to a model: several of them speak of people, one of that person alone.
Intervals, differences and p-values are those of `earshot.evaluation.compare`.

Conventions: `heard` holds of each subset a table `run,id,label,predicted,seconds,shortened`, sorted by run and id; a
run is a listener. `results` and `groups` are as `earshot.evaluation.compare` takes them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.core.io import records
from earshot.evaluation import paired
from earshot.evaluation.compare import PAIR_COLUMNS, Name, ranked
from earshot.evaluation.intervals import proportion_interval
from earshot.evaluation.predictions import Results, aligned, classes_of, group_codes, right_by_run
from earshot.evaluation.rounding import rounded, rounded_values
from earshot.evaluation.significance import holm_within
from earshot.evaluation.variance import components, spread
from earshot.evaluation.wording import interval

LISTENERS = "listeners"  # in the place of a model's name, on the view `sound`
WHO: Name = ("sound", LISTENERS)
QUESTION = f"{LISTENERS} against models on "
COLUMNS = [
    "subset",
    "view",
    "model",
    "run",
    "runs",
    "n_test",
    "chance",
    "accuracy",
    "accuracy_low",
    "accuracy_high",
    "seconds",
    "shortened",
]
Heard = Mapping[int, pd.DataFrame]


def beside_models(heard: Heard, results: Results, *, groups: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Listeners and models on the items that were heard, as (accuracies, pairs).

    accuracies : `COLUMNS`, a row for the mean, which has the limits and no `run`, and one for each run. `seconds` is
        the listeners' median time for an answer, `shortened` how many items they heard less of than the models did
    pairs : rows as those of data/pairs.csv, the listeners against each model that has learned from true labels;
        `p_holm` is corrected over the models of a view
    """
    rows: list[dict[str, Any]] = []
    against = []
    parts = aligned(results) if heard else {}
    for subset, table in heard.items():
        part = {name: own for name, own in parts[subset].items() if name[0] != "shuffled"}
        units = group_codes(table, groups)
        right = {WHO: right_by_run(table)}
        right |= {name: right_by_run(own[own["id"].isin(table["id"])]) for name, own in part.items()}
        chance = 1 / len(classes_of(next(iter(part.values()))))
        for name, own in right.items():
            about = {"subset": subset, "view": name[0], "model": name[1], "chance": chance}
            about |= _of_listeners(table) if name == WHO else {}
            rows += [about | row for row in _accuracies(own, units)]
            if name != WHO:
                compared = paired.difference(right[WHO], own, units)
                against.append((subset, f"{QUESTION}{name[0]}", *WHO, *name, *compared.values()))
    pairs = pd.DataFrame(against, columns=PAIR_COLUMNS)
    asked = list(zip(pairs["subset"], pairs["question"], strict=True))
    whole = dict.fromkeys(("run", "shortened"), "Int64")
    return pd.DataFrame(rows, columns=COLUMNS).astype(whole), pairs.assign(
        p_holm=holm_within(pairs["p"], asked)
    )


def all_pairs(of_models: pd.DataFrame, of_listeners: pd.DataFrame) -> pd.DataFrame:
    """The rows of data/pairs.csv: those of the models, then those of the listeners where there are any."""
    return of_models if of_listeners.empty else pd.concat([of_models, of_listeners], ignore_index=True)


def is_about_listeners(pair: Mapping[str, Any]) -> bool:
    """Whether a row of data/pairs.csv is of `beside_models`."""
    return str(pair["question"]).startswith(QUESTION)


def sentences(table: pd.DataFrame, pairs: pd.DataFrame, summary: pd.DataFrame) -> list[str]:
    """One sentence a subset that people have heard: how right they are beside the best model on the sound.

    table, pairs : as `beside_models` gives them
    summary : data/summary.csv
    """
    means = table[table["run"].isna()]
    return [_sentence(own, pairs, summary) for _, own in means.groupby("subset", sort=False)]


def _sentence(means: pd.DataFrame, pairs: pd.DataFrame, summary: pd.DataFrame) -> str:
    rows = {(row["view"], row["model"]): row for row in records(means)}
    own = rows[WHO]
    on_sound = summary[(summary["subset"] == own["subset"]) & (summary["view"] == "sound")]
    best = ranked(on_sound)[0]["model"]
    of_best = (
        (pairs["subset"] == own["subset"])
        & (pairs["second_view"] == "sound")
        & (pairs["second_model"] == best)
    )
    (pair,) = records(pairs[of_best])
    words = "not shown to be more or less than"
    if paired.is_significant(pair):
        words = f"significantly {'more' if pair['difference'] > 0 else 'less'} than"
    listeners = int(own["runs"])
    who, alone = (
        ("one listener is", "; what another person would make of them is not in it")
        if listeners == 1
        else (f"{listeners} listeners are", "")
    )
    return (
        f"Hearing {own['n_test']:,} of the test items of {round(1 / own['chance'])} classes, {who} right on "
        f"{interval(own, 'accuracy')}, {words} {best} on sound with {interval(rows['sound', best], 'accuracy')} on the "
        f"same items{alone}."
    )


def _of_listeners(table: pd.DataFrame) -> dict[str, Any]:
    return {
        "seconds": rounded(float(table["seconds"].median())),
        "shortened": int(table["shortened"].max()),
    }


def _accuracies(right: NDArray[np.bool_], units: NDArray[np.int64]) -> Iterator[dict[str, Any]]:
    """The mean over runs with its limits, then each run. right : (runs, items)"""
    parts = components(right, units)
    low, high = proportion_interval(parts.value, spread(parts.v_g, parts), np.bincount(units))
    about = {"runs": len(right), "n_test": right.shape[1]}
    mean = {"accuracy": parts.value, "accuracy_low": low, "accuracy_high": high}
    yield about | rounded_values(mean)
    for run, own in enumerate(right, 1):
        yield about | {"run": run, "accuracy": rounded(float(own.mean()))}
