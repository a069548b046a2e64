"""What the stage examine found, with the items that it is about to see and hear."""

from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from earshot.core import paths
from earshot.core.io import read_table, records
from earshot.report import media
from earshot.report.items import Items
from earshot.report.wording import plural, unbroken

MOST = 24  # pairs, and suspects, that are shown; the tables hold all
PICTURE_BYTES, SOUND_BYTES = 500_000, 1_000_000  # beside those of the gallery


class Examined(NamedTuple):
    """The checks, the most alike pairs of near-duplicates, the likeliest wrong labels, and what is not on the page."""

    checks: list[dict[str, Any]]
    copies: list[dict[str, Any]]
    suspects: list[dict[str, Any]]
    left_out: list[str]


def examined(items: Items, embedded: dict[str, dict[str, str]]) -> Examined:
    """What the page says of the data set.

    embedded : by an item's id its data URIs by name; those that are lacking are added
    """
    tables = {
        name: read_table(paths.EXAMINED / f"{name}.csv") for name in ("near_duplicates", "wrong_labels")
    }
    copies, suspects = (records(table.head(MOST)) for table in tables.values())
    names = dict.fromkeys(
        chain.from_iterable(
            [*((pair["first"], pair["second"]) for pair in copies), *([row["id"]] for row in suspects)]
        )
    )
    pictures, sounds = media.Budget(PICTURE_BYTES), media.Budget(SOUND_BYTES)
    for name in names:
        own = embedded.get(name)
        if own is None and not pictures.spent:
            pictures_of_item = items.pictures(name)
            own = pictures_of_item if pictures.take(*pictures_of_item.values()) else None
        if own is None:
            continue
        embedded[name] = own
        if items.kind != "spectrograms" and "sound" not in own and not sounds.spent:
            make = partial(items.sound, name)
            if sounds.take(uri := make()):
                own["sound"] = uri
    left = [
        f"{plural(len(table) - MOST, what)} more in data/examined/{name}.csv."
        for (name, table), what in zip(tables.items(), ("pair", "item"), strict=True)
        if len(table) > MOST
    ]
    labels = {name: row["label"] for name, row in items.rows.items()}
    copies = [pair | {"labels": [labels[pair[side]] for side in ("first", "second")]} for pair in copies]
    checks = [
        check | {name: unbroken(check[name]) for name in ("text", "mend")}
        for check in records(read_table(paths.CHECKS))
    ]
    doubted = [{key: row[key] for key in ("id", "label", "suggested", "doubt")} for row in suspects]
    return Examined(checks, copies, doubted, left)
