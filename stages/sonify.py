"""Turn every picture into a sound, and measure how much of it the sound keeps."""

from pydantic import Field

from earshot.config.base import Kind, Natural
from earshot.config.load import StageParams
from earshot.config.sonify import Sonify
from earshot.config.stage import run_stage
from earshot.core import paths
from earshot.core.io import read_table, write_json
from earshot.features.sources import sources
from earshot.sonification.fidelity import MEASURES, summarize
from earshot.sonification.pictures import COLUMNS, sonify_elements
from earshot.store.build import build_shards
from earshot.store.formats import TAR


class Params(StageParams):
    seed: Natural
    kind: Kind = Field(alias="dataset.kind")
    sonify: Sonify


def main() -> None:
    params = Params.read()
    if params.sonify.device != "cpu":
        from earshot.core.devices import pick  # imports torch, for 2 s

        pick(params.sonify.device, setting="sonify.device")
    items = read_table(paths.BALANCED)
    if params.kind != "pictures":  # sounds and spectrograms are used where they lie
        items = items.iloc[:0]
    build_shards(
        "sonify",
        paths.AUDIO,
        sources(items, kind="pictures", view="picture"),
        make=sonify_elements,
        settings={"seed": params.seed, "settings": params.sonify},
        form=TAR,
        columns=COLUMNS,
        description="sonify",
        unit="picture",
    )
    measures = read_table(paths.AUDIO / "rows.csv", columns=MEASURES)
    write_json(paths.FIDELITY, summarize(measures) if len(measures) else {"items": 0})


if __name__ == "__main__":
    run_stage(main)
