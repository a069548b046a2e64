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
        {"series": "cnn on sound", "view": "sound", "model": "cnn", "classes": classes, "run": run}
        | {"accuracy": "0.9", "accuracy_low": low, "accuracy_high": high}
        for classes in ("10", "2", "4")
        for run, low, high in (("all", "0.8", "1.0"), ("1", "", ""), ("2", "", ""))
    ]
    + [
        {"series": "chance", "view": "chance", "model": "", "classes": "2", "run": "all", "accuracy": "0.5"}
        | {"accuracy_low": "0.5", "accuracy_high": "0.5"}
    ],
    "curves": [
        {
            "series": "cnn on sound",
            "run": run,
            "epoch": epoch,
            "part": part,
            "loss": "0.5",
            "accuracy": "0.5",
            "kept": "2",
        }
        for run in ("1", "2", "3")
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


def drawn(name, *revisions, of_runs=None):
    """A chart's SVG; `of_runs` names the values of the column `run` that are drawn, all where it is None."""
    kept = [row for row in ROWS[name] if of_runs is None or row["run"] in of_runs]
    rows = [row | {"rev": rev} for rev in revisions for row in kept]
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


def test_each_run_is_a_circle_beside_its_mean():
    labels = re.findall(r'aria-label="([^"]*)"[^>]*description="point"', drawn("accuracy", "workspace"))
    assert sum("run: 1" in label for label in labels) == len({"2", "4", "10"})
    slots = {re.search(r"slot: ([\d.]+)", label)[1] for label in labels}
    assert len(slots) == 2
    alone = drawn("accuracy", "workspace", of_runs=["all"])
    assert "run:" not in alone


def test_runs_are_thin_and_their_mean_is_thick():
    thin, thick = 'stroke-opacity="0.4"', 'stroke-width="2.5"'
    several, one = drawn("curves", "workspace"), drawn("curves", "workspace", of_runs=["1"])
    assert (several.count(thin), several.count(thick)) == (3 * 2, 2)  # train and val
    assert (one.count(thin), one.count(thick)) == (0, 2)


def test_the_mean_goes_as_far_as_all_runs_do(monkeypatch):
    shorter = [row for row in ROWS["curves"] if (row["run"], row["epoch"]) != ("3", "10")]
    monkeypatch.setitem(ROWS, "curves", shorter)
    lines = re.findall(r'd="([^"]*)"[^>]*stroke-width="2.5"', drawn("curves", "workspace"))
    assert [line.count("L") for line in lines] == [1, 1]  # from epoch 1 to 2


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
