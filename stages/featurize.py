"""Turn every item into the array that the models see, for one view."""

from pydantic import Field

from earshot.config.base import Kind
from earshot.config.cell import view_cell
from earshot.config.features import Features
from earshot.config.inputs import dump_input, input_of
from earshot.config.load import StageParams
from earshot.config.sonify import Sonify
from earshot.config.stage import run_stage
from earshot.core import paths
from earshot.core.io import json_bytes, read_table
from earshot.embedding.view_files import read_view, stays_here
from earshot.features.doubts import warn_of_doubts
from earshot.features.extract import columns_of, featurize_elements
from earshot.features.lengths import check_windows, resolve_shape, warn_of_silent_bands
from earshot.features.sources import sources, with_variants
from earshot.store.build import build_shards
from earshot.store.formats import NPY


class Params(StageParams):
    kind: Kind = Field(alias="dataset.kind")
    sonify: Sonify
    features: Features


def main() -> None:
    view, params = view_cell(), Params.read()
    kind, features = params.kind, params.features
    if features.device != "cpu":
        from earshot.core.devices import pick  # imports torch, for 2 s

        pick(features.device, setting="features.device")
    items = read_table(paths.BALANCED)
    if embedding := read_view(view):
        check_windows(embedding.embedding, features, items, kind=kind)
    else:
        features = resolve_shape(features, items, kind=kind)
        warn_of_silent_bands(features, kind=kind)
    model_input = input_of(kind, view, sonify=params.sonify, features=features, embedding=embedding)
    build_shards(
        f"featurize-{model_input.view}",  # `sound` and `shuffled`, the floor, share it
        paths.features(view),
        with_variants(sources(items, kind=kind, view=view), view=view),
        make=featurize_elements,
        settings={"model_input": model_input, "device": features.device},
        form=NPY,
        columns=columns_of(kind),
        beside={"settings.json": json_bytes(dump_input(model_input))},
        description=f"featurize {view}",
        here=stays_here(model_input),
    )
    warn_of_doubts(view)


if __name__ == "__main__":
    run_stage(main)
