"""What changed in one model as Vega-Lite charts: the confusion matrix and the training curves."""

import io
import json
from pathlib import PurePosixPath

import pandas as pd

MEASURES = ["loss", "accuracy"]
MOST_LABELLED = 20  # classes; numbers in smaller cells cannot be read


def png(chart):
    """A chart's PNG bytes, drawn without a browser."""
    import vl_convert  # drawn by few commands

    return vl_convert.vegalite_to_png(json.dumps(chart), scale=2)


def confusion(change, *, title):
    """Items that moved into a cell (blue) or out of it (orange).

    change : DataFrame of `changes.confusion_change`
    """
    classes = list(dict.fromkeys(change["actual"]))
    most = int(change["change"].abs().max())
    place = {
        "x": {"field": "predicted", "type": "nominal", "sort": classes, "axis": {"labelAngle": 0}},
        "y": {"field": "actual", "type": "nominal", "sort": classes},
    }
    colour = {"domain": [-most, 0, most], "range": ["#e6842a", "#f5f5f5", "#1f77b4"]}
    numbers = {
        "transform": [{"filter": "datum.change != 0"}],
        "mark": "text",
        "encoding": {**place, "text": {"field": "change", "type": "quantitative", "format": "+d"}},
    }
    cells = {
        "mark": "rect",
        "encoding": {
            **place,
            "color": {"field": "change", "type": "quantitative", "scale": colour, "title": "items"},
        },
    }
    return {
        "data": {"values": change.to_dict("records")},
        "title": title,
        "width": {"step": 28},
        "height": {"step": 28},
        "layer": [cells, numbers] if len(classes) <= MOST_LABELLED else [cells],
    }


def curves(versions, *, title):
    """Loss and accuracy by epoch, one colour a part; the base is dashed.

    versions : dict from a version's name to DataFrame of `curve_points`; the base's first
    """
    points = pd.concat([table.assign(version=name) for name, table in versions.items()])
    panels = [
        {
            "transform": [{"filter": f"datum.measure == '{measure}'"}],
            "width": 320,
            "height": 220,
            "mark": "line",
            "encoding": {
                "x": {"field": "step", "type": "quantitative", "title": "epoch", "axis": {"tickMinStep": 1}},
                "y": {
                    "field": "value",
                    "type": "quantitative",
                    "title": measure,
                    "scale": {"zero": False},
                },
                "color": {"field": "part", "type": "nominal", "sort": ["train", "val", "test"]},
                "strokeDash": {
                    "field": "version",
                    "type": "nominal",
                    "scale": {"domain": list(versions), "range": [[4, 3], [1, 0]]},
                },
            },
        }
        for measure in MEASURES
    ]
    return {"data": {"values": points.to_dict("records")}, "title": title, "hconcat": panels}


def curve_points(files):
    """`part,measure,step,value` of a model's curves.

    files : dict from path to bytes, as DVCLive writes them: `plots/metrics/train/loss.tsv`
    """
    parts = [pd.DataFrame(columns=["part", "measure", "step", "value"])]
    for path, content in files.items():
        place = PurePosixPath(path)
        if place.suffix == ".tsv" and place.stem in MEASURES:
            table = pd.read_csv(io.BytesIO(content), sep="\t").set_axis(["step", "value"], axis=1)
            parts.append(table.assign(part=place.parent.name, measure=place.stem))
    return pd.concat(parts[1:] or parts, ignore_index=True)[["part", "measure", "step", "value"]]
