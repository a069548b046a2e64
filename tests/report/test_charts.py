"""The specifications are Vega-Lite: its compiler takes them with the rows that the page gives them."""

import json
import re
from pathlib import Path

import pytest
import vl_convert

from earshot.report import charts, theme

ROWS = {
    "runs": [
        {"name": "mean", "accuracy": 0.9, "low": 0.8, "high": 1.0},
        {"name": "run 1", "accuracy": 0.9, "outOfLine": True},
    ],
    "loss": [{"run": 1, "epoch": 1, "part": "train", "loss": 1.0, "accuracy": 0.5, "kept": 1}],
    "learned": [{"run": 1, "epoch": 1, "part": "train", "loss": 1.0, "accuracy": 0.5, "kept": 1}],
    "f1": [{"run": 1, "epoch": 1, "part": "train", "loss": 1.0, "macro_f1": 0.4, "kept": 1}],
    "durations": [{"value": "0.500 to 1.000 s, cut", "count": 3, "share": 1.0, "covered": "no"}],
    "subgroups": [
        {
            "value": "ann",
            "items": 9,
            "accuracy": 0.5,
            "accuracy_low": 0.4,
            "accuracy_high": 0.6,
            "overall": 0.8,
        }
    ],
    "confusion": [{"actual": "a", "predicted": "b", "count": 3, "share": 0.5}],
    "reliability": [{"confidence": 0.55, "accuracy": 0.5, "low": 0.2, "high": 0.8, "count": 4}],
    "roc": [{"kind": kind, "order": 0, "x": 0.1, "y": 0.9, "name": "a"} for kind in ("curve", "point")],
    "found": [{"kind": kind, "order": 0, "x": 0.1, "y": 0.9, "name": "a"} for kind in ("curve", "point")],
    "agreement": [
        {"name": "cnn, 2 classes", "model": "cnn", "of": of, "value": 0.5, "place": 0.5}
        for of in ("other items", "same item")
    ],
}


@pytest.mark.parametrize("name", charts.charts())
def test_every_chart_is_drawn(name):
    spec = charts.charts()[name] | {"data": {"values": ROWS[name]}, "width": 300}
    assert vl_convert.vegalite_to_svg(json.dumps(spec)).startswith("<svg")


def test_the_axis_of_epochs_names_each_once():
    rows = [ROWS["loss"][0] | {"epoch": epoch, "loss": 1 / epoch} for epoch in (1, 2, 3)]
    spec = charts.charts()["loss"] | {"data": {"values": rows}, "width": 300}
    texts = re.findall(r">(\d+)</text>", vl_convert.vegalite_to_svg(json.dumps(spec)))
    assert texts == ["1", "2", "3"]


@pytest.mark.parametrize("name", charts.charts())
def test_colours_are_the_pages(name):
    """A colour of its own would not follow the page into the dark."""
    defined = (Path(charts.__file__).parent / "templates/style.css").read_text(encoding="utf-8")
    text = json.dumps(charts.charts()[name])
    assert "#" not in text.replace(theme.SCHEMA, "")
    used = {part.partition(")")[0] for part in text.split("var(")[1:]}
    assert used
    assert all(f"{colour}:" in defined for colour in used)


@pytest.mark.parametrize("name", charts.charts())
def test_the_page_knows_no_revisions(name):
    """Their legend would say `undefined`."""
    assert '"rev"' not in json.dumps(charts.charts()[name])


def test_the_curves_of_accuracy_and_f1_are_those_of_loss_with_another_field():
    found = charts.charts()
    for name, field in (("learned", "accuracy"), ("f1", "macro_f1")):
        assert '"loss"' not in json.dumps(found[name])
        assert found[name]["layer"][1]["encoding"]["y"]["field"] == field
    assert found["loss"]["layer"][1]["encoding"]["y"]["field"] == "loss"
