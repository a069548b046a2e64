"""What each run of a trained model says of the items of a part."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from earshot.config.base import TorchDevice
from earshot.core.rng import run_seed
from earshot.evaluation.predictions import by_item, by_run
from earshot.models import saved
from earshot.models.card import read_card
from earshot.training.data import ModelData
from earshot.training.predict import predictor


def predict_parts(
    folder: Path, data: ModelData, parts: Sequence[str], *, name: str, seed: int, device: TorchDevice
) -> dict[str, pd.DataFrame]:
    """The table of predictions of each part, one row a run and item.

    folder : the model's, with the weights of its runs and their card
    name : the model's in the study, `10-sound-cnn`
    seed : the study's, of the labels that each run sees in view `shuffled`
    """
    tables: dict[str, list[pd.DataFrame]] = {part: [] for part in parts}
    card = read_card(folder)
    ask = predictor(name, device=device)
    for run in range(1, len(card.runs) + 1):
        model, _ = saved.load(folder, run)
        seen = data.of_run(run_seed(seed, run))
        for part in parts:
            rows = seen.rows(part)
            tables[part].append(by_item(rows, ask(model, seen.clips(rows)), classes=card.classes))
    return {part: by_run(own) for part, own in tables.items()}
