"""What lies in a folder: its layout, its items, and what opening some of them tells."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import ValidationError

from earshot.config.dataset import Dataset
from earshot.config.load import problem
from earshot.core.errors import EarshotError, list_problems
from earshot.core.ordering import natural_key
from earshot.dataset.group_guesses import GroupGuess, guess_groups
from earshot.dataset.items import items_of
from earshot.dataset.layout import TABLES, Layout, recognize
from earshot.dataset.probe import probe
from earshot.features.lengths import MUCH_MARGIN
from earshot.reading.margins import margins_of
from earshot.reading.pictures import PICTURE_ENDINGS, brightness_of, colours_of, open_picture
from earshot.reading.sounds import SOUND_ENDINGS

MOST_OPENED = 2000  # items
MOST_SEEN = 40  # pictures whose brightness, colour and margins are looked at
# A picture is in colour where this share of its pixels has colours that differ so much: the noise of a grey JPEG that
# is stored as RGB stays below it.
COLOURED, SPREAD = 0.01, 0.1
DRAWN = ("spectrogram", "images_original", "melspec", "mel_spec")  # names of folders of drawn spectrograms


@dataclass(frozen=True)
class Survey:
    """A data set as it was found.

    layout : the name of its layout, or of the data set where it is a known one
    dataset : the block `dataset` that reads it
    notes : what else there is to say, a sentence each
    items : DataFrame, one row an item, as `items_of` gives it
    opened : DataFrame of up to MOST_OPENED of them, with what opening them told
    groups : what the names suggest
    dark_on_light : of pictures, whether they are dark ink on light paper
    in_colour : whether most are pictures with colours, and not grey ones that are stored as RGB
    """

    layout: str
    dataset: Dataset
    notes: tuple[str, ...]
    items: pd.DataFrame
    opened: pd.DataFrame
    groups: list[GroupGuess]
    dark_on_light: bool = False
    in_colour: bool = False

    @property
    def are_pictures(self) -> bool:
        """Whether the files are pictures, which may be spectrograms that were drawn."""
        return bool(self.opened["path"].str.lower().str.endswith(tuple(PICTURE_ENDINGS)).all())


def survey_of(source: str | Path, *, answers: Mapping[str, Any] | None = None) -> Survey:
    """Look at a folder, or at the folder of a table of labels or of a big array.

    answers : keys of the block `dataset` that the user has said
    Raises EarshotError where nothing is there that can be read, and for items that cannot be used.
    """
    answers = {key: value for key, value in (answers or {}).items() if value is not None}
    layout, answers = _layout(Path(source), answers)
    settings: dict[str, Any] = {"kind": layout.kind, "path": layout.path, **layout.settings, **answers}
    if settings["kind"] == "pictures" and "kind" not in answers and _looks_drawn(Path(layout.path)):
        settings["kind"] = "spectrograms"
    try:
        dataset = Dataset.model_validate(settings)
    except ValidationError as error:
        faults = [problem(fault, Dataset, "dataset") for fault in error.errors()]
        raise list_problems("The data set cannot be used like this:", faults) from None
    items = items_of(dataset)
    places = np.unique(np.linspace(0, len(items) - 1, MOST_OPENED).round().astype(int))
    opened = probe(items.iloc[places].reset_index(drop=True), kind=dataset.kind)
    notes = list(layout.notes)
    if dataset.labels is None and (empty := _empty_folders(Path(layout.path))):
        notes.append(f"empty, and so no class: {', '.join(empty)}")
    if dataset.kind == "pictures" and "kind" not in answers and _are_charts(opened):
        notes.append(
            "all have paper around a plot, as drawn spectrograms do: if they are, --kind spectrograms"
        )
    survey = Survey(
        layout=layout.name,
        dataset=dataset,
        notes=tuple(notes),
        items=items,
        opened=opened,
        groups=guess_groups(list(items["path"]), list(items["label"])),
        dark_on_light=dataset.kind == "pictures" and _is_dark_on_light(opened),
    )
    return replace(survey, in_colour=survey.are_pictures and _are_in_colour(opened))


def _empty_folders(root: Path) -> list[str]:
    """The names of the folders right below a folder that hold nothing; hidden ones are left out, as of a data set."""
    folders = (path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    return sorted((folder.name for folder in folders if not any(folder.iterdir())), key=natural_key)


def _layout(path: Path, answers: Mapping[str, Any]) -> tuple[Layout, Mapping[str, Any]]:
    """The layout of a folder, or of the one that a file belongs to, and the answers with a table's name."""
    if not path.exists():
        raise EarshotError(f"{path} is not there (from {Path.cwd()}); name the folder of the data set")
    if not path.is_file():
        return recognize(path), answers
    if path.suffix.lower() in SOUND_ENDINGS | PICTURE_ENDINGS:
        raise EarshotError(
            f"{path} is one file; name the folder of the data set, which holds a folder a class"
        )
    if path.suffix.lower() not in TABLES:
        return recognize(path.parent), answers
    root = path.parent
    try:
        layout = recognize(root)
    except EarshotError:  # meta/esc50.csv, with the recordings in audio
        root = root.parent
        layout = recognize(root)
    if not path.is_relative_to(layout.path):  # a table above what its data set is known by
        layout = Layout("table", layout.kind, root.as_posix())
    return layout, {"labels": path.relative_to(layout.path).as_posix(), **answers}


def _looks_drawn(root: Path) -> bool:
    """Whether the name of the folder says that its pictures are spectrograms."""
    return any(word in os.path.realpath(root).casefold() for word in DRAWN)


def _are_charts(opened: pd.DataFrame) -> bool:
    """Whether every picture is a plot with paper around it."""
    return all(margins_of(open_picture(path)).share > MUCH_MARGIN for path in _seen(opened))


def _is_dark_on_light(opened: pd.DataFrame) -> bool:
    """Whether most pictures are light all around and in most places: ink, and not a photograph."""
    light = []
    for path in _seen(opened):
        picture = brightness_of(open_picture(path), name=path)
        border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
        light.append(min(np.median(border), np.median(picture)) > 0.8)
    return bool(np.mean(light) > 0.8)


def _are_in_colour(opened: pd.DataFrame) -> bool:
    coloured = []
    for path in _seen(opened):
        colours = colours_of(open_picture(path), name=path)  # (3, rows, columns)
        coloured.append((np.ptp(colours, axis=0) > SPREAD).mean() > COLOURED)
    return bool(np.mean(coloured) > 0.5)


def _seen(opened: pd.DataFrame) -> "pd.Series[str]":
    """The paths of up to MOST_SEEN pictures, evenly spread."""
    return opened["path"].iloc[np.unique(np.linspace(0, len(opened) - 1, MOST_SEEN).round().astype(int))]
