"""Score one model on its test part: each of its runs, once."""

import pandas as pd

from earshot.config.base import Natural
from earshot.config.cell import model_cell
from earshot.config.load import StageParams
from earshot.config.stage import run_stage
from earshot.config.train import TrainedOn
from earshot.core import instructions, paths
from earshot.core.io import read_table, write_json, write_table
from earshot.core.rng import run_seed
from earshot.evaluation.answers import answers
from earshot.evaluation.metrics import confusion, describe, per_class, reliability
from earshot.evaluation.predictions import by_item, by_run
from earshot.models import saved
from earshot.models.card import read_card
from earshot.training.data import read_model_data
from earshot.training.predict import predict


class Params(TrainedOn, StageParams):
    seed: Natural


def main() -> None:
    cell = model_cell()
    params = Params.read()
    instructions.choose(params.repeatable)
    folder = paths.model(*cell)
    card = read_card(folder)
    classes = card.classes
    data = read_model_data(read_table(paths.SPLIT), view=cell.view, classes=classes)
    of_runs: dict[str, list[pd.DataFrame]] = {"train": [], "test": []}
    for run in range(1, len(card.runs) + 1):
        model, _ = saved.load(folder, run)
        seen = data.of_run(run_seed(params.seed, run))
        for part in of_runs:
            rows = seen.rows(part)
            probabilities = predict(model, seen.clips(rows), device=params.device)
            of_runs[part].append(by_item(rows, probabilities, classes=classes))
    tables = {part: by_run(own) for part, own in of_runs.items()}
    for part, table in tables.items():
        write_table(paths.plots("confusion", *cell) / f"{part}.csv", confusion(table))

    predictions = tables["test"]
    write_table(paths.predictions(*cell), predictions)
    write_table(paths.per_class(*cell), per_class(predictions, classes))
    write_table(paths.reliability(*cell), reliability(predictions))
    groups = data.rows("test").drop_duplicates("id").set_index("id")["group"]
    write_table(paths.answers(*cell), answers(predictions, groups=groups))
    scores = describe(
        predictions, groups=groups, classes=classes, seed=params.seed, temperature=card.temperature
    )
    write_json(paths.metrics(*cell), scores | {"parameters": card.parameters})


if __name__ == "__main__":
    run_stage(main)
