"""The items on the page: what every model is shown with, within the bytes that a page may take."""

from operator import itemgetter
from typing import NamedTuple

import numpy as np

from earshot.core import paths
from earshot.core.io import read_table
from earshot.evaluation.predictions import classes_of, is_right
from earshot.reading.members import source_of
from earshot.report import media

PICTURE_BYTES, SOUND_BYTES = 5_000_000, 7_000_000  # the page stays under 15 MB with them
MISTAKES = 8  # of each model, its most confident ones


class Shown(NamedTuple):
    """What the page shows of items.

    entries : dict from (subset, view, model) to its list of items with their maps
    mistakes : likewise, what the model is wrong about and surest of
    media : dict from an item's id to its data URIs by name, `picture, back, spectrogram, sound`
    left_out : list of sentences, what found no place on the page
    """

    entries: dict
    mistakes: dict
    media: dict
    left_out: list


def shown_items(predictions, items, *, picture_bytes=PICTURE_BYTES, sound_bytes=SOUND_BYTES):
    """Which items each model is shown with, and what is shown of them.

    predictions : dict from (subset, view, model) to a table
    items : report.items.Items

    The first item of every class comes before any second one, so that a page which is full has some of each.
    """
    budget, found = media.Budget(picture_bytes), {}
    entries = {model: [] for model in predictions}
    waiting = sorted((entry for model in predictions for entry in _entries(model)), key=itemgetter("turn"))
    placed = []
    for entry in waiting:
        heat = entry.pop("heat")
        if budget.spent:
            break
        entry["map"] = media.picture_uri(media.heat(heat, top_first=items.top_first))
        if _embed(entry["id"], found, items, budget, entry["map"]):
            entries[entry["model"]].append(entry)
            placed.append(entry)
    mistakes = {model: confident_mistakes(table) for model, table in predictions.items()}
    told = [_embed(mistake["id"], found, items, budget) for own in mistakes.values() for mistake in own]
    left_out = _left_out("items of the gallery", len(waiting), len(placed))
    left_out += _left_out("pictures of mistakes", len(told), sum(told))
    left_out += _add_sounds(found, placed, items, media.Budget(sound_bytes))
    for entry in placed:
        for key in ("model", "turn"):
            del entry[key]
    return Shown(entries, mistakes, found, left_out)


def confident_mistakes(predictions):
    """The wrong answers that a model is surest of, the surest first: `id, label, predicted, probability`."""
    wrong = predictions[~is_right(predictions)]
    probability = wrong[classes_of(predictions)].max(axis=1)
    table = wrong[["id", "label", "predicted"]].assign(probability=probability)
    return table.sort_values(["probability", "id"], ascending=[False, True]).head(MISTAKES).to_dict("records")


def _entries(model):
    """The items that the stage gradcam chose for a model, in its order, each with its map and its turn in its sheet."""
    folder = paths.gradcam(*model)
    table = read_table(folder / "items.csv")
    maps = np.load(folder / "shown_maps.npy", mmap_mode="r")
    turns = table.groupby("sheet").cumcount()
    for row, turn, heat in zip(table.to_dict("records"), turns, maps, strict=True):
        told = {key: row[key] for key in ("id", "label", "predicted", "probability")}
        yield told | {"right": bool(row["right"]), "model": model, "turn": turn, "heat": heat}


def _embed(name, found, items, budget, *more):
    """Whether an item's pictures are on the page, or fit on it with what else is wanted of it."""
    if name in found and not more:
        return True
    if budget.spent:
        return False
    shown = found.get(name) or items.pictures(name)
    if not budget.take(*([] if name in found else shown.values()), *more):
        return False
    found[name] = shown
    return True


def _add_sounds(found, placed, items, budget):
    """Give the items their sounds, and then the entries what their maps keep of them."""
    told = []
    if items.kind != "spectrograms":
        heard = [
            name for name in found if _add(found[name], "sound", budget, lambda name=name: items.sound(name))
        ]
        told += _left_out("sounds", len(found), len(heard))
        told += items.shortened(heard)
    keeping = [entry for entry in placed if (paths.gradcam(*entry["model"]) / "kept.tar").is_file()]
    kept = [entry for entry in keeping if _add(entry, "kept", budget, lambda entry=entry: _kept(entry))]
    return told + _left_out("sounds of what a map keeps", len(keeping), len(kept))


def _add(target, key, budget, make):
    if budget.spent:
        return False
    uri = make()
    if not budget.take(uri):
        return False
    target[key] = uri
    return True


def _kept(entry):
    return media.sound_uri(source_of(paths.gradcam(*entry["model"]) / "kept.tar" / f"{entry['id']}.wav"))


def _left_out(what, there, embedded):
    if embedded == there:
        return []
    return [
        f"{there - embedded:,} of {there:,} {what} are left out, to keep the page small enough to open and send."
    ]
