"""List the data set's items and open every one of them."""

import logging

from pydantic import Field

from earshot.config.base import Channel, White
from earshot.config.dataset import Dataset
from earshot.config.load import StageParams
from earshot.config.stage import run_stage
from earshot.core import paths
from earshot.core.io import write_table
from earshot.dataset.groups import duplicates, name_groups
from earshot.dataset.items import capture_or_column, class_name_hints, items_of, number_shards
from earshot.dataset.parts import parts_named
from earshot.dataset.probe import Reading, probe, without_doubts

MOST = 20  # sets of byte-identical items that are logged
FIRST = ["id", "path", "label", "group", "fold", "shard"]

log = logging.getLogger("earshot")


class Params(StageParams):
    dataset: Dataset
    channel: Channel = Field("mix", alias="features.channel")
    white: White = Field("file", alias="sonify.white")


def main() -> None:
    params = Params.read()
    dataset = params.dataset
    items = probe(items_of(dataset), kind=dataset.kind, reading=Reading(params.channel, params.white))
    groups = capture_or_column(items, "group", pattern=dataset.group, key="dataset.group")
    folds = capture_or_column(items, "fold", pattern=dataset.fold, key="dataset.fold")
    items = items.assign(group=name_groups(items, groups), fold=folds or "")
    if parts := capture_or_column(items, "split", pattern=dataset.split, key="dataset.split"):
        items = items.assign(split=parts_named(parts, key="dataset.split"))
    copies = duplicates(items)
    for ids in copies[:MOST]:
        log.info("byte-identical, in one group: %s", ", ".join(ids))
    if len(copies) > MOST:
        log.info("… and %d more sets of byte-identical items", len(copies) - MOST)
    items = without_doubts(items)
    for hint in class_name_hints(items["label"], classes=dataset.classes):
        log.warning("%s", hint)
    items = number_shards(items, shard_size=dataset.shard_size)
    write_table(paths.INDEX, items[[*FIRST, *items.columns.difference(FIRST, sort=False)]])
    classes, group_count = items["label"].nunique(), items["group"].nunique()
    log.info("%d items of %d classes in %d groups", len(items), classes, group_count)


if __name__ == "__main__":
    run_stage(main)
