"""People beside the models on the page, on the items that they heard."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from earshot.core.io import records
from earshot.evaluation.compare import CHANCE
from earshot.evaluation.listeners import LISTENERS, is_about_listeners
from earshot.report.dots import dots
from earshot.report.wording import plural


def listeners(table: pd.DataFrame, pairs: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of each subset that people have heard what the page shows: `listeners, items, rows, dots, pairs` and more.

    table : data/listeners.csv
    pairs : the rows of data/pairs.csv
    """
    own = [pair for pair in pairs if is_about_listeners(pair)]
    return [_of_subset(part, own) for _, part in table.groupby("subset", sort=False)]


def _of_subset(part: pd.DataFrame, pairs: Iterable[dict[str, Any]]) -> dict[str, Any]:
    heard = part[part["model"] == LISTENERS]
    mean = records(heard)[0]
    count = int(mean["runs"])
    who = plural(count, "listener")
    named = part.assign(model=part["model"].replace(LISTENERS, who))
    return {
        "classes": round(1 / mean["chance"]),
        "count": count,
        "who": who,
        "items": int(mean["n_test"]),
        "seconds": mean["seconds"],
        "shortened": int(mean["shortened"]),
        "dots": dots(_by_classes(named)),
        "rows": records(named[named["run"].isna()]),
        "pairs": [pair | {"first_model": who} for pair in pairs if pair["subset"] == int(mean["subset"])],
    }


def _by_classes(part: pd.DataFrame) -> pd.DataFrame:
    """The table as `dots` takes it, with chance; one run is no row beside its mean."""
    classes = round(1 / part["chance"].iloc[0])
    rows = part[part["run"].isna() | (part["runs"] > 1)]
    rows = rows.assign(
        series=rows["model"] + " on " + rows["view"],
        classes=classes,
        run=rows["run"].astype("Int64").astype(object).where(rows["run"].notna(), "all"),
    )
    chance = {"series": CHANCE, "view": CHANCE, "model": "", "classes": classes, "run": "all"}
    chance |= dict.fromkeys(("accuracy", "accuracy_low", "accuracy_high"), part["chance"].iloc[0])
    return pd.concat([rows[list(chance)], pd.DataFrame([chance])], ignore_index=True)
