"""What the page plays of a recording, and where it says that places lie."""

import base64
import math

import numpy as np
import pandas as pd
import pytest

from earshot.config.features import Features
from earshot.config.inputs import SoundsInput
from earshot.config.sonify import Sonify
from earshot.core import paths
from earshot.core.io import write_table
from earshot.reading.sounds import read_sound, write_wav
from earshot.report import items
from earshot.signal.axes import Axes
from earshot.sonification.sonify import magnitude_of_signals, sonify

RATE = 8000
RAMP = np.linspace(-0.5, 0.5, 2 * RATE)  # two seconds in which every sample tells its place


@pytest.fixture
def recorded(in_folder):
    """`recorded(clip_s=..., start_s=..., end_s=...)`: the items of a study of one recording."""

    def make(*, clip_s, **part):
        (in_folder / "a.wav").write_bytes(write_wav(RAMP, RATE))
        write_table(
            paths.features("sound") / "rows.csv", pd.DataFrame({"shard": [0], "row": [0], "id": ["a"]})
        )
        duration_s = part["end_s"] - part["start_s"] if part else 2.0
        table = pd.DataFrame([{"id": "a", "path": "a.wav", "duration_s": duration_s, **part}])
        heard = SoundsInput(features=Features(sample_rate=RATE, clip_s=clip_s, frames=10))
        return items.Items(table, model_input=heard, features=paths.features("sound"))

    return make


def played(found):
    wav = base64.b64decode(found.sound("a").partition(",")[2])
    return read_sound(wav, name="a")[0]


@pytest.mark.parametrize(
    ("clip_s", "part", "first", "last"),
    [
        (0.5, {}, 0, 4000),
        (3.0, {}, 0, 16000),
        (None, {}, 0, 10 * 256),  # ten frames
        (0.5, {"start_s": 1.0, "end_s": 1.75}, 8000, 12000),
        (2.0, {"start_s": 1.0, "end_s": 1.75}, 8000, 14000),
    ],
)
def test_the_first_clip_is_played(recorded, clip_s, part, first, last):
    found = recorded(clip_s=clip_s, **part)
    np.testing.assert_allclose(played(found), RAMP[first:last], atol=1 / 32768)
    assert found.shortened(["a"]) == []


def test_no_more_than_the_most_is_played_and_that_is_said(recorded, monkeypatch):
    monkeypatch.setattr(items, "MOST_S", 1.5)
    found = recorded(clip_s=3.0)
    assert len(played(found)) == 1.5 * RATE
    assert found.shortened(["a"]) == ["Of 1 longer sound the first 1.5 s are played."]


def test_ticks_lie_where_the_rows_and_columns_do():
    hz = np.arange(11) * 100.0
    up = Axes("frequency (Hz)", "time (s)", top_first=False, rows_hz=hz, column_s=0.1)
    down = up._replace(top_first=True, rows_hz=hz[::-1])
    for axes in (up, down):
        found = items.axes_on_page(axes, (11, 21))
        assert [label for _, label in found["rows"]] == ["0", "500", "1000"]
        assert [place for place, _ in found["rows"]] == pytest.approx(
            [100 * (1 - (row + 0.5) / 11) for row in (0, 5, 10)], abs=0.01
        )
        assert found["columns"][0] == [pytest.approx(100 * 0.5 / 21, abs=0.01), "0"]


def test_a_sonified_pictures_spectrogram_has_its_top_row_in_the_highest_bins():
    settings = Sonify(rows=16, columns=8)
    picture = np.zeros((1, 16, 8), np.float32)
    picture[0, 0] = 1
    (signal,) = sonify(picture, ids=["a"], seed=0, settings=settings)
    found = items.decibels(signal, settings=settings)
    assert found.shape == (17, 8)
    assert found.max() == 0
    assert found.min() == pytest.approx(-settings.range_db)
    assert set(found.argmax(axis=0)) == {15}  # the last bin below half the sample rate


def test_its_decibels_are_not_rounded_to_what_a_processor_makes_of_float32():
    settings = Sonify(rows=16, columns=8)
    (signal,) = sonify(np.random.default_rng(0).random((1, 16, 8)), ids=["a"], seed=0, settings=settings)
    magnitude = magnitude_of_signals(signal[None], settings=settings)[0].astype(np.float64)
    shares = np.maximum(magnitude / magnitude.max(), 10 ** (-settings.range_db / 20))
    wanted = [[20 * math.log10(share) for share in row] for row in shares.tolist()]
    assert items.decibels(signal, settings=settings) == pytest.approx(np.array(wanted), rel=1e-14)


def test_silence_is_drawn():
    settings = Sonify(rows=16, columns=8)
    samples = 32 + 16 * 7
    assert items.decibels(np.zeros(samples), settings=settings) == pytest.approx(-settings.range_db)
