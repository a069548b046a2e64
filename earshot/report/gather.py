"""All that the page says, from the files of the study, as plain data."""

import io
from collections.abc import Mapping
from importlib import metadata
from typing import Any

import pandas as pd
from ruamel.yaml import YAML

from earshot.config.inputs import SoundsInput
from earshot.config.study import StudySettings
from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.fingerprint import LIBRARIES
from earshot.core.io import read_json, read_table, records
from earshot.evaluation.compare import accuracy_by_classes
from earshot.evaluation.listeners import is_about_listeners
from earshot.evaluation.predictions import no_skill
from earshot.evaluation.verdict import sentences_of
from earshot.evaluation.warnings import warnings_of
from earshot.plots.eda import SPAN_S, covered_s, durations
from earshot.report import columns, opening, study, warnings
from earshot.report.charts import charts
from earshot.report.contents import Contents, read_contents
from earshot.report.dots import dots
from earshot.report.findings import findings
from earshot.report.items import axes_of_pictures
from earshot.report.listeners import listeners
from earshot.report.wording import unbroken

MADE_WITH = (*LIBRARIES, "dvc", "dvclive")


def gather(params: StudySettings) -> dict[str, dict[str, Any]]:
    """What the templates take: `page`, which is written out, and `data`, which the page's script draws."""
    contents = read_contents(params)
    data = what_is_drawn(contents)
    page = {
        **what_was_found(contents),
        **what_was_studied(contents),
        **what_models_do(contents),
        **what_items_show(contents),
        "durations": bool(data["durations"]),
        "maps": bool(data["agreement"]),
    }
    return {"page": page, "data": data}


def what_was_found(contents: Contents) -> dict[str, Any]:
    """The page's first screen, the verdict, the warnings and the findings."""
    params, summary, predictions = contents.params, contents.summary, contents.predictions
    name, lead = study.title(params, contents.balanced)
    subset, *_ = contents.best
    skill = no_skill({key[1:]: table for key, table in predictions.items() if key[0] == subset})
    doubts = warnings_of(read_table(paths.WARNINGS)) + warnings.about_maps(contents.models)
    kinds = warnings.by_kind(doubts)
    return {
        "title": name,
        "lead": lead,
        "headline": opening.headline(summary, doubts, kind=params.dataset.kind, no_skill=skill),
        "figures": opening.figures(summary, no_skill=skill),
        "made_with": opening.made_with(params, summary),
        "grave": sum(len(kind["warnings"]) for kind in kinds if kind["grave"]),
        "verdict": verdict_sentences(),
        "warnings": kinds,
        "findings": findings(summary, pairs_of_models(contents), predictions, contents.maps),
    }


def what_was_studied(contents: Contents) -> dict[str, Any]:
    """The data set, what its examination says, the settings and the libraries."""
    params = contents.params
    return {
        "facts": study.facts(params, contents.items.input, contents.balanced),
        "classes": study.class_counts(params, read_table(paths.SPLIT)),
        "parts": study.PARTS,
        "checks": contents.examined.checks,
        "unshown": contents.examined.left_out,
        "settings": settings_text(params),
        "versions": versions(),
    }


def what_models_do(contents: Contents) -> dict[str, Any]:
    """The scores of the models and of listeners, their comparisons, and cross-validation."""
    summary = contents.summary
    heads, rows = columns.table(summary)
    return {
        "accuracy": dots(accuracy_by_classes(summary, contents.predictions)),
        "columns": heads,
        "rows": rows,
        "lowest": min(row["accuracy_low"] for row in records(summary)),
        "views": contents.params.views,
        "runs": max(len(model["runs"]) for model in contents.models),
        "pairs": pairs_of_models(contents),
        "listeners": listeners(read_table(paths.LISTENER_SCORES), contents.pairs),
        "cv": cross_validation(),
    }


def what_items_show(contents: Contents) -> dict[str, Any]:
    """What stands beside the items of the gallery."""
    shown_as = contents.items.input
    return {
        "gradcam": contents.params.gradcam,
        "kind": contents.items.kind,
        "clips": isinstance(shown_as, SoundsInput) and shown_as.features.clip_s is not None,
        "left_out": contents.embedded.left_out,
    }


def what_is_drawn(contents: Contents) -> dict[str, Any]:
    """The data of the page's script: charts, items with their pictures and sounds, and the models."""
    items, (subset, view, model) = contents.items, contents.best
    shape = contents.card.input_shape if items.features else items.shape()
    return {
        "charts": charts(),
        "durations": duration_rows(contents.params, contents.balanced),
        "agreement": map_agreement(contents.maps),
        "kind": items.kind,
        "copies": contents.examined.copies,
        "suspects": contents.examined.suspects,
        "axes": axes_of_pictures(items.input, shape, in_colour=items.in_colour),
        "best": [str(subset), view, model],
        "media": contents.embedded.media,
        "models": contents.models,
    }


def pairs_of_models(contents: Contents) -> list[dict[str, Any]]:
    """The pairs of models among those of `contents.read_pairs`, without those of listeners and models."""
    return [pair for pair in contents.pairs if not is_about_listeners(pair)]


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
    """(name, version) of the libraries that results depend on, without what names a machine's build.

    Every Python that is supported gives the same results, and so the same page: its version is not among them.
    """
    return [(name, metadata.version(name).partition("+")[0]) for name in MADE_WITH]
