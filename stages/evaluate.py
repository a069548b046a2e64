"""Score one model on its test part, once."""

from pydantic import Field

from earshot.config.base import Natural, TorchDevice
from earshot.config.cell import model_cell
from earshot.config.load import StageParams
from earshot.core import paths
from earshot.core.io import read_table, write_json, write_table
from earshot.core.process import run_stage
from earshot.evaluation.metrics import confusion, describe, per_class, reliability
from earshot.evaluation.predictions import by_item
from earshot.models import saved
from earshot.training.data import read_model_data
from earshot.training.predict import predict


class Params(StageParams):
    seed: Natural
    device: TorchDevice = Field(alias="train.device")


def main() -> None:
    cell = model_cell()
    params = Params.read()
    model, card = saved.load(paths.model(*cell))
    classes = card.classes
    split = read_table(paths.SPLIT)
    data = read_model_data(split, view=cell.view, classes=classes, seed=params.seed)
    tables = {}
    for part in ("train", "test"):
        rows = data.rows(part)
        probabilities = predict(model, data.clips(rows), device=params.device)
        tables[part] = by_item(rows, probabilities, classes=classes)
        write_table(paths.plots("confusion", *cell) / f"{part}.csv", confusion(tables[part]))

    predictions = tables["test"]
    write_table(paths.predictions(*cell), predictions)
    write_table(paths.per_class(*cell), per_class(predictions, classes))
    write_table(paths.reliability(*cell), reliability(predictions))
    groups = data.rows("test").drop_duplicates("id").set_index("id")["group"]
    scores = describe(predictions, groups=groups, classes=classes, seed=params.seed)
    write_json(paths.metrics(*cell), scores | {"parameters": card.parameters})


if __name__ == "__main__":
    run_stage(main)
