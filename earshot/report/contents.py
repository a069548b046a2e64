"""What the page is made of: the study's tables, its items as the page holds them, and its models."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from earshot.config.inputs import EmbeddingInput, PicturesInput, SoundsInput, kind_of
from earshot.config.study import StudySettings
from earshot.core import paths
from earshot.core.io import read_json, read_table, records
from earshot.evaluation.compare import best_row
from earshot.evaluation.paired import is_significant, items_to_find
from earshot.evaluation.predictions import Key, checked
from earshot.models.card import ModelCard, read_card
from earshot.report import inputs, models
from earshot.report.embed import Embedded, embed_items, mistakes_of
from earshot.report.examined import Examined, examined
from earshot.report.items import InputOfItems, Items
from earshot.report.overview import overview


@dataclass(frozen=True)
class Contents:
    """What the texts of the page and the data of its script are made of.

    summary, balanced : data/summary.csv and data/balanced.csv
    maps : the content of metrics/maps.json
    pairs : as `read_pairs` gives them
    predictions : by model, of all its runs
    best : the best model of the largest subset
    card : of the model in whose view the items are shown
    models : of each what `models.describe` gives, with its entries in the gallery, its mistakes and its overview
    """

    params: StudySettings
    summary: pd.DataFrame
    balanced: pd.DataFrame
    maps: dict[str, Any]
    pairs: list[dict[str, Any]]
    predictions: dict[Key, pd.DataFrame]
    best: Key
    card: ModelCard
    items: Items
    embedded: Embedded
    examined: Examined
    models: list[dict[str, Any]]


def read_contents(params: StudySettings) -> Contents:
    """Read the study's files. Raises EarshotError where there are not all of them."""
    chosen = inputs.models_of(params)
    inputs.check(chosen)
    summary, balanced = read_table(paths.SUMMARY), read_table(paths.BALANCED)
    predictions = {model: checked(read_table(paths.predictions(*model))) for model in chosen}
    # what a pretrained model hears is no picture: items are shown as another view has them, where there is one
    cards = [read_card(paths.model(*model)) for model in chosen]
    card = min(cards, key=lambda card: isinstance(card.input, EmbeddingInput))
    items = Items(
        balanced,
        model_input=input_of_items(card, params),
        features=None if isinstance(card.input, EmbeddingInput) else paths.features(card.view),
        in_colour="colour" in params.views,
    )
    top = best_row(summary)
    best = top["subset"], top["view"], top["model"]
    overviews = {model: overview(model, predictions[model]) for model in chosen}
    embedded = embed_items(predictions, items, also=overviews[best]["ids"])
    scores = {(row["subset"], row["view"], row["model"]): row for row in records(summary)}
    subgroups = read_table(paths.SUBGROUPS)
    return Contents(
        params=params,
        summary=summary,
        balanced=balanced,
        maps=read_json(paths.MAP_METRICS),
        pairs=read_pairs(),
        predictions=predictions,
        best=best,
        card=card,
        items=items,
        embedded=embedded,
        examined=examined(items, embedded.media),
        models=[
            models.describe(model, scores[model], predictions[model], subgroups)
            | {"entries": embedded.entries[model], "mistakes": embedded.mistakes[model]}
            | {"overview": overviews[model]}
            | {"wrong": len(mistakes_of(predictions[model]))}
            for model in chosen
        ],
    )


def input_of_items(card: ModelCard, params: StudySettings) -> InputOfItems:
    """How the page shows the items of a model."""
    if isinstance(card.input, PicturesInput) or kind_of(card.input) == "pictures":
        # all of sonify: what a model of the view picture keeps is a part of it
        return PicturesInput(view="sound", sonify=params.sonify)
    if isinstance(card.input, EmbeddingInput):
        return SoundsInput(features=params.features)
    return card.input


def read_pairs() -> list[dict[str, Any]]:
    """The pairs of models with `significant`, whether their accuracies differ, and `items`, what it takes to find out.

    `items` is as `items_to_find` gives it.
    """
    table = read_table(paths.PAIRS)
    return [
        pair | {"significant": is_significant(pair), "items": items}
        for _, family in table.groupby(["subset", "question"], sort=False)
        for pair, items in zip(records(family), items_to_find(records(family)), strict=True)
    ]
