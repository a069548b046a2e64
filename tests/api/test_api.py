"""What notebooks use: the answers of the commands, and arrays of the library, under few names."""

import json
import math

import numpy as np
import pytest
from PIL import Image

import earshot
from earshot.config.features import Features
from earshot.config.inputs import PicturesInput
from earshot.config.sonify import Sonify
from earshot.core.errors import EarshotError
from earshot.models import saved
from earshot.models.build import build_model
from earshot.models.card import RunFacts
from earshot.models.normalization import Normalized
from earshot.reading.sounds import read_sound
from earshot.signal import spectrogram
from tests.detection import tones
from tests.models.cards import a_card
from tests.study import command

SETTINGS = {"rows": 16, "columns": 20, "iterations": 8}
PICTURE = np.random.default_rng(0).uniform(0, 1, (16, 20)).round(2)


@pytest.fixture
def pictures(in_folder):
    """A model of pictures' sounds, two runs and a temperature, in `model`, and the picture `a.png`."""
    models = [
        Normalized(build_model("linear", input_shape=(16, 20), outputs=3, seed=seed)) for seed in (1, 2)
    ]
    card = a_card(
        input_shape=(16, 20),
        model_input=PicturesInput(view="sound", sonify=Sonify(**SETTINGS)),
        classes=["a", "b", "c"],
        runs=[RunFacts(epoch=1, epochs_trained=1)] * 2,
        temperature=0.5,
    )
    saved.save(in_folder / "model", models, card)
    Image.fromarray((255 * PICTURE).astype(np.uint8)).save(in_folder / "a.png")
    return in_folder


def test_answers_are_those_of_the_command(pictures):
    answer = earshot.load("model").predict("a.png")
    (row,) = json.loads(command("predict", "model", "a.png", "--format", "json", cwd=pictures))
    assert (answer.label, answer.probability) == (row["predicted"], row["probability"])
    assert answer.probabilities == {name: row[name] for name in "abc"}


def test_a_models_sound_is_heard_and_gives_back_what_the_model_sees(pictures):
    model = earshot.load("model")
    sound = model.sonify("a.png")
    seen = model.spectrogram("a.png")
    assert seen.shape == (1, 16, 20)
    np.testing.assert_array_equal(model.reconstruct(sound), seen[0])
    np.testing.assert_array_equal(model.spectrogram(sound), seen)
    sound.save("a.wav")
    assert model.predict("a.wav") == model.predict("a.png") == model.predict(sound)


def test_a_picture_survives_without_a_model(in_folder):
    settings = SETTINGS | {
        "window": "rectangular",
        "hop_length": 32,
    }  # whole columns, one behind another
    sound = earshot.sonify(PICTURE, **settings)
    back = earshot.reconstruct(sound, **settings)
    assert np.corrcoef(back.ravel(), PICTURE.ravel())[0, 1] > 0.9


def test_a_spectrogram_is_the_librarys(in_folder):
    tones.write_recording(in_folder / "a.wav", [(0.1, 0.5, "high")], lasts_s=1)
    signal, _ = read_sound("a.wav", name="a", sample_rate=16000)
    given = earshot.spectrogram("a.wav", n_mels=20)
    np.testing.assert_array_equal(given, spectrogram.spectrogram(signal, settings=Features(n_mels=20)))


def test_a_recording_is_heard_over_time(in_folder):
    tones.write_recording(in_folder / "a.wav", [(2.0, 3.0, "high"), (5.0, 6.0, "low")], lasts_s=8)
    model = earshot.load(tones.save_model(in_folder / "model"))
    events = model.events("a.wav", hop_s=0.2, merge_gap_s=0.1)
    assert list(events.columns) == ["start_s", "end_s", "label", "score", "windows"]
    assert events["label"].tolist() == ["high", "low"]
    np.testing.assert_allclose(events["start_s"], [2, 5], atol=0.2)
    assert model.events("a.wav", hop_s=0.2, threshold={"low": 1.0})["label"].tolist() == ["high"]
    with pytest.raises(EarshotError, match=r"^a threshold of 1\.5: expected a probability"):
        model.events("a.wav", threshold=1.5)
    for gap in (-0.1, math.nan, math.inf):
        with pytest.raises(EarshotError, match=r"^merge_gap_s: "):
            model.events("a.wav", merge_gap_s=gap)
    assert list(model.windows("a.wav").columns) == [
        "start_s",
        "end_s",
        "label",
        "probability",
        *tones.CLASSES,
    ]
    assert len(model.windows("a.wav")) == 20


def test_a_sound_is_a_player_in_a_notebook():
    sound = earshot.sonify(PICTURE, **SETTINGS)
    assert sound._repr_html_().startswith('<audio controls src="data:audio/wav;base64,UklGR')


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: earshot.sonify(PICTURE, row=16), "row: unknown key; did you mean rows"),
        (lambda: earshot.sonify(PICTURE * 255), r"shape \(16, 20\): expected brightness, .*, from 0 to 1"),
        (
            lambda: earshot.reconstruct(earshot.sonify(PICTURE, **SETTINGS)),
            "give the settings that it was made",
        ),
        (
            lambda: earshot.load("model").events("a.png"),
            "this model takes pictures; only a model of recordings",
        ),
        (lambda: earshot.load("nowhere"), "nowhere is no trained model"),
    ],
)
def test_what_cannot_be_asked_is_an_error(pictures, call, message):
    with pytest.raises(EarshotError, match=message):
        call()


def test_what_the_package_does_not_have_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'listen'"):
        _ = earshot.listen
