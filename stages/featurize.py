"""Turn every item into the array that the models see, for one view."""

import sys

import pandas as pd

from earshot import paths
from earshot.assembly import assemble
from earshot.errors import run
from earshot.features.extract import arrays_of
from earshot.features.lengths import settled
from earshot.features.sources import readable, sources, variants
from earshot.params import read_params
from earshot.shards import NPY
from earshot.tables import json_bytes, read_table


def featurize_shard(task):
    """The clips of some items or variants: ([start_s] of each clip, float32 (clips, bands, frames)) each."""
    elements, settings = task
    made = []
    for name, _, source, part in elements:
        clips, starts = arrays_of(source, name=name, settings=settings, **part)
        made.append(([[start] for start in starts.tolist()], clips))
    return made


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
    elements = sources(items, kind=kind, view=view)
    if view != "picture" and len(varied := variants()):  # each shard's variants come after its items
        elements = pd.concat([elements, varied]).sort_values("shard", kind="stable", ignore_index=True)
    assemble(
        f"featurize@{view}",
        paths.features(view),
        elements,
        make=featurize_shard,
        task=lambda elements: (readable(elements), settings),
        form=NPY,
        columns=["start_s"],
        settings=settings,
        beside={"settings.json": json_bytes(settings)},
        description=f"featurize {view}",
    )


if __name__ == "__main__":
    run(main)
