"""Score one model on its test part: each of its runs, once."""

from earshot.config.base import Natural
from earshot.config.cell import model_cell
from earshot.config.load import StageParams
from earshot.config.stage import run_stage
from earshot.config.train import TrainedOn
from earshot.config.unfit import is_unfit, leave_out
from earshot.core import instructions, paths
from earshot.core.io import read_table, write_json, write_table
from earshot.evaluation.answers import answers
from earshot.evaluation.decisions import decisions
from earshot.evaluation.metrics import confusion, describe, per_class, reliability
from earshot.models import saved
from earshot.models.card import read_card
from earshot.training.data import read_model_data
from earshot.training.embed import map_items
from earshot.training.run_predictions import predict_parts


class Params(TrainedOn, StageParams):
    seed: Natural


def main() -> None:
    if is_unfit(cell := model_cell()):
        return leave_out("evaluate")
    params = Params.read()
    instructions.choose(params.repeatable)
    folder = paths.model(*cell)
    card = read_card(folder)
    classes = card.classes
    data = read_model_data(read_table(paths.SPLIT), view=cell.view, classes=classes)
    seed, device, parts = params.seed, params.device, ["train", "test"]
    tables = predict_parts(folder, data, parts, name=cell.name, seed=seed, device=device)
    places = map_items(folder, data, "test", name=cell.name, seed=seed, device=device)
    for part, table in tables.items():
        write_table(paths.plots("confusion", *cell) / f"{part}.csv", confusion(table))

    predictions = tables["test"]
    write_table(paths.predictions(*cell), predictions)
    write_table(paths.embedded(*cell), places)
    write_table(paths.per_class(*cell), per_class(predictions, classes))
    write_table(paths.reliability(*cell), reliability(predictions))
    groups = data.rows("test").drop_duplicates("id").set_index("id")["group"]
    write_table(paths.answers(*cell), answers(predictions, groups=groups))
    temperature, validated = card.temperature, saved.read_validation(folder)
    decided = decisions(predictions, validated, groups=groups, classes=classes, temperature=temperature)
    for name, table in decided.items():
        write_table(paths.decisions(*cell) / f"{name}.csv", table)
    scores = describe(predictions, groups=groups, classes=classes, seed=seed, temperature=temperature)
    write_json(paths.metrics(*cell), scores | {"parameters": card.parameters})


if __name__ == "__main__":
    run_stage(main)
