"""Turn every item into the array that the models see, for one view."""

import sys

import pandas as pd

from earshot import paths
from earshot.errors import run
from earshot.features.extract import arrays_of
from earshot.features.lengths import settled
from earshot.features.sources import sources, variants
from earshot.parallel import map_shards
from earshot.params import read_params
from earshot.shards import write_npy
from earshot.tables import read_table, write_json, write_table


def featurize_shard(task):
    """Write one shard's arrays, those of the items first and then those of their variants; return their rows."""
    shard, items, settings = task
    arrays, rows = [], []

    def add(name, copy, source, **part):
        clips, starts = arrays_of(source, name=name, settings=settings, **part)
        arrays.append(clips)
        rows.extend((name, start, copy) for start in starts)

    for name, source, part in sources(shard, items, kind=settings["kind"], view=settings["view"]):
        add(name, 0, source, **part)
    if settings["view"] != "picture":
        for name, copy, wav in variants(shard):
            add(name, copy, wav)
    write_npy(paths.shard_file(paths.features(settings["view"]), shard, "npy"), arrays)
    table = pd.DataFrame(rows, columns=["id", "start_s", "copy"])
    table.insert(0, "shard", shard)
    table.insert(1, "row", range(len(table)))
    return table


def main():
    # The floor, `shuffled`, is the sound itself: its labels are permuted where a model gets to see them.
    (view,) = sys.argv[1:]
    params = read_params("dataset.kind", "sonify", "features")
    items = read_table(paths.BALANCED)
    kind = params.dataset.kind
    features = settled(params.features, items, kind=kind)
    settings = {
        "view": view,
        "kind": kind,
        "features": features.model_dump(exclude={"normalize"}),
        "sonify": params.sonify.model_dump(),
    }
    shards = [(shard, rows, settings) for shard, rows in items.groupby("shard")]
    sizes = [len(rows) for _, rows, _ in shards]
    tables = map_shards(featurize_shard, shards, sizes=sizes, description=f"featurize {view}")
    write_table(paths.features(view) / "rows.csv", pd.concat(tables))
    write_json(paths.features(view) / "settings.json", settings)


if __name__ == "__main__":
    run(main)
