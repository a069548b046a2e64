"""What the index tells of a data set, and the examples drawn."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from earshot.config.features import Features
from earshot.plots.eda import BINS, MOST, covered, covered_s, describe, durations, tables
from earshot.plots.examples import draw, envelope
from earshot.reading.sounds import write_wav
from earshot.signal.spectrogram import spectrogram

FEATURES = Features(sample_rate=8000, n_fft=256, hop_length=80, n_mels=20, frames=50)  # 0.5 s


def an_index(**columns):
    """Six items of the classes 10 and 9 in three groups, two of them byte-identical."""
    table = {
        "id": list("abcdef"),
        "path": [f"{name}.wav" for name in "abcdef"],
        "label": ["10", "9", "9", "9", "9", "10"],
        "group": ["x", "x", "x", "y", "y", "z"],
        "hash": ["1", "2", "2", "3", "4", "5"],
    }
    return pd.DataFrame(table | columns)


SOUNDS = an_index(
    duration_s=[0.1, 0.2, 0.3, 0.4, 0.6, 0.9], sample_rate=[8000] * 4 + [16000] * 2, channels=[1, 2] * 3
)


def test_the_counts_are_those_of_the_index():
    numbers = describe(SOUNDS, kind="sounds", features=FEATURES)
    expected = {
        "items": 6,
        "classes": 2,
        "groups": 3,
        "duplicates": 1,
        "smallest_class": 2,
        "largest_class": 4,
        "largest_group": 3,
        "duration_s_min": 0.1,
        "duration_s_median": 0.35,
        "duration_s_max": 0.9,
        "duration_s_total": 2.5,
        "covered_s": 0.5,
        "covered_share": round(4 / 6, 6),
        "sample_rate_min": 8000,
        "channels_max": 2,
    }
    assert {key: numbers[key] for key in expected} == expected


def test_parts_of_one_file_are_no_duplicates():
    index = an_index(start_s=[0.0, 0.0, 1.0, 0.0, 0.0, 0.0], end_s=[1.0, 1.0, 2.0, 1.0, 1.0, 1.0])
    assert describe(index, kind="sounds", features=FEATURES)["duplicates"] == 0


def test_every_number_is_flat():
    numbers = describe(SOUNDS, kind="sounds", features=FEATURES)
    assert {type(value) for value in numbers.values()} <= {int, float}


@pytest.mark.parametrize(
    ("kind", "columns", "names"),
    [
        (
            "sounds",
            {"duration_s": 1.0, "sample_rate": 8000, "channels": 1},
            "durations sample_rates channels",
        ),
        ("sounds", {}, ""),
        ("pictures", {"width": 8, "height": 9, "mode": "L"}, "sizes modes"),
        ("spectrograms", {"width": 8, "height": 9}, "sizes"),
    ],
)
def test_only_what_applies_to_the_kind_is_drawn(kind, columns, names):
    assert set(tables(an_index(**columns), kind=kind, features=FEATURES)) == {
        "classes",
        "groups",
        *names.split(),
    }


def test_bars_stand_in_the_order_to_read_them():
    drawn = tables(SOUNDS, kind="sounds", features=FEATURES)
    assert drawn["classes"].to_numpy().tolist() == [["9", 4], ["10", 2]]
    assert drawn["groups"].to_numpy().tolist() == [["1 item", 1], ["2 items", 1], ["3 items", 1]]
    assert drawn["sample_rates"].to_numpy().tolist() == [["8000", 4], ["16000", 2]]


def test_many_sizes_are_gathered():
    count = MOST + 5
    index = pd.concat([an_index(width=number + 1, height=7, mode="L") for number in range(count)])
    bars = tables(index, kind="pictures", features=FEATURES)["sizes"]
    assert len(bars) == MOST + 1
    assert bars.iloc[-1].tolist() == ["5 others", 30]
    assert bars["count"].sum() == len(index)


@pytest.mark.parametrize("samples", [1, 79, 80, 3999, 4000, 4001])
def test_covered_is_what_the_frames_do_not_crop(samples):
    signal = np.random.default_rng(0).normal(size=samples)
    whole = FEATURES.model_copy(update={"frames": None})
    frames = spectrogram(signal, settings=whole).shape[1]
    assert covered(np.array([samples / 8000]), FEATURES)[0] == (frames <= FEATURES.frames)
    assert (samples / 8000 < covered_s(FEATURES)) == (frames <= FEATURES.frames)


@pytest.mark.parametrize(
    ("changes", "reach"),
    [({"frames": None}, None), ({"clip_s": 0.4}, None), ({"clip_s": 0.6}, 0.5), ({}, 0.5)],
)
def test_clips_are_held_when_each_is(changes, reach):
    assert covered_s(Features(**FEATURES.model_dump() | changes)) == reach


@pytest.mark.parametrize("reach", [None, 0.5, 0.05, 3.0])
def test_a_histogram_counts_every_sound_once_and_splits_where_the_frames_end(reach):
    lengths = np.random.default_rng(1).uniform(0.1, 0.9, 200)
    bars = durations(lengths, reach=reach)
    held = bars["covered"] == "yes"
    assert bars["count"].sum() == 200
    assert len(bars) <= BINS + 2
    assert bars["share"].iloc[-1] == 1
    assert bars.loc[held, "count"].sum() == (200 if reach is None else (lengths < reach).sum())


def test_bars_have_names_of_their_own():
    bars = durations(1 + np.arange(50) * 1e-4)
    assert bars["value"].is_unique
    assert bars["count"].sum() == 50


def test_sounds_of_one_length_make_one_bar():
    assert durations(np.full(3, 0.25))["count"].tolist() == [3]


def test_an_envelope_holds_the_extremes():
    signal = np.random.default_rng(2).normal(size=12_345)
    lows, highs = envelope(signal)
    assert (lows <= highs).all()
    assert (lows.min(), highs.max()) == (signal.min(), signal.max())


@pytest.fixture
def files(tmp_path):
    """A sound, a picture and an array."""
    rng = np.random.default_rng(3)
    (tmp_path / "sounds").write_bytes(write_wav(rng.normal(size=4000) / 9, 8000))
    Image.fromarray(rng.integers(0, 256, (9, 7, 3), dtype=np.uint8)).save(tmp_path / "pictures", "PNG")
    with (tmp_path / "spectrograms").open("wb") as file:
        np.save(file, rng.normal(size=(20, 30)))
    (tmp_path / "spectrograms").rename(tmp_path / "spectrograms.npy")
    return {
        "sounds": tmp_path / "sounds",
        "pictures": tmp_path / "pictures",
        "spectrograms": tmp_path / "spectrograms.npy",
    }


@pytest.mark.parametrize("kind", ["sounds", "pictures", "spectrograms"])
def test_every_class_is_drawn_twelve_a_sheet_and_twice_alike(kind, files):
    labels = [f"${number}_" for number in range(13)]
    index = pd.DataFrame({"label": labels, "path": [str(files[kind])] * 13})
    sheets = draw(index, kind=kind, features=FEATURES)
    assert len(sheets) == 2
    assert all(Image.open(io.BytesIO(sheet)).format == "PNG" for sheet in sheets)
    assert sheets == draw(index, kind=kind, features=FEATURES)


def test_a_part_of_a_sound_is_drawn_alone(files):
    rows = {"label": ["a", "b"], "path": [str(files["sounds"])] * 2}
    whole = draw(pd.DataFrame(rows), kind="sounds", features=FEATURES)
    part = draw(
        pd.DataFrame(rows | {"start_s": [0.1, np.nan], "end_s": [0.2, np.nan]}),
        kind="sounds",
        features=FEATURES,
    )
    assert whole != part
