"""The overview of all test items: where a model's embedding puts them, what they are and what they are taken for."""

from typing import Any

import numpy as np
import pandas as pd

from earshot.core import paths
from earshot.core.io import read_table
from earshot.evaluation.predictions import Key, classes_of, codes, runs_of

MOST = 1000  # items on a map: more of them hide each other, and take room on the page


def overview(model: Key, predictions: pd.DataFrame) -> dict[str, Any]:
    """The test items of a model on the axes of its embedding, run 1's, as columns.

    Of more than MOST, every so many-th, and one of each class that would have none.

    predictions : of all its runs, `checked`

    Returns `ids, x, y`, the places of the `label` and of the `predicted` class in the class order; `shares`, the part
    of the variance that each axis holds; and `left_out`, the number of items.
    """
    places = read_table(paths.embedded(*model))
    answers = runs_of(predictions)[0].set_index("id").loc[places["id"]].reset_index()
    label, predicted = codes(answers[["id", "run", "label", "predicted", *classes_of(predictions)]])
    drawn = np.unique(np.linspace(0, len(places) - 1, min(len(places), MOST)).round().astype(int))
    firsts = [np.flatnonzero(label == place)[0] for place in np.setdiff1d(label, label[drawn])]
    drawn = np.union1d(drawn, firsts).astype(int)
    return {
        "ids": places["id"].iloc[drawn].tolist(),
        "x": places["x"].iloc[drawn].round(2).tolist(),
        "y": places["y"].iloc[drawn].round(2).tolist(),
        "label": label[drawn].tolist(),
        "predicted": predicted[drawn].tolist(),
        "shares": [round(float((places[axis] ** 2).mean()), 3) for axis in ("x", "y")],
        "left_out": len(places) - len(drawn),
    }
