"""Measure every item, and find those that are copies of one another though no byte is the same."""

import io
import logging

import numpy as np
from pydantic import Field

from earshot.config.base import Channel, Kind, SampleRate, White
from earshot.config.load import StageParams
from earshot.config.stage import run_stage
from earshot.core import paths
from earshot.core.io import read_table, remove, write_bytes, write_table
from earshot.dataset.groups import contents
from earshot.examination.alike_pictures import alike_pictures
from earshot.examination.measure import hearing_of, measure
from earshot.examination.near_duplicates import alike_sounds, table_of

log = logging.getLogger("earshot")


class Params(StageParams):
    kind: Kind = Field(alias="dataset.kind")
    sample_rate: SampleRate = Field(alias="features.sample_rate")
    channel: Channel = Field("mix", alias="features.channel")
    white: White = Field("file", alias="sonify.white")


def main() -> None:
    params = Params.read()
    index = read_table(paths.INDEX)
    hearing = None
    if params.kind == "sounds":
        hearing = hearing_of(index, sample_rate=params.sample_rate, channel=params.channel)
    facts, descriptors, shapes = measure(index, kind=params.kind, hearing=hearing, white=params.white)
    first = np.flatnonzero(~index.assign(content=contents(index)).duplicated("content"))  # of each content
    items, own = index.iloc[first], [shapes[place] for place in first]
    pairs = alike_sounds(items, own, hearing=hearing) if hearing else alike_pictures(own, descriptors[first])
    buffer = io.BytesIO()
    np.save(buffer, descriptors)
    remove(paths.DESCRIBED)
    write_table(paths.DESCRIBED_ITEMS, index[["id"]].join(facts))
    write_bytes(paths.DESCRIBED / "descriptors.npy", buffer.getvalue())
    write_table(paths.NEAR_DUPLICATES, table_of(list(items["id"]), pairs))
    log.info("%d pair(s) of items are near-duplicates", len(pairs))


if __name__ == "__main__":
    run_stage(main)
