"""The page's charts as Vega-Lite specifications without their data."""

from earshot.report.look import DASHES, PARTS, VIEW_COLOURS, chart


def charts():
    """Every chart by its name."""
    return {
        "accuracy": accuracy(),
        "loss": curve("loss", "loss", zero=False),
        "learned": curve("accuracy", "accuracy", zero=False),
        "confusion": confusion(),
        "reliability": reliability(),
    }


def accuracy():
    """Rows `view, model, series, classes, accuracy, accuracy_low, accuracy_high`; view chance has no limits."""
    x = {"field": "classes", "type": "ordinal", "title": "number of classes", "axis": {"labelAngle": 0}}
    y = {"field": "accuracy", "type": "quantitative", "scale": {"domain": [0, 1]}}
    y |= {"title": "accuracy, with its 95 % interval", "axis": {"format": "%"}}
    offset = {"xOffset": {"field": "series", "type": "nominal"}}
    colour = {"color": {"field": "view", "type": "nominal", "title": None, "scale": VIEW_COLOURS}}
    models, chance = [{"filter": "datum.view != 'chance'"}], [{"filter": "datum.view == 'chance'"}]
    return chart(
        height=340,
        encoding={"x": x},
        layer=[
            {
                "transform": chance,
                "mark": {"type": "tick", "color": "var(--muted)", "thickness": 2, "width": {"band": 0.9}},
                "encoding": {"y": y},
            },
            {
                "transform": chance,
                "mark": {"type": "text", "color": "var(--muted)", "dy": 13, "dx": 6, "align": "left"},
                "encoding": {"x": {**x, "bandPosition": 0.05}, "y": y, "text": {"value": "chance"}},
            },
            {
                "transform": models,
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {
                    "y": {**y, "field": "accuracy_low"},
                    "y2": {"field": "accuracy_high"},
                    **colour,
                    **offset,
                },
            },
            {
                "transform": models,
                "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
                "encoding": {
                    "y": y,
                    **colour,
                    **offset,
                    "shape": {"field": "model", "type": "nominal", "title": None},
                    "tooltip": [
                        {"field": "series", "title": "model"},
                        {"field": "classes", "title": "classes"},
                        {"field": "accuracy", "format": ".1%"},
                        {"field": "accuracy_low", "format": ".1%", "title": "from"},
                        {"field": "accuracy_high", "format": ".1%", "title": "to"},
                    ],
                },
            },
        ],
    )


def curve(field, name, *, zero):
    """Rows `epoch, part` and the field; the parameter `kept` is the epoch whose weights were kept."""
    x = {
        "field": "epoch",
        "type": "quantitative",
        "title": "epoch",
        "axis": {"tickMinStep": 1, "format": "d"},
    }
    y = {"field": field, "type": "quantitative", "title": name, "scale": {"zero": zero}}
    if field == "accuracy":
        y["axis"] = {"format": "%"}
    part = {"field": "part", "type": "nominal", "title": None}
    return chart(
        height=200,
        params=[{"name": "kept", "value": 0}],
        layer=[
            {
                "transform": [{"filter": "datum.epoch == kept && datum.part == 'train'"}],
                "mark": {"type": "rule", "color": "var(--rule)", "strokeWidth": 6, "opacity": 0.6},
                "encoding": {"x": x},
            },
            {
                "mark": {"type": "line", "strokeWidth": 2, "point": {"size": 18, "filled": True}},
                "encoding": {
                    **{"x": x, "y": y, "color": {**part, "scale": PARTS, "legend": {"symbolType": "stroke"}}},
                    "strokeDash": {**part, "scale": DASHES, "legend": None},
                    "tooltip": [{"field": "part"}, {"field": "epoch"}, {"field": field, "format": ".4f"}],
                },
            },
        ],
    )


def confusion():
    """Rows `actual, predicted, count, share`; the classes and the height are set where the model is known."""
    axis = {
        "labelAngle": 0,
        "ticks": False,
        "domain": False,
        "grid": False,
        "labelLimit": 120,
        "labelOverlap": True,
    }
    side = {"type": "nominal", "scale": {"domain": [], "paddingInner": 0.06}, "axis": axis}
    encoding = {
        "x": {"field": "predicted", "title": "named", **side},
        "y": {"field": "actual", "title": None, **side},
    }
    return chart(
        encoding=encoding,
        layer=[
            {
                "mark": {"type": "rect", "cornerRadius": 2},
                "encoding": {
                    "color": {
                        "condition": {"test": "datum.actual == datum.predicted", "value": "var(--right)"}
                    }
                    | {"value": "var(--wrong)"},
                    "opacity": {
                        **{"field": "share", "type": "quantitative", "legend": None},
                        "scale": {"domain": [0, 1], "range": [0.12, 0.9]},
                    },
                    "tooltip": [
                        {"field": "actual", "title": "true class"},
                        {"field": "predicted", "title": "named"},
                        {"field": "count", "title": "items"},
                        {"field": "share", "format": ".1%", "title": "of the class"},
                    ],
                },
            },
            {
                "mark": {"type": "text", "fontSize": 11},
                "encoding": {
                    "text": {"field": "count", "type": "quantitative"},
                    "color": {"condition": {"test": "datum.share > 0.6", "value": "var(--on-strong)"}}
                    | {"value": "var(--ink)"},
                },
            },
        ],
    )


def reliability():
    """Rows `bin_low, bin_high, confidence, accuracy, count`."""
    x = {
        "type": "quantitative",
        "title": "confidence stated",
        "scale": {"domain": [0, 1]},
        "axis": {"format": "%"},
    }
    y = {
        "type": "quantitative",
        "title": "share that is right",
        "scale": {"domain": [0, 1]},
        "axis": {"format": "%"},
    }
    return chart(
        height=200,
        layer=[
            {
                "data": {"values": [{"at": 0}, {"at": 1}]},
                "mark": {"type": "line", "color": "var(--muted)", "strokeDash": [4, 4], "strokeWidth": 1.5},
                "encoding": {"x": {"field": "at", **x}, "y": {"field": "at", **y}},
            },
            {
                "mark": {"type": "rule", "color": "var(--wrong)", "strokeWidth": 2, "opacity": 0.7},
                "encoding": {
                    **{"x": {"field": "confidence", **x}, "y": {"field": "confidence", **y}},
                    "y2": {"field": "accuracy"},
                },
            },
            {
                "mark": {"type": "circle", "color": "var(--accent)", "opacity": 0.9},
                "encoding": {
                    **{"x": {"field": "confidence", **x}, "y": {"field": "accuracy", **y}},
                    "size": {
                        **{"field": "count", "type": "quantitative", "title": "items"},
                        "scale": {"range": [30, 500]},
                        "legend": None,
                    },
                    "tooltip": [
                        {"field": "confidence", "format": ".1%"},
                        {"field": "accuracy", "format": ".1%", "title": "right"},
                        {"field": "count", "title": "items"},
                    ],
                },
            },
        ],
    )
