"""List the data set's items and open every one of them."""

from earshot import paths
from earshot.dataset.index import duplicates, name_groups, probe, with_shards
from earshot.dataset.items import capture, check, from_folders
from earshot.errors import run
from earshot.params import read_params
from earshot.reading.pictures import PICTURE_ENDINGS
from earshot.tables import write_table


def main():
    dataset = read_params("dataset").dataset
    items = from_folders(dataset.path, endings=PICTURE_ENDINGS)
    check(items)
    items = probe(items, kind=dataset.kind)
    groups = capture(items, dataset.group, key="dataset.group") if dataset.group else None
    items = items.assign(group=name_groups(items, groups), fold="")
    for same in duplicates(items):
        print(f"byte-identical, kept in one group: {', '.join(same)}")
    items = with_shards(items, shard_size=dataset.shard_size)
    first = ["id", "path", "label", "group", "fold", "shard"]
    write_table(paths.INDEX, items[[*first, *items.columns.difference(first, sort=False)]])
    print(f"{len(items)} items of {items['label'].nunique()} classes in {items['group'].nunique()} groups")


if __name__ == "__main__":
    run(main)
