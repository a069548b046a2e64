"""All that the page says, from the files of the study, as plain data."""

import io
from collections.abc import Mapping
from importlib import metadata
from platform import python_version_tuple
from typing import Any

import pandas as pd
from ruamel.yaml import YAML

from earshot.config.inputs import (
    EmbeddingInput,
    ModelInput,
    PicturesInput,
    SoundsInput,
    kind_of,
)
from earshot.config.study import StudySettings
from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.fingerprint import LIBRARIES
from earshot.core.io import read_json, read_table, records
from earshot.evaluation.compare import accuracy_by_classes, best_row
from earshot.evaluation.listeners import is_about_listeners
from earshot.evaluation.paired import is_significant, items_to_find
from earshot.evaluation.predictions import checked, no_skill
from earshot.evaluation.verdict import sentences_of
from earshot.evaluation.warnings import warnings_of
from earshot.models.card import read_card
from earshot.plots.eda import SPAN_S, covered_s, durations
from earshot.report import columns, inputs, models, opening, study, warnings
from earshot.report.charts import charts
from earshot.report.dots import dots
from earshot.report.embed import embed_items, mistakes_of
from earshot.report.examined import examined
from earshot.report.findings import findings
from earshot.report.items import InputOfItems, Items, axes_of_pictures
from earshot.report.listeners import listeners
from earshot.report.overview import overview
from earshot.report.wording import unbroken

MADE_WITH = (*LIBRARIES, "dvc", "dvclive")


def gather(params: StudySettings) -> dict[str, dict[str, Any]]:
    """What the templates take: `page`, which is written out, and `data`, which the page's script draws."""
    chosen = inputs.models_of(params)
    inputs.check(chosen)
    summary, maps = read_table(paths.SUMMARY), read_json(paths.MAP_METRICS)
    scores = {(row["subset"], row["view"], row["model"]): row for row in records(summary)}
    predictions = {model: checked(read_table(paths.predictions(*model))) for model in chosen}
    # what a pretrained model hears is no picture: items are shown as another view has them, where there is one
    cards = [read_card(paths.model(*model)) for model in chosen]
    card = min(cards, key=lambda card: isinstance(card.input, EmbeddingInput))
    model_input = input_of_items(card.input, params)
    arrays = None if isinstance(card.input, EmbeddingInput) else paths.features(card.view)
    balanced, split = read_table(paths.BALANCED), read_table(paths.SPLIT)
    items = Items(balanced, model_input=model_input, features=arrays, in_colour="colour" in params.views)
    best = best_row(summary)
    maps_of_items = {model: overview(model, predictions[model]) for model in chosen}
    of_best = maps_of_items[best["subset"], best["view"], best["model"]]["ids"]
    embedded = embed_items(predictions, items, also=of_best)
    soundness = examined(items, embedded.media)
    skill = no_skill({key[1:]: table for key, table in predictions.items() if key[0] == best["subset"]})
    name, lead = study.title(params, balanced)
    subgroups = read_table(paths.SUBGROUPS)
    described = [models.describe(model, scores[model], predictions[model], subgroups) for model in chosen]
    doubts = warnings_of(read_table(paths.WARNINGS)) + warnings.about_maps(described)
    kinds = warnings.by_kind(doubts)
    differences = pairs()
    of_models = [pair for pair in differences if not is_about_listeners(pair)]
    heads, rows = columns.table(summary)
    lengths = duration_rows(params, balanced)
    page = {
        "title": name,
        "headline": opening.headline(summary, doubts, kind=params.dataset.kind, no_skill=skill),
        "figures": opening.figures(summary, no_skill=skill),
        "made_with": opening.made_with(params, summary),
        "grave": sum(len(kind["warnings"]) for kind in kinds if kind["grave"]),
        "accuracy": dots(accuracy_by_classes(summary, predictions)),
        "lead": lead,
        "verdict": verdict_sentences(),
        "warnings": kinds,
        "findings": findings(summary, of_models, predictions, maps),
        "checks": soundness.checks,
        "facts": study.facts(params, model_input, balanced),
        "classes": study.class_counts(params, split),
        "durations": bool(lengths),
        "parts": study.PARTS,
        "columns": heads,
        "rows": rows,
        "lowest": min(row["accuracy_low"] for row in scores.values()),
        "views": params.views,
        "runs": max(len(model["runs"]) for model in described),
        "pairs": of_models,
        "listeners": listeners(read_table(paths.LISTENER_SCORES), differences),
        "cv": cross_validation(),
        "maps": bool(map_agreement(maps)),
        "gradcam": params.gradcam,
        "kind": items.kind,
        "clips": isinstance(model_input, SoundsInput) and model_input.features.clip_s is not None,
        "left_out": embedded.left_out,
        "unshown": soundness.left_out,
        "settings": settings_text(params),
        "versions": versions(),
    }
    data = {
        "charts": charts(),
        "durations": lengths,
        "agreement": map_agreement(maps),
        "kind": items.kind,
        "copies": soundness.copies,
        "suspects": soundness.suspects,
        "axes": axes_of_pictures(
            model_input, card.input_shape if arrays else items.shape(), in_colour=items.in_colour
        ),
        "best": [str(best["subset"]), best["view"], best["model"]],
        "media": embedded.media,
        "models": [
            own
            | {"entries": embedded.entries[model], "mistakes": embedded.mistakes[model]}
            | {"overview": maps_of_items[model]}
            | {"wrong": len(mistakes_of(predictions[model]))}
            for model, own in zip(chosen, described, strict=True)
        ],
    }
    return {"page": page, "data": data}


def input_of_items(model_input: ModelInput, params: StudySettings) -> InputOfItems:
    """How the page shows the items of models that read this."""
    if isinstance(model_input, PicturesInput) or kind_of(model_input) == "pictures":
        # all of sonify: what a model of the view picture keeps is a part of it
        return PicturesInput(view="sound", sonify=params.sonify)
    if isinstance(model_input, EmbeddingInput):
        return SoundsInput(features=params.features)
    return model_input


def duration_rows(params: StudySettings, items: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of the chart of durations, those of the studied recordings; none where nothing was recorded.

    items : data/balanced.csv
    """
    if params.dataset.kind != "sounds" or SPAN_S not in items:
        return []
    return records(durations(items[SPAN_S].to_numpy(dtype=float), reach=covered_s(params.features)))


def verdict_sentences() -> list[str]:
    """The sentences of metrics/verdict.md."""
    sentences = sentences_of(paths.VERDICT.read_text(encoding="utf-8"))
    if not sentences:
        raise EarshotError(f"{paths.VERDICT} holds no verdict; run `dvc repro compare`")
    return [unbroken(sentence) for sentence in sentences]


def pairs() -> list[dict[str, Any]]:
    """The pairs of models with `significant`, whether their accuracies differ, and `items`, what it takes to find out.

    `items` is as `items_to_find` gives it.
    """
    table = read_table(paths.PAIRS)
    return [
        pair | {"significant": is_significant(pair), "items": items}
        for _, family in table.groupby(["subset", "question"], sort=False)
        for pair, items in zip(records(family), items_to_find(records(family)), strict=True)
    ]


def cross_validation() -> dict[str, Any] | None:
    """What cross-validation found, with its configurations; None where it was off."""
    metrics = read_json(paths.CV_METRICS)
    if not metrics["configurations"]:
        return None
    table = read_table(paths.CV_CONFIGS)
    grid = [column for column in table.columns if column.startswith("grid.")]
    return {
        "metrics": metrics,
        "grid": [column.removeprefix("grid.") for column in grid],
        "rows": [row | {"settings": [row[column] for column in grid]} for row in records(table)],
    }


def map_agreement(maps: Mapping[str, Any]) -> list[dict[str, Any]]:
    """How the maps of sound and of picture agree, one dict a subset and model."""
    return [
        {"subset": subset, "model": model, **scores}
        for subset, models in maps.items()
        if isinstance(models, dict)
        for model, scores in models.items()
    ]


def settings_text(params: StudySettings) -> str:
    """The settings as YAML, the defaults of what params.yaml leaves out among them."""
    yaml, buffer = YAML(), io.StringIO()
    yaml.dump(params.model_dump(), buffer)
    return buffer.getvalue()


def versions() -> list[tuple[str, str]]:
    """(name, version) of Python and of the libraries that results depend on, without what names a machine's build."""
    python = ".".join(python_version_tuple()[:2])
    return [("Python", python), *((name, metadata.version(name).partition("+")[0]) for name in MADE_WITH)]
