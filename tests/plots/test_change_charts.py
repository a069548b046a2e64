"""Charts of what changed: drawn, the same each time, from what DVCLive writes."""

import io

import pandas as pd
import pytest
from PIL import Image

from earshot.evaluation.changes import confusion_change
from earshot.plots import change_charts
from tests.evaluation.predictions import answers

FILES = {
    "plots/metrics/lr.tsv": b"step\tlr\n1\t0.1\n",
    "plots/metrics/train/loss.tsv": b"step\tloss\n1\t0.9\n2\t0.5\n",
    "plots/metrics/train/macro_f1.tsv": b"step\tmacro_f1\n1\t0.9\n2\t0.5\n",
    "plots/metrics/val/accuracy.tsv": b"step\taccuracy\n1\t0.4\n2\t0.6\n",
}


def test_curves_are_those_of_loss_and_accuracy():
    points = change_charts.curve_points(FILES)
    assert points.to_numpy().tolist() == [
        ["train", "loss", 1, 0.9],
        ["train", "loss", 2, 0.5],
        ["val", "accuracy", 1, 0.4],
        ["val", "accuracy", 2, 0.6],
    ]


def test_no_curves_are_no_points():
    assert change_charts.curve_points({}).empty


def charts():
    change = confusion_change(answers([True, False, True, True]), answers([False, True, True, True]))
    points = change_charts.curve_points(FILES)
    return {
        "confusion": change_charts.confusion(change, title="Confusion"),
        "curves": change_charts.curves({"main": points, "workspace": points}, title="Curves"),
        "empty": change_charts.curves({"main": points[:0], "workspace": points[:0]}, title="Curves"),
    }


@pytest.mark.parametrize("name", ["confusion", "curves", "empty"])
def test_a_chart_is_a_picture_with_the_same_bytes_each_time(name):
    drawn = change_charts.png(charts()[name])
    assert Image.open(io.BytesIO(drawn)).format == "PNG"
    assert drawn == change_charts.png(charts()[name])


def test_many_classes_are_drawn_without_numbers():
    names = [f"c{number}" for number in range(change_charts.MOST_LABELLED + 1)]
    table = pd.DataFrame([(a, b, 1) for a in names for b in names], columns=["actual", "predicted", "change"])
    assert len(change_charts.confusion(table, title="")["layer"]) == 1
    few = table[table["actual"].isin(names[:2]) & table["predicted"].isin(names[:2])]
    assert len(change_charts.confusion(few, title="")["layer"]) == 2
