"""Score one model on its test part, once."""

import sys

from earshot.config.base import Natural
from earshot.config.load import StageParams
from earshot.core import paths
from earshot.core.io import read_table, write_json, write_table
from earshot.core.process import run_stage
from earshot.dataset.rows import seen_rows
from earshot.evaluation.metrics import confusion, describe, per_class, reliability
from earshot.evaluation.predictions import by_item
from earshot.models import saved
from earshot.training.batches import open_clips
from earshot.training.predict import predict


class Params(StageParams):
    seed: Natural


def main():
    subset, view, name = sys.argv[1:]
    params = Params.read()
    model, card = saved.load(paths.model(subset, view, name))
    classes = card.classes
    split = read_table(paths.SPLIT)
    folder = paths.features(view)
    items = read_table(paths.BALANCED)
    rows = read_table(folder / "rows.csv")
    table = seen_rows(rows, split, items, view=view, classes=classes, seed=params.seed)
    table = table[table["copy"] == 0]  # items are scored as they are

    tables = {}
    for part, rows in table[table["split"].isin(["train", "test"])].groupby("split"):
        clips = open_clips(folder, shard=rows["shard"], row=rows["row"], labels=rows["target"])
        tables[part] = by_item(rows, predict(model, clips), classes=classes)
        write_table(paths.plots("confusion", subset, view, name) / f"{part}.csv", confusion(tables[part]))

    predictions = tables["test"]
    write_table(paths.predictions(subset, view, name), predictions)
    write_table(paths.per_class(subset, view, name), per_class(predictions, classes))
    write_table(paths.reliability(subset, view, name), reliability(predictions))
    tested = split[(split["split"] == "test") & split["label"].isin(classes)]
    groups = tested.set_index("id")["group"]
    scores = describe(predictions, groups=groups, classes=classes, seed=params.seed)
    write_json(paths.metrics(subset, view, name), scores | {"parameters": card.parameters})


if __name__ == "__main__":
    run_stage(main)
