"""A trained model's temperature, fitted on validation items after training. Test items are not looked at."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from earshot.core.io import write_table
from earshot.evaluation.predictions import CONFIDENCES, averaged, calibrated, codes, confidences
from earshot.models import saved
from earshot.models.card import VALIDATION, read_card
from earshot.models.temperature import LEAST, at_temperature
from earshot.training.data import ModelData
from earshot.training.run_predictions import predict_parts

DEVIATION = 0.5  # of the temperature's logarithm around 0, as far as one can say before an item is seen
WIDEST = 3.0  # that the logarithm gets, either way
DIGITS = 3


def calibrate(folder: Path, data: ModelData, *, name: str, seed: int) -> None:
    """Fit a trained model's temperature on the validation items.

    folder : the model's, with the weights of its runs and their card, which gets the temperature; beside them goes
        `validation.csv`, what the runs together say of these items at it
    name : the model's in the study, `10-sound-cnn`
    seed : the study's
    """
    if data.rows("val").empty:  # nothing to fit it on: probabilities stay as they are
        write_table(folder / VALIDATION, pd.DataFrame(columns=CONFIDENCES))
        return
    card = read_card(folder)
    tables = predict_parts(folder, data, ["val"], name=name, seed=seed, device=card.trainer.device)
    table = averaged(tables["val"].sort_values(["run", "id"], ignore_index=True))
    first = table[table["run"] == 1]  # in view `shuffled` each run has labels of its own
    temperature = fit_temperature(first[card.classes].to_numpy(dtype=float), codes(first)[0])
    groups = data.rows("val").drop_duplicates("id").set_index("id")["group"]
    write_table(folder / VALIDATION, confidences(calibrated(table, temperature), groups))
    about = {"temperature": temperature, "calibrated_on": len(first)}
    saved.write_card(folder, card.model_copy(update=about))


def fit_temperature(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """The temperature at which the labels are the least surprising, to three digits.

    probabilities : shape (items, classes), averaged over runs
    labels : shape (items,), places in the classes

    The log loss over items, in nats, is weighed against how far the logarithm of the temperature lies from 0, as if it
    were normal with a deviation of a half. Few items, or items that are all answered right, would otherwise be met best
    by a model that is always certain.
    """
    rows = np.arange(len(labels))

    def loss(logarithm: float) -> float:
        own = at_temperature(probabilities, np.exp(logarithm))[rows, labels]
        return float(-np.log(np.maximum(own, LEAST)).sum() + (logarithm / DEVIATION) ** 2 / 2)

    minimum = minimize_scalar(loss, bounds=(-WIDEST, WIDEST), method="bounded", options={"xatol": 1e-7})
    return float(f"{np.exp(minimum.x):.{DIGITS}g}")
