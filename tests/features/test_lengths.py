"""One length for all arrays of a study, or an error that says what to set."""

import pandas as pd
import pytest

from earshot.config.features import Features
from earshot.config.inputs import SoundsInput
from earshot.core.errors import EarshotError
from earshot.features.extract import arrays_of
from earshot.features.lengths import resolve_shape
from earshot.reading.sounds import write_wav


def features(**changes):
    return Features(**{"sample_rate": 8000, "n_fft": 256, "hop_length": 64} | changes)


@pytest.mark.parametrize("rate", [8000, 11025, 44100])
@pytest.mark.parametrize("samples", [1, 100, 4410, 8001])
@pytest.mark.parametrize("clip_s", [None, 0.1])
def test_the_frames_settled_are_those_that_sounds_have(rate, samples, clip_s):
    asked = features(clip_s=clip_s)
    found = resolve_shape(asked, pd.DataFrame({"duration_s": [samples / rate] * 2}), kind="sounds")
    heard = SoundsInput(features=asked)
    clips, _ = arrays_of(write_wav([0.1] * samples, rate), name="a", model_input=heard)
    assert clips.shape[2] == found.frames


def test_frames_that_are_set_stay():
    items = pd.DataFrame({"duration_s": [1.0, 2.0]})
    assert resolve_shape(features(frames=7), items, kind="sounds").frames == 7


def test_lengths_that_differ_are_refused_with_what_each_choice_covers():
    items = pd.DataFrame({"duration_s": [n / 100 for n in range(1, 101)]})
    with pytest.raises(EarshotError, match=r"0\.010 to 1\.000 s") as error:
        resolve_shape(features(), items, kind="sounds")
    lines = str(error.value).splitlines()[1:]
    assert lines[0].strip() == "frames: 63 or clip_s: 0.500 holds 50% of them whole"
    assert lines[-1].strip() == "frames: 126 or clip_s: 1.000 holds 100% of them whole"


def spectrograms(*shapes):
    return pd.DataFrame(shapes, columns=["path", "height", "width"])


@pytest.mark.parametrize(
    ("changes", "shapes", "expected"),
    [
        ({}, [("a.npy", 4, 6), ("b.npy", 4, 6)], (4, 6)),
        ({"frames": 5}, [("a.npy", 4, 6), ("b.npy", 4, 9)], (4, 5)),
        ({"frames": 5}, [("a.png", 4, 6), ("b.png", 4, 9)], (4, 5)),
        ({"frames": 5, "bands": 3}, [("a.png", 4, 6), ("b.PNG", 8, 9)], (3, 5)),
        ({"bands": 3}, [("a.png", 4, 6), ("b.png", 8, 6)], (3, 6)),
        ({}, [("a.npy", 4, 6), ("b.npy", 4, 7)], None),
        ({"frames": 5}, [("a.npy", 4, 6), ("b.npy", 5, 6)], None),
        ({"frames": 5, "bands": 4}, [("a.npy", 4, 6), ("b.npy", 5, 6)], None),
        ({"frames": 5}, [("a.png", 4, 6), ("b.png", 5, 6)], None),
    ],
)
def test_spectrograms_are_equal_cropped_padded_or_resized(changes, shapes, expected):
    if expected is None:
        with pytest.raises(EarshotError, match="1 of 2 spectrograms"):
            resolve_shape(features(**changes), spectrograms(*shapes), kind="spectrograms")
    else:
        found = resolve_shape(features(**changes), spectrograms(*shapes), kind="spectrograms")
        assert (found.bands, found.frames) == expected


def drawn(*margins, **columns):
    table = pd.DataFrame(margins, columns=["margin_left", "margin_top", "margin_right", "margin_bottom"])
    return table.assign(path=[f"{n}.png" for n in range(len(margins))], width=200, height=100, **columns)


def test_margins_are_those_that_all_drawn_spectrograms_have():
    items = drawn((0.1, 0.2, 0.1, 0.1), (0.1, 0.1, 0.2, 0.1))
    resolved = resolve_shape(Features(margin="auto"), items, kind="spectrograms")
    assert (resolved.margin, resolved.bands, resolved.frames) == ([0.1, 0.1, 0.1, 0.1], 80, 160)


def test_margins_that_stay_are_told(caplog):
    resolved = resolve_shape(Features(), drawn((0.1, 0.2, 0.1, 0.1)), kind="spectrograms")
    assert (resolved.margin, resolved.bands) == (None, 100)
    assert "44 % of the drawn spectrograms is margin around the plot; features.margin: auto" in caplog.text
