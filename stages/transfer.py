"""Ask the picture models, unchanged, about the pictures that come back from the sound."""

from earshot.config.base import Natural
from earshot.config.cell import ModelCell
from earshot.config.other_results import Cells
from earshot.config.stage import run_stage
from earshot.config.train import TrainedOn
from earshot.core import instructions, paths
from earshot.core.io import read_table, remove, write_table
from earshot.dataset.rows import labelled_rows
from earshot.models.card import read_card
from earshot.training.data import ModelData
from earshot.training.run_predictions import predict_parts


class Params(TrainedOn, Cells):
    seed: Natural


def main() -> None:
    params = Params.read()
    instructions.choose(params.repeatable)
    remove(paths.TRANSFER)
    paths.TRANSFER.mkdir(parents=True)
    if not params.transferred:
        return
    split = read_table(paths.SPLIT)
    folder = paths.features("sound")
    rows = read_table(folder / "rows.csv")
    for subset, name in params.transferred:
        trained = paths.model(subset, "picture", name)
        card = read_card(trained)
        heard = ModelData(folder, labelled_rows(rows, split, classes=card.classes), card.classes)
        cell = ModelCell(subset, "picture", name).name
        answers = predict_parts(trained, heard, ["test"], name=cell, seed=params.seed, device=params.device)
        write_table(paths.transfer(subset, name), answers["test"])


if __name__ == "__main__":
    run_stage(main)
