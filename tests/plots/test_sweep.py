import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from earshot.plots.sweep import describe_seeds, draw, summarize_seeds


def table(setting, steps, **columns):
    rows = pd.DataFrame({"setting": setting, "step": steps, "redundancy": 2.0, "pearson": 0.9})
    rows = rows.assign(subset=10, view="sound", model="cnn", runs=5, transfer=np.nan)
    for score in ("accuracy", "retention"):
        values = np.linspace(0.5, 0.9, len(steps))
        rows = rows.assign(**{score: values, f"{score}_low": values - 0.1, f"{score}_high": values + 0.05})
    return rows.assign(**columns)


def test_the_deviation_over_seeds_is_the_sample_deviation():
    summary = summarize_seeds(table("seed", ["1", "2", "3"], accuracy=[0.8, 0.9, 0.7]))
    assert summary == {
        "seeds": 3,
        "10": {
            "sound": {
                "cnn": {
                    "runs": 5,
                    "accuracy_mean": 0.8,
                    "accuracy_deviation": 0.1,
                    "retention_mean": 0.7,
                    "retention_deviation": 0.2,
                }
            }
        },
    }
    assert list(describe_seeds(summary)) == ["10 classes, cnn on sound: 80.0 % ± 10.0 over 3 seeds of 5 runs"]


def test_one_seed_has_no_deviation():
    summary = summarize_seeds(table("seed", ["1"]))
    assert summary["10"]["sound"]["cnn"] == {"runs": 5, "accuracy_mean": 0.5, "retention_mean": 0.5}
    assert list(describe_seeds(summary)) == ["10 classes, cnn on sound: 50.0 %"]


def test_what_one_seed_lacks_has_no_mean():
    summary = summarize_seeds(table("seed", ["1", "2"], retention=[0.9, np.nan]))
    assert "retention_mean" not in summary["10"]["sound"]["cnn"]


@pytest.mark.parametrize("steps", [["0", "4"], ["null", "20.0"], ["[0.0, 4000.0]", "[300.0, 3400.0]"]])
def test_a_sweep_of_any_setting_is_drawn_and_twice_alike(steps):
    rows = pd.concat([table("sonify.hop_length", ["32", "16"]), table("other", steps)])
    first = draw(rows)
    assert first == draw(rows)
    width, height = Image.open(io.BytesIO(first)).size
    assert width > 2 * height


def test_where_nothing_was_a_picture_accuracy_is_drawn():
    rows = table("seed", ["1", "2"], retention=np.nan, retention_low=np.nan, retention_high=np.nan)
    assert draw(rows.drop(columns=["pearson", "redundancy"]))
