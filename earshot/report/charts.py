"""The page's charts: the study's templates for one model and one revision, in the page's theme, without rows."""

import json
from collections.abc import Iterator
from typing import Any

from earshot.plots.charts import Spec, template
from earshot.report.theme import COLOURS, CONFIG, DASHES, SCALES, SCHEMA


def charts() -> dict[str, Spec]:
    """Every chart by its name."""
    return {
        "runs": runs(),
        "loss": on_page("curves"),
        "learned": learned("accuracy"),
        "f1": learned("macro_f1", title="macro F1"),
        "durations": durations(),
        "subgroups": subgroups(),
        "confusion": on_page("confusion"),
        "reliability": reliability(),
        "agreement": agreement(),
        "roc": trade("false alarms among the others", "found", diagonal=True),
        "found": trade("found", "right among those found"),
    }


def on_page(name: str) -> Spec:
    """A template as wide as its place, without panels and without what tells revisions apart."""
    spec = template(name)
    spec = spec.get("spec", spec)
    for transform in _transforms(spec):
        if "groupby" in transform:
            transform["groupby"] = [field for field in transform["groupby"] if field != "rev"]
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
    return themed | _frame()


def runs() -> Spec:
    """The accuracy of each run of a model, a row each, below their mean with its interval.

    Rows are `name, accuracy, low, high, outOfLine`; the limits are of the mean alone.
    """
    accuracy = {"field": "accuracy", "type": "quantitative"}
    axis = {
        "title": "accuracy",
        "axis": {"format": ".1~%", "tickCount": 4},
        "scale": {"zero": False, "padding": 8},
    }
    tooltip = [{"field": "name", "title": "run"}, accuracy | {"format": ".1%"}]
    colour = {
        "condition": {"test": "datum.outOfLine", "value": "var(--wrong)"},
        "value": "var(--accent)",
    }
    return _frame() | {
        "encoding": {
            "y": {"field": "name", "type": "nominal", "title": None, "sort": None, "axis": {"grid": True}},
        },
        "layer": [
            {
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "rule", "strokeWidth": 2, "color": "var(--accent)"},
                "encoding": {"x": accuracy | axis | {"field": "low"}, "x2": {"field": "high"}},
            },
            {
                "mark": {"type": "point", "filled": True, "opacity": 1},
                "encoding": {
                    "x": accuracy | axis,
                    "color": colour,
                    "size": {"condition": {"test": "isValid(datum.low)", "value": 90}, "value": 45},
                    "tooltip": tooltip,
                },
            },
        ],
    }


def subgroups() -> Spec:
    """A model's accuracy in parts of the test items, with limits, beside its accuracy on all of them.

    Rows are `value, items, accuracy, accuracy_low, accuracy_high, overall`.
    """
    accuracy = {"field": "accuracy", "type": "quantitative"}
    axis = {
        "title": "accuracy",
        "axis": {"format": "%", "tickCount": 4},
        "scale": {"zero": False, "padding": 8},
    }
    tooltip = [
        {"field": "value", "title": "items of"},
        accuracy | {"format": ".1%"},
        {"field": "accuracy_low", "type": "quantitative", "format": ".1%", "title": "from"},
        {"field": "accuracy_high", "type": "quantitative", "format": ".1%", "title": "to"},
        {"field": "items"},
    ]
    below = {"test": "datum.accuracy_high < datum.overall", "value": "var(--wrong)"}
    colour = {"condition": below, "value": "var(--accent)"}
    return _frame() | {
        "encoding": {"y": {"field": "value", "type": "nominal", "title": None, "sort": None}},
        "layer": [
            {
                "mark": {"type": "rule", "strokeDash": [4, 3], "color": "var(--muted)"},
                "encoding": {"x": {"aggregate": "mean", "field": "overall"} | axis, "y": None},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {
                    "x": accuracy | axis | {"field": "accuracy_low"},
                    "x2": {"field": "accuracy_high"},
                    "color": colour,
                },
            },
            {
                "mark": {"type": "point", "filled": True, "opacity": 1, "size": 60},
                "encoding": {"x": accuracy | axis, "color": colour, "tooltip": tooltip},
            },
        ],
    }


def reliability() -> Spec:
    """Accuracy by stated confidence with limits, and under each point how many answers it stands for.

    Rows are `confidence, accuracy, low, high, count`.
    """
    spec = on_page("reliability")
    spec["layer"][1] = {
        "mark": {"type": "rule", "strokeWidth": 2, "color": "var(--accent)", "opacity": 0.7},
        "encoding": {
            "x": {"field": "confidence", "type": "quantitative"},
            "y": {"field": "low", "type": "quantitative"},
            "y2": {"field": "high"},
        },
    }
    points = spec["layer"][2]["encoding"]
    del points["size"]
    spec["layer"][2]["mark"] |= {"size": 60, "opacity": 1}
    points["y"]["scale"] = {"domain": [-0.08, 1]}
    quarters = {"values": [0, 0.25, 0.5, 0.75, 1], "labelOverlap": False}
    points["x"]["axis"] |= quarters
    points["y"]["axis"] |= quarters
    counts = {
        "mark": {"type": "text", "fontSize": 11, "color": "var(--muted)"},
        "encoding": {
            "x": {"field": "confidence", "type": "quantitative"},
            "y": {"datum": -0.045},
            "text": {"field": "count", "type": "quantitative"},
        },
    }
    spec["layer"].append(counts)
    return spec


def agreement() -> Spec:
    """A line for each model, from the agreement of maps of other items to that of maps of the same item.

    Rows are `name, model, of, value, place`, the last one where the label stands.
    """
    encoding = {
        "x": {
            "field": "of",
            "type": "ordinal",
            "title": None,
            "sort": ["other items", "same item"],
            "axis": {"labelAngle": 0, "domain": False, "ticks": False},
            "scale": {
                "type": "point",
                "padding": 0,
                "rangeMin": 48,
            },  # the page leaves room for names at the right
        },
        "y": {
            "field": "value",
            "type": "quantitative",
            "title": "rank correlation",
            "axis": {"values": [-0.4, -0.2, 0, 0.2, 0.4, 0.6, 0.8, 1]},
        },
        "detail": {"field": "name", "type": "nominal"},
    }
    ends = [
        {
            "transform": [{"filter": f"datum.of === '{end}'"}],
            "mark": {"type": "text", "align": align, "dx": away, "fontSize": 11},
            "encoding": {
                "y": {"field": "place", "type": "quantitative"},
                "text": {"field": field, "type": kind, **form},
            },
        }
        for end, align, away, field, kind, form in (
            ("other items", "right", -8, "value", "quantitative", {"format": ".2f"}),
            ("same item", "left", 8, "name", "nominal", {}),
        )
    ]
    dot = {"size": 50, "color": "var(--accent)"}
    line = {"mark": {"type": "line", "point": dot, "color": dot["color"], "strokeWidth": 1.5}}
    return _frame() | {"height": 260, "encoding": encoding, "layer": [line, *ends]}


def trade(x: str, y: str, *, diagonal: bool = False) -> Spec:
    """A curve of two shares, with the points at which thresholds stand.

    x, y : the titles of the axes
    diagonal : whether guessing lies on the diagonal

    Rows are `kind, order, x, y, name`.
    """
    places: Spec = {
        side: {
            "field": side,
            "type": "quantitative",
            "title": title,
            "axis": {"format": "%", "tickCount": 5},
            "scale": {"domain": [0, 1]},
        }
        for side, title in (("x", x), ("y", y))
    }
    tooltip = [{"field": "name", "title": "threshold"}]
    tooltip += [
        {"field": side, "type": "quantitative", "format": ".1%", "title": title}
        for side, title in (("x", x), ("y", y))
    ]
    guessing: Spec = {
        "data": {"values": [{"x": 0, "y": 0}, {"x": 1, "y": 1}]},
        "mark": {"type": "line", "color": "var(--muted)", "strokeDash": [4, 4], "strokeWidth": 1.5},
        "encoding": places,
    }
    curve: Spec = {
        "transform": [{"filter": "datum.kind === 'curve'"}],
        "mark": {"type": "line", "color": "var(--accent)", "strokeWidth": 2},
        "encoding": places | {"order": {"field": "order", "type": "quantitative"}},
    }
    points: Spec = {
        "transform": [{"filter": "datum.kind === 'point'"}],
        "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1, "color": "var(--wrong)"},
        "encoding": places | {"tooltip": tooltip},
    }
    return _frame() | {"height": 260, "layer": [*([guessing] if diagonal else []), curve, points]}


def learned(measure: str, *, title: str | None = None) -> Spec:
    """The curves of another measure, drawn as those of loss.

    title : of the axis, where it is not the measure's name
    """
    spec: Spec = json.loads(json.dumps(on_page("curves")).replace('"loss"', f'"{measure}"'))
    for encoding in _encodings(spec):
        if "y" in encoding:
            encoding["y"] |= {"axis": {"format": "%"}, "title": title or measure}
    return spec


def durations() -> Spec:
    """How many recordings are how long; what the frames cut off is marked.

    Rows are `value, count, covered`, as `earshot.plots.eda.durations` gives them.
    """
    spec = {key: value for key, value in on_page("counts").items() if key != "height"}  # the page sets it
    spec["encoding"]["color"] = {
        "condition": {"test": "datum.covered === 'no'", "value": "var(--wrong)"},
        "value": "var(--accent)",
    }
    spec["encoding"]["tooltip"] = [
        {"field": "value", "title": "duration"},
        {"field": "count", "title": "items"},
    ]
    return spec


def _frame() -> Spec:
    """What every chart of the page has: its theme, and the width of its place."""
    return {"$schema": SCHEMA, "config": CONFIG, "width": "container", "autosize": {"type": "fit-x"}}


def _transforms(spec: Spec) -> Iterator[dict[str, Any]]:
    """The transforms of a chart and of its layers."""
    yield from spec.get("transform", [])
    for layer in spec.get("layer", []):
        yield from _transforms(layer)


def _encodings(spec: Spec) -> Iterator[dict[str, Any]]:
    """The encodings of a chart and of its layers."""
    if "encoding" in spec:
        yield spec["encoding"]
    for layer in spec.get("layer", []):
        yield from _encodings(layer)
