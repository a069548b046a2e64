"""A trained model's temperature, fitted on validation items after training. Test items are not looked at."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from earshot.core.rng import run_seed
from earshot.evaluation.predictions import averaged, by_item, by_run, codes
from earshot.models import saved
from earshot.models.card import read_card
from earshot.models.temperature import LEAST, at_temperature
from earshot.training.data import ModelData
from earshot.training.predict import predict

SPREAD = 0.5  # of the temperature's logarithm around 0, as far as one can say before an item is seen
WIDEST = 3.0  # that the logarithm gets, either way
DIGITS = 3


def calibrate(folder: Path, data: ModelData, *, seed: int) -> None:
    """Fit a trained model's temperature, and write it into the card. Without validation items the card stays.

    folder : the model's, with the weights of its runs and their card
    seed : the study's
    """
    card = read_card(folder)
    if data.rows("val").empty:
        return
    answers = validation_answers(folder, data, seed=seed)
    temperature = fit_temperature(answers[card.classes].to_numpy(dtype=float), codes(answers)[0])
    about = {"temperature": temperature, "calibrated_on": len(answers)}
    saved.write_card(folder, card.model_copy(update=about))


def validation_answers(folder: Path, data: ModelData, *, seed: int) -> pd.DataFrame:
    """What a model says of the validation items: `id,label,predicted` and its probabilities averaged over runs.

    In view `shuffled`, where each run has labels of its own, they are those of the first.
    """
    tables = []
    for run in range(1, len(read_card(folder).runs) + 1):
        model, card = saved.load(folder, run)
        seen = data.of_run(run_seed(seed, run))
        rows = seen.rows("val")
        probabilities = predict(model, seen.clips(rows), device=card.trainer.device)
        tables.append(by_item(rows, probabilities, classes=card.classes))
    table = averaged(by_run(tables).sort_values(["run", "id"], ignore_index=True))
    return table[table["run"] == 1].drop(columns="run")


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
        return float(-np.log(np.maximum(own, LEAST)).sum() + (logarithm / SPREAD) ** 2 / 2)

    found = minimize_scalar(loss, bounds=(-WIDEST, WIDEST), method="bounded", options={"xatol": 1e-7})
    return float(f"{np.exp(found.x):.{DIGITS}g}")
