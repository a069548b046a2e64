"""Make extra variants of the training part's sounds."""

from pydantic import Field

from earshot.config.augment import Augment
from earshot.config.base import Channel, Kind, Natural, SampleRate
from earshot.config.load import StageParams
from earshot.config.stage import run_stage
from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.io import read_table
from earshot.features.augment import augment_elements
from earshot.features.sources import sources, with_copies
from earshot.store.build import build_shards
from earshot.store.formats import TAR


class Params(StageParams):
    seed: Natural
    kind: Kind = Field(alias="dataset.kind")
    sonify_rate: SampleRate = Field(alias="sonify.sample_rate")
    features_rate: SampleRate = Field(alias="features.sample_rate")
    channel: Channel = Field("mix", alias="features.channel")
    augment: Augment


def main() -> None:
    params = Params.read()
    pictures, copies = params.kind == "pictures", params.augment.copies
    if copies and params.kind == "spectrograms":
        raise EarshotError(
            f"augment.copies: {copies}, and spectrograms hold no sound to vary; set it to 0 and use "
            "train.time_mask, frequency_mask, roll, gain_db or mixup"
        )
    split = read_table(paths.SPLIT)
    items = read_table(paths.BALANCED)
    items = items[items["id"].isin(split["id"][split["split"] == "train"])]
    build_shards(
        "augment",
        paths.AUGMENTED,
        with_copies(sources(items, kind=params.kind), copies),
        make=augment_elements,
        settings={
            "settings": params.augment,
            "sample_rate": params.sonify_rate if pictures else params.features_rate,
            "channel": "mix" if pictures else params.channel,
            "same_length": pictures,
            "seed": params.seed,
        },
        form=TAR,
        columns=["hash"],
        description="augment",
    )


if __name__ == "__main__":
    run_stage(main)
