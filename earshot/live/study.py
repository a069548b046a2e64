"""What can be asked on the page: the trained models, and the study's test items where it is there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from earshot.api.folders import models_below, no_model
from earshot.api.model import Model, load
from earshot.config.base import Kind
from earshot.config.inputs import kind_of
from earshot.config.views import VIEWS
from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.io import read_table, records
from earshot.models.card import ModelCard, read_card
from earshot.reading.members import source_of
from earshot.reading.pictures import read_picture

FLOOR = "shuffled"  # the view whose models have learned nothing
LOOKED_AT = 12  # pictures that tell whether the study's are dark or bright


@dataclass(frozen=True)
class Source:
    """A picture, a sound or an array that models are asked about.

    name : what `earshot predict` would be given; with the seed it decides the phase that a picture's sound starts from
    content : of the file, or where it lies
    start_s, end_s : the part of a sound that is meant
    label : the class of a test item
    is_file : whether a file of this name holds this and nothing else; a tar's member and a part of a sound are none
    """

    name: str
    content: bytes | str | Path
    start_s: float | None = None
    end_s: float | None = None
    label: str | None = None
    is_file: bool = True


@dataclass(frozen=True)
class Study:
    """The models in a folder.

    cards : of each model its card, by its path in the folder, `10/sound/cnn`
    """

    folder: Path
    cards: Mapping[str, ModelCard]
    _loaded: dict[str, Model] = field(default_factory=dict, compare=False)

    def model(self, name: str) -> Model:
        """A model with its weights, which are read when they are first wanted."""
        if name not in self.cards:
            raise EarshotError(f"{name} is no model of {self.folder}: it has {', '.join(self.cards)}")
        if name not in self._loaded:
            self._loaded[name] = load(self.folder / name)
        return self._loaded[name]

    def called(self, name: str) -> str:
        """What the model itself is called, `cnn`; also where the folder is its own and its path in it is `.`."""
        return Path(self.folder, name).resolve().name

    def listed(self) -> str:
        """The models in words, a line for each folder: `models/10/sound: cnn, lstm`."""
        by_folder: dict[str, list[str]] = {}
        for name in self.cards:
            by_folder.setdefault(Path(self.folder, name).parent.as_posix(), []).append(self.called(name))
        lines = [f"  {folder}: {', '.join(models)}" for folder, models in by_folder.items()]
        return "\n".join([f"{len(self.cards)} trained model(s):", *lines])

    @property
    def kind(self) -> Kind:
        """What the models take; all models of a study take the same."""
        return kind_of(next(iter(self.cards.values())).input)

    @property
    def subsets(self) -> list[list[str]]:
        """The classes that models tell apart, the most first."""
        different = {tuple(card.classes): None for card in self.cards.values()}
        return [list(classes) for classes in sorted(different, key=len, reverse=True)]

    @property
    def asked_at_first(self) -> list[str]:
        """The models of the largest subset, without the floor."""
        return [
            name
            for name, card in self.cards.items()
            if card.classes == self.subsets[0] and card.view != FLOOR
        ]

    @cached_property
    def items(self) -> dict[str, dict[str, Any]]:
        """The rows of data/index.csv of the test items, with their labels, by id; empty where there is no study."""
        if not (paths.INDEX.exists() and paths.SPLIT.exists()):
            return {}
        split = read_table(paths.SPLIT)
        split = split[split["split"] == "test"][["id", "label"]]
        table = split.merge(read_table(paths.INDEX).drop(columns="label"), on="id")
        table = table.astype(object).where(table.notna(), None)
        return {row["id"]: row for row in records(pd.DataFrame(table))}

    def item(self, name: str) -> Source:
        """A test item."""
        if name not in self.items:
            raise EarshotError(f"{name} is no test item of this study")
        row = self.items[name]
        path, start_s, end_s = row["path"], row.get("start_s"), row.get("end_s")
        try:
            content = source_of(path)
            is_file = isinstance(content, str)
            if is_file:
                Path(path).open("rb").close()
        except OSError as error:
            raise EarshotError(
                f"{path}: cannot be read ({error.strerror}). Bring the data set here, or draw or open something"
            ) from None
        is_whole = start_s is None and end_s is None
        return Source(path, content, start_s, end_s, row["label"], is_file=is_file and is_whole)

    @cached_property
    def is_dark(self) -> bool:
        """Whether the study's pictures are bright on dark ground, as far as its first test items tell."""
        if self.kind != "pictures" or not self.items:
            return True
        try:
            pictures = [
                read_picture(self.item(name).content, name=name) for name in list(self.items)[:LOOKED_AT]
            ]
        except EarshotError:  # the study was moved here without its data set
            return True
        return float(np.mean([picture.mean() for picture in pictures])) < 0.5


def open_study(folder: str | Path) -> Study:
    """The models below a folder, `models` or one model's own. Where there are none, an EarshotError lists others.

    Those of one view stand together.
    """
    folder = Path(folder)
    names = {str(Path(model).relative_to(folder)): read_card(model) for model in models_below(folder)}
    if not names:
        raise no_model(folder, "holds no trained model")
    order = list(VIEWS)
    cards = dict(sorted(names.items(), key=lambda pair: order.index(pair[1].view)))
    if len(kinds := {kind_of(card.input) for card in cards.values()}) > 1:
        raise EarshotError(
            f"{folder} has models of {' and '.join(sorted(kinds))}: name the folder of one study"
        )
    return Study(folder, cards)
