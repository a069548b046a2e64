"""List the data set's items and open every one of them."""

from earshot.config.dataset import Dataset
from earshot.config.load import StageParams
from earshot.core import paths
from earshot.core.io import write_table
from earshot.core.process import run_stage
from earshot.dataset.index import duplicates, name_groups, with_shards
from earshot.dataset.items import capture, list_items
from earshot.dataset.probe import probe

MOST = 20  # sets of byte-identical items that are printed
FIRST = ["id", "path", "label", "group", "fold", "shard"]


class Params(StageParams):
    dataset: Dataset


def main():
    dataset = Params.read().dataset
    items = probe(list_items(dataset.path, kind=dataset.kind, labels=dataset.labels), kind=dataset.kind)
    groups, folds = (
        brought(items, column, getattr(dataset, column), key=f"dataset.{column}")
        for column in ("group", "fold")
    )
    items = items.assign(group=name_groups(items, groups), fold=folds or "")
    for same in (copies := duplicates(items))[:MOST]:
        print(f"byte-identical, kept in one group: {', '.join(same)}")
    if len(copies) > MOST:
        print(f"… and {len(copies) - MOST} more sets of byte-identical items")
    if "silent" in items and (silent := items.pop("silent")).any():
        names = list(items["id"][silent])
        print(f"warning: {len(names)} silent sound(s) kept, {', '.join(names[:5])} among them")
    items = with_shards(items, shard_size=dataset.shard_size)
    write_table(paths.INDEX, items[[*FIRST, *items.columns.difference(FIRST, sort=False)]])
    print(f"{len(items)} items of {items['label'].nunique()} classes in {items['group'].nunique()} groups")


def brought(items, column, pattern, *, key):
    """What the data set says of each item: found in its path by a pattern, else the CSV's column, else None."""
    if pattern is not None:
        return capture(items, pattern, key=key)
    return list(items[column]) if column in items else None


if __name__ == "__main__":
    run_stage(main)
