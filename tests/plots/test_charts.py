"""The templates are Vega-Lite that draws what DVC gives it: rows of text, of one revision or of two."""

import json
import re

import pytest
import vl_convert
from ruamel.yaml import YAML

from earshot.plots import charts
from tests.repository import ROOT

ROWS = {
    "counts": [{"value": "a", "count": "3"}, {"value": "b", "count": "12"}],
    "accuracy": [
        {"series": "cnn on sound", "view": "sound", "model": "cnn", "classes": classes, "accuracy": "0.9"}
        | {"accuracy_low": "0.8", "accuracy_high": "1.0"}
        for classes in ("10", "2", "4")
    ]
    + [{"series": "chance", "view": "chance", "model": "", "classes": "2", "accuracy": "0.5"}],
    "curves": [
        {
            "series": "cnn on sound",
            "epoch": epoch,
            "part": part,
            "loss": "0.5",
            "accuracy": "0.5",
            "kept": "2",
        }
        for epoch in ("1", "2", "10")
        for part in ("train", "val")
    ],
    "confusion": [
        {"series": "cnn on sound", "actual": actual, "predicted": predicted, "count": "7", "share": "0.5"}
        for actual in ("2", "10")
        for predicted in ("2", "10")
    ],
    "reliability": [
        {"series": "cnn on sound", "confidence": "0.55", "accuracy": "0.5", "count": "4"},
        {"series": "cnn on sound", "confidence": "0.95", "accuracy": "0.9", "count": "40"},
    ],
    "cv": [
        {"settings": "1: lr=1", "fold": fold, "score": "0.8", "mean": "0.8", "low": "0.7", "high": "0.9"}
        for fold in ("0", "1")
    ],
}


def drawn(name, *revisions):
    rows = [row | {"rev": rev} for rev in revisions for row in ROWS[name]]
    return vl_convert.vegalite_to_svg(json.dumps(charts.filled(name, rows)))


def texts(svg):
    return re.findall(r">([^<>]+)</text>", svg)


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("revisions", [("workspace",), ("workspace", "main")])
def test_a_template_draws_text_and_no_undefined_legend(name, revisions):
    words = texts(drawn(name, *revisions))
    assert words
    assert not {"undefined", "null", "NaN"} & set(words)


def test_classes_stand_in_the_order_of_their_numbers():
    ticks = [text for text in texts(drawn("accuracy", "workspace")) if text in {"2", "4", "10"}]
    assert ticks == ["2", "4", "10"]


def test_a_confusion_shows_its_counts_and_keeps_the_order_of_its_rows():
    words = texts(drawn("confusion", "workspace"))
    assert words.count("7") == 4
    assert [word for word in words if word in {"2", "10"}] == ["2", "10", "2", "10"]


def test_every_template_is_a_plot_of_dvc_yaml_and_every_plot_has_one():
    plots = YAML(typ="safe").load(ROOT / "dvc.yaml")["plots"]
    named = [plot["template"] for entry in plots for plot in entry.values()]
    assert sorted(named) == sorted(path.relative_to(ROOT).as_posix() for path in charts.FOLDER.glob("*.json"))


def test_the_fields_of_every_plot_are_those_of_its_rows():
    plots = YAML(typ="safe").load(ROOT / "dvc.yaml")["plots"]
    for entry in plots:
        for plot in entry.values():
            rows = ROWS[plot["template"].rpartition("/")[2].removesuffix(".json")]
            assert {plot["x"], *plot["y"].values()} <= rows[0].keys()
