"""The answers of a model to the test items, as Git keeps them: small, and readable as a diff.

Conventions: a table of answers has one row an item, `id,group,label`, and of each run a column `run_1`, `run_2`, …,
which is empty where the run is right and names the class that it gave where it is wrong. In the file, `group` is empty
where no other test item is of the item's group, and `label` is empty where it differs between runs, as in view
`shuffled`.
"""

import io

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.core.errors import EarshotError
from earshot.evaluation.predictions import checked, right_by_run, runs_of

COLUMNS = ["id", "group", "label"]


def answers(predictions: pd.DataFrame, *, groups: pd.Series) -> pd.DataFrame:
    """The table of answers, as it is written.

    groups : Series from id to group
    """
    table = checked(predictions)
    runs = runs_of(table)
    items = pd.DataFrame({"id": runs[0]["id"]})
    group = groups.loc[items["id"]].astype(str).reset_index(drop=True)
    items["group"] = group.where(group.duplicated(keep=False), "")
    same = np.all([run["label"] == runs[0]["label"] for run in runs])
    items["label"] = runs[0]["label"] if same else ""
    for run, right in zip(runs, right_by_run(table), strict=True):
        items[f"run_{run['run'].iloc[0]}"] = np.where(right, "", run["predicted"])
    return items


def parse_answers(content: bytes) -> pd.DataFrame:
    """A table of answers from a file's bytes, with the group of every item."""
    table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    if list(table.columns[: len(COLUMNS)]) != COLUMNS or len(table.columns) == len(COLUMNS):
        raise EarshotError(
            f"expected the columns {', '.join(COLUMNS)}, run_1 and so on; found {', '.join(table.columns)}. "
            "Run the stage evaluate again"
        )
    return table.assign(group=table["group"].where(table["group"] != "", table["id"]))


def right_answers(table: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each run is right on each item of a table of answers, shape (runs, items)."""
    return (table[table.columns.drop(COLUMNS)] == "").to_numpy().T
