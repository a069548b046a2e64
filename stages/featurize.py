"""Turn every item into the array that the models see, for one view."""

import sys

import pandas as pd
from pydantic import Field

from earshot.config.base import Kind
from earshot.config.features import Features
from earshot.config.inputs import dump_input, input_of
from earshot.config.load import StageParams
from earshot.config.sonify import Sonify
from earshot.core import paths
from earshot.core.io import json_bytes, read_table
from earshot.core.process import run_stage
from earshot.features.extract import arrays_of_many
from earshot.features.lengths import settled
from earshot.features.sources import readable, sources, variants
from earshot.signal.mel import silent_bands
from earshot.store.build import assemble
from earshot.store.formats import NPY


def featurize_shard(task):
    """The clips of some items or variants: ([start_s] of each clip, float32 (clips, bands, frames)) each."""
    elements, model_input, device = task
    arrays = arrays_of_many(elements, model_input=model_input, device=device)
    return [([[start] for start in starts.tolist()], clips) for clips, starts in arrays]


class Params(StageParams):
    kind: Kind = Field(alias="dataset.kind")
    sonify: Sonify
    features: Features


def main():
    # The floor, `shuffled`, is the sound itself: its labels are permuted where a model gets to see them.
    (view,) = sys.argv[1:]
    params = Params.read()
    items = read_table(paths.BALANCED)
    kind = params.kind
    if params.features.device != "cpu":
        from earshot.core.devices import pick  # imports torch, for 2 s

        pick(params.features.device, setting="features.device")
    features = settled(params.features, items, kind=kind)
    if kind == "sounds" and (empty := silent_bands(features)):
        print(
            f"warning: {empty} of features.n_mels={features.n_mels} bands lie between two bins of the transform and "
            f"stay silent; set fewer, or features.n_fft above {features.n_fft}"
        )
    model_input = input_of(kind, view, sonify=params.sonify, features=features)
    settings = dump_input(model_input)
    elements = sources(items, kind=kind, view=view)
    if view != "picture" and len(varied := variants()):  # each shard's variants come after its items
        elements = pd.concat([elements, varied]).sort_values("shard", kind="stable", ignore_index=True)
    assemble(
        f"featurize@{view}",
        paths.features(view),
        elements,
        make=featurize_shard,
        task=lambda elements: (readable(elements), model_input, features.device),
        form=NPY,
        columns=["start_s"],
        settings=[settings, features.device],
        beside={"settings.json": json_bytes(settings)},
        description=f"featurize {view}",
    )


if __name__ == "__main__":
    run_stage(main)
