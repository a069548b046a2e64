"""The page's charts: the study's templates for one model and one revision, in the page's theme, without rows."""

import json
from collections.abc import Iterator
from typing import Any

from earshot.plots.charts import Spec, template
from earshot.report.theme import COLOURS, CONFIG, DASHES, SCALES, SCHEMA


def charts() -> dict[str, Spec]:
    """Every chart by its name."""
    return {
        "accuracy": accuracy(),
        "loss": on_page("curves"),
        "learned": learned(),
        "confusion": on_page("confusion"),
        "reliability": on_page("reliability"),
    }


def on_page(name: str) -> Spec:
    """A template as wide as its place, without panels and without what tells revisions apart."""
    spec = template(name)
    spec = spec.get("spec", spec)
    for encoding in _encodings(spec):
        for channel, definition in list(encoding.items()):
            if isinstance(definition, list):  # the fields of a tooltip
                encoding[channel] = [field for field in definition if field["field"] != "rev"]
            elif definition.get("field") == "rev":
                del encoding[channel]
            elif channel == "color" and definition.get("field") in SCALES:
                definition["scale"] = SCALES[definition["field"]]
        if encoding.get("color", {}).get("field") == "part":
            encoding["strokeDash"] = {"field": "part", "type": "nominal", "scale": DASHES, "legend": None}
    text = json.dumps({key: value for key, value in spec.items() if key not in ("data", "title")})
    for colour, variable in COLOURS.items():
        text = text.replace(colour, variable)
    themed: Spec = json.loads(text)
    return themed | {
        "$schema": SCHEMA,
        "config": CONFIG,
        "width": "container",
        "autosize": {"type": "fit-x"},
    }


def accuracy() -> Spec:
    """Accuracy against classes, the mark of chance as wide as its class wherever the page is drawn."""
    spec = on_page("accuracy")
    for layer in spec["layer"]:
        if layer["mark"]["type"] == "tick":
            layer["mark"]["width"] = {"band": 0.9}
    return spec


def learned() -> Spec:
    """The curves of accuracy, drawn as those of loss."""
    spec: Spec = json.loads(json.dumps(on_page("curves")).replace('"loss"', '"accuracy"'))
    for encoding in _encodings(spec):
        if "y" in encoding:
            encoding["y"]["axis"] = {"format": "%"}
    return spec


def _encodings(spec: Spec) -> Iterator[dict[str, Any]]:
    """The encodings of a chart and of its layers."""
    if "encoding" in spec:
        yield spec["encoding"]
    for layer in spec.get("layer", []):
        yield from _encodings(layer)
