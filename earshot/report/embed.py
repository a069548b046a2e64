"""The items on the page: what every model is shown with, within the bytes that a page may take."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from earshot.core import paths
from earshot.core.io import read_table, records
from earshot.evaluation.predictions import Key, classes_of, is_right, run_count
from earshot.reading.members import bytes_of
from earshot.report import media
from earshot.report.items import Items

PICTURE_BYTES, SOUND_BYTES = 4_000_000, 5_500_000  # for less than 15 MB with 30 classes
MISTAKES = 8  # of each model, its most confident ones


class Embedded(NamedTuple):
    """What the page holds of items.

    entries : of each model its items with their maps, and their groups where items belong together
    mistakes : of each model what it is wrong about and surest of
    media : by an item's id its data URIs by name, `picture, back, spectrogram, sound`
    left_out : sentences on what found no place on the page
    """

    entries: dict[Key, list[dict[str, Any]]]
    mistakes: dict[Key, list[dict[str, Any]]]
    media: dict[str, dict[str, str]]
    left_out: list[str]


def embed_items(
    predictions: Mapping[Key, pd.DataFrame],
    items: Items,
    *,
    also: Sequence[str] = (),
    picture_bytes: int = PICTURE_BYTES,
    sound_bytes: int = SOUND_BYTES,
) -> Embedded:
    """Which items each model is shown with, and their pictures and sounds.

    predictions : by model, of all its runs
    also : items whose pictures and sounds take what room is left

    The first item of every class comes before any second one, so that a page which is full has some of each.
    """
    budget = media.Budget(picture_bytes)
    grouped = len({row["group"] for row in items.rows.values()}) < len(items.rows)
    embedded: dict[str, dict[str, str]] = {}
    entries: dict[Key, list[dict[str, Any]]] = {model: [] for model in predictions}
    waiting = sorted(
        (entry for own in predictions.items() for entry in _entries(*own)), key=itemgetter("turn")
    )
    placed = []
    for entry in waiting:
        heat = entry.pop("heat")
        if budget.spent:
            break
        if entry["where"]:
            entry["map"] = media.picture_uri(media.heat(heat, top_first=items.top_first))
        if _embed(entry["id"], embedded, items, budget, entry.get("map", "")):
            if grouped:
                entry["group"] = items.rows[entry["id"]]["group"]
            entries[entry["model"]].append(entry)
            placed.append(entry)
    mistakes = {model: records(mistakes_of(table).head(MISTAKES)) for model, table in predictions.items()}
    fits = [_embed(mistake["id"], embedded, items, budget) for own in mistakes.values() for mistake in own]
    left_out = _left_out("items of the gallery", len(waiting), len(placed))
    left_out += _left_out("pictures of mistakes", len(fits), sum(fits))
    sound_budget = media.Budget(sound_bytes)
    left_out += _add_sounds(embedded, placed, items, sound_budget)
    left_out += _add_others(also, embedded, items, budget, sound_budget)
    for entry in placed:
        for key in ("model", "turn"):
            del entry[key]
    return Embedded(entries, mistakes, embedded, left_out)


def mistakes_of(predictions: pd.DataFrame) -> pd.DataFrame:
    """The wrong answers of a model, the surest first: `id, label, predicted, runs, probability`.

    A mistake that several runs make has one row: `runs` counts them, and `probability` is the mean over them. Surest is
    the one with the highest sum of probabilities over runs.
    """
    wrong = predictions[~is_right(predictions)]
    wrong = wrong.assign(probability=wrong[classes_of(predictions)].max(axis=1))
    same = wrong.groupby(["id", "label", "predicted"], as_index=False)["probability"]
    table = pd.DataFrame(same.agg(runs="count", probability="mean"))
    order = (table["runs"] * table["probability"]).sort_values(ascending=False, kind="stable").index
    return table.loc[order]


def _entries(model: Key, predictions: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The items that the stage gradcam chose for a model, in its order, each with its map and its turn in its sheet.

    `where` says which places the map names, and is empty where the map is no better than a random one.

    What they say of an item is run 1's. Of a model with several runs, items of the test part have `rightRuns`, how many
    runs are right, and `mean`, what the runs' probabilities of the class that run 1 names are on average.
    """
    folder = paths.gradcam(*model)
    table = read_table(folder / "items.csv")
    maps = np.load(folder / "shown_maps.npy", mmap_mode="r")
    turns = table.groupby("sheet").cumcount()
    right = predictions.assign(right=is_right(predictions)).groupby("id")["right"].sum()
    means = predictions.groupby("id")[classes_of(predictions)].mean()
    for row, turn, heat in zip(records(table), turns, maps, strict=True):
        answer = {key: row[key] for key in ("id", "label", "predicted", "probability")}
        if run_count(predictions) > 1 and row["id"] in right.index:
            answer |= {"rightRuns": int(right[row["id"]]), "mean": means.loc[row["id"], row["predicted"]]}
        answer["where"] = row["where"] if row["drawn"] else ""
        yield answer | {"right": bool(row["right"]), "model": model, "turn": turn, "heat": heat}


def _embed(
    name: str, embedded: dict[str, dict[str, str]], items: Items, budget: media.Budget, *more: str
) -> bool:
    """Whether an item's pictures are on the page, or fit on it with what else is wanted of it."""
    if name in embedded and not more:
        return True
    if budget.spent:
        return False
    pictures = embedded.get(name) or items.pictures(name)
    if not budget.take(*([] if name in embedded else pictures.values()), *more):
        return False
    embedded[name] = pictures
    return True


def _add_sounds(
    embedded: dict[str, dict[str, str]], placed: list[dict[str, Any]], items: Items, budget: media.Budget
) -> list[str]:
    """Give the items their sounds, and then the entries what their maps keep of them; sentences on what did not fit."""
    left_out = []
    if items.kind != "spectrograms":
        heard = [
            name for name, own in embedded.items() if _add(own, "sound", budget, partial(items.sound, name))
        ]
        left_out += _left_out("sounds", len(embedded), len(heard))
        left_out += items.shortened(heard)
    masked = [entry for entry in placed if entry["where"] and _masked_sounds(entry).is_file()]
    fits = [_add(entry, "kept", budget, partial(_masked_sound, entry)) for entry in masked]
    return left_out + _left_out("sounds of what a map keeps", len(masked), sum(fits))


def _add_others(
    names: Sequence[str],
    embedded: dict[str, dict[str, str]],
    items: Items,
    pictures: media.Budget,
    sounds: media.Budget,
) -> list[str]:
    """Embed items of the map that no other part of the page shows; sentences on what did not fit."""
    others = [name for name in names if name not in embedded]
    placed = [name for name in others if _embed(name, embedded, items, pictures)]
    left_out = _left_out("pictures of the map", len(names), len(names) - len(others) + len(placed))
    if items.kind != "spectrograms":
        heard = [name for name in placed if _add(embedded[name], "sound", sounds, partial(items.sound, name))]
        left_out += _left_out("sounds of the map", len(placed), len(heard))
    return left_out


def _add(target: dict[str, Any], key: str, budget: media.Budget, make: Callable[[], str]) -> bool:
    """Add what `make` gives under the key, if it fits; whether it did."""
    if budget.spent:
        return False
    uri = make()
    if not budget.take(uri):
        return False
    target[key] = uri
    return True


def _masked_sounds(entry: dict[str, Any]) -> Path:
    return paths.gradcam(*entry["model"]) / "kept.tar"


def _masked_sound(entry: dict[str, Any]) -> str:
    return media.sound_uri(bytes_of(_masked_sounds(entry) / f"{entry['id']}.wav"))


def _left_out(what: str, there: int, embedded: int) -> list[str]:
    if embedded == there:
        return []
    return [
        f"{there - embedded:,} of {there:,} {what} are left out, to keep the page small enough to open and send."
    ]
