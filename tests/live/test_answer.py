"""The page's numbers are those of `earshot predict`, and its sliders change what is heard, and nothing else."""

import base64
import json
import shlex
import tarfile
from argparse import ArgumentParser

import numpy as np
import pytest
from PIL import Image

import earshot
from earshot.cli import predict
from earshot.config.embedding import Embedding
from earshot.config.inputs import EmbeddingInput
from earshot.core.errors import EarshotError
from earshot.embedding.model_file import sha256_of
from earshot.embedding.settings import resolved
from earshot.live.answer import answer, sentence
from earshot.live.answer import command as shown_command
from earshot.live.explained import explained, map_of, masked, masked_sound
from earshot.live.hear import Changes, hear
from earshot.live.page import accepted, data_of, render, settings_of
from earshot.live.study import Source, open_study
from earshot.models import saved
from earshot.models.build import build_model
from earshot.models.normalization import Normalized
from earshot.reading.sounds import read_sound
from tests.detection import tones
from tests.embedding import models as pretrained
from tests.live.conftest import CLASSES, MODELS, SETTINGS, SHAPE
from tests.models.cards import a_card
from tests.study import command


def sound_in(uri):
    return read_sound(base64.b64decode(uri.partition(",")[2]), name="sound")[0]


def asked(study, source, *, models=MODELS, **changes):
    return answer(study, source, models, Changes(**changes))


def by_command(model, file, folder):
    (row,) = json.loads(command("predict", model, file, "--format", "json", cwd=folder))
    return row


@pytest.mark.parametrize("model", MODELS)
def test_answers_are_those_of_the_command_to_the_bit(in_study, model):
    given = Source("one.png", (in_study / "one.png").read_bytes())
    for source in (given, open_study("models").item("1")):
        (found,) = asked(open_study("models"), source, models=[model])["answers"]
        row = by_command(f"models/{model}", "one.png", in_study)
        assert (found["label"], found["probability"]) == (row["predicted"], row["probability"])
        assert found["bars"] == [(name, row[name]) for name in CLASSES]


def test_a_recording_is_answered_as_the_command_does_over_its_clips(in_folder):
    tones.save_model(in_folder / "models" / "3" / "sound" / "linear")
    tones.write_recording(in_folder / "a.wav", [(0.4, 1.0, "low")], lasts_s=1.2)
    found = asked(open_study("models"), Source("a.wav", "a.wav"), models=["3/sound/linear"])
    row = by_command("models/3/sound/linear", "a.wav", in_folder)
    assert found["answers"][0]["bars"] == [(name, row[name]) for name in tones.CLASSES]
    assert found["clips"] == [0.0, 0.4, 0.8]
    assert list(found["pictures"]) == ["spectrogram"]
    assert len(sound_in(found["sound"])) == tones.RATE * tones.CLIP_S
    assert shlex.split(found["command"])[-2:] == ["--no-per-clip", "a.wav"]
    noisy = asked(open_study("models"), Source("a.wav", "a.wav"), models=["3/sound/linear"], noise_snr_db=0)
    # the block sonify changes no recording
    assert noisy["notes"][0].endswith("shows what they rely on.")


@pytest.mark.parametrize("file", ["a b.png", "-a.png", "--help"])
def test_the_command_takes_a_file_of_any_name(file, in_study):
    parser = ArgumentParser()
    predict.add_arguments(parser.add_subparsers().add_parser("predict"))
    words = shlex.split(shown_command(open_study("models"), MODELS[0], file))
    assert parser.parse_args(words[3:]).sources == [file]


def test_what_is_heard_is_the_sound_of_the_model(in_study):
    found = asked(open_study("models"), Source("one.png", "one.png"))
    model = earshot.load(f"models/{MODELS[0]}")
    np.testing.assert_array_equal(sound_in(found["sound"]), model.sonify("one.png").signal)
    assert list(found["pictures"]) == ["picture", "spectrogram", "back"]


@pytest.mark.parametrize(
    "changes",
    [{"rows": 8}, {"range_db": 20}, {"iterations": 0}, {"noise_snr_db": 0}, {"band_hz": [500, 2000]}],
)
def test_each_slider_changes_what_is_heard_and_said_and_leaves_the_picture(in_study, changes):
    study, source = open_study("models"), Source("one.png", "one.png")
    before, after = asked(study, source), asked(study, source, **changes)
    assert before["sound"] != after["sound"]
    assert before["answers"][0]["bars"] != after["answers"][0]["bars"]
    assert before["answers"][1] == after["answers"][1]
    assert not before["notes"]
    words = shlex.split(after["notes"][0].partition("a study of these settings, ")[2])
    assert words[:4] == ["dvc", "exp", "run", "-S"]
    assert words[4].startswith(f"sonify.{next(iter(changes))}=")


def test_a_sound_made_with_changed_settings_is_that_of_a_study_of_them(in_study):
    model = open_study("models").model(MODELS[0])
    heard = hear(Source("one.png", "one.png"), model.card.input, SHAPE, Changes(noise_snr_db=10))
    noisy = earshot.sonify("one.png", **SETTINGS.model_dump() | {"noise_snr_db": 10})
    np.testing.assert_array_equal(heard.signals, [noisy.signal])


def test_rows_of_another_number_are_brought_to_the_models_shape(in_study):
    model = open_study("models").model(MODELS[0])
    heard = hear(Source("one.png", "one.png"), model.card.input, SHAPE, Changes(rows=8))
    assert heard.seen.shape == (1, 8, 20)
    assert heard.arrays.shape == (1, *SHAPE)
    notes = asked(open_study("models"), Source("one.png", "one.png"), rows=8)["notes"]
    assert "What 8 rows give back is brought to the 16 × 20 that the models take" in notes[1]


def test_a_sound_of_a_picture_is_asked_of_those_that_hear_and_can_be_made_noisy(in_study):
    study = open_study("models")
    wav = earshot.load(f"models/{MODELS[0]}").sonify("one.png").wav()
    found = asked(study, Source("a.wav", wav))
    assert [one["view"] for one in found["answers"]] == ["sound"]
    assert found["notes"] == ["1 model that sees pictures cannot be asked about a sound."]
    assert found["answers"] == asked(study, Source("one.png", "one.png"), models=MODELS[:1])["answers"]
    assert asked(study, Source("a.wav", wav), noise_snr_db=0)["sound"] != found["sound"]
    with pytest.raises(EarshotError, match="rows: only what is made of a picture can be made differently"):
        asked(study, Source("a.wav", wav), rows=8)
    with pytest.raises(EarshotError, match="a sound, and the view is picture"):
        asked(study, Source("a.wav", wav), models=MODELS[1:])


def test_the_answers_are_one_sentence():
    def said(view, label, probability):
        return {"model": "cnn", "view": view, "label": label, "probability": probability}

    one, same, other = said("sound", "7", 0.931), said("picture", "7", 0.88), said("picture", "1", 0.5)
    assert sentence([one]) == "cnn on sound says 7 (93.1\xa0%)."
    assert sentence([one, same]) == "All 2 models say 7, 88.0\xa0% to 93.1\xa0% sure."
    assert sentence([one, same], label="7").endswith("sure; it is 7, which is right.")
    assert sentence([one, same], label="2").endswith("; it is 2, and none is right.")
    both = "cnn on sound says 7 (93.1\xa0%) and cnn on picture says 1 (50.0\xa0%)"
    assert sentence([one, other], label="7") == f"{both}; it is 7, and 1 of 2 are right."
    assert sentence([one], label="2").endswith("(93.1\xa0%); it is 2, which is wrong.")


def test_the_command_is_one_that_a_shell_takes_and_gives_the_same_numbers(in_study):
    study = open_study("models")
    name = "it's $(here).png"
    found = asked(study, Source(name, "one.png"))
    assert shlex.split(found["command"])[:4] == ["python", "-m", "earshot", "predict"]
    assert shlex.split(found["command"])[4:] == ["models/3/sound/linear", name]
    wav = earshot.load(f"models/{MODELS[0]}").sonify("one.png").wav()
    by_ear = asked(study, Source("a.wav", wav), models=MODELS[::-1])
    assert "models/3/sound/linear" in by_ear["command"]  # the one that is asked
    assert asked(study, Source(name, "one.png"), rows=8)["command"] is None


def test_no_command_is_shown_for_what_is_no_file_of_its_own(in_study, tmp_path):
    study = open_study("models")
    assert study.item("1").is_file
    study.items["1"]["start_s"] = 0.5
    assert not study.item("1").is_file
    with tarfile.open(tmp_path / "shard.tar", "w") as tar:
        tar.add("two.png")
    study.items["2"]["path"] = f"{tmp_path}/shard.tar/two.png"
    assert asked(study, study.item("2"))["command"] is None


def test_test_items_whose_files_are_elsewhere_are_named(in_study):
    study = open_study("models")
    study.items["1"]["path"] = "gone.png"
    with pytest.raises(EarshotError, match=r"gone\.png: cannot be read \(No such file"):
        study.item("1")
    assert study.is_dark


def test_a_class_that_the_models_do_not_know_is_no_mistake_of_theirs(in_study):
    source = Source("one.png", "one.png", label=CLASSES[2])
    assert "; it is" in asked(open_study("models"), source)["sentence"]
    assert "; it is" not in asked(open_study("models"), source, models=["2/sound/linear"])["sentence"]


def test_a_models_own_folder_is_named_as_the_model(in_study, monkeypatch):
    monkeypatch.chdir("models/3/sound/linear")
    study = open_study(".")
    found = asked(study, Source("one.png", in_study / "one.png"), models=["."])
    assert found["answers"][0]["model"] == data_of(study)["models"][0]["model"] == "linear"


def test_no_sound_is_asked_for_where_no_model_hears(in_study):
    for folder, hears in (("models", True), ("models/3/picture", False)):
        study = open_study(folder)
        page, _ = render(study, token="token")
        assert (".wav" in accepted(study)) is hears
        assert ('id="record"' in page) is hears
        assert ("Of a recording" in page) is hears


def test_a_map_is_of_the_class_that_is_named_and_keeps_a_part_of_the_sound(in_study):
    study, source = open_study("models"), Source("one.png", "one.png")
    before = asked(study, source)
    by_ear, by_eye = (explained(study, source, name, Changes()) for name in MODELS)
    assert by_ear["label"] == before["answers"][0]["label"]
    assert by_ear["over"] == "back"
    assert by_ear["map"].startswith("data:image/png")
    assert by_ear["where"].startswith(("most weight at", "weight spread over"))
    assert not np.array_equal(sound_in(by_ear["kept"]), sound_in(before["sound"]))
    assert (by_eye["over"], by_eye["kept"]) == ("picture", None)
    heard = hear(source, study.model(MODELS[0]).card.input, SHAPE, Changes(rows=8))
    # all but the lowest and the highest bin, which hold no row
    all_kept = masked_sound(heard, 0, np.ones((8, 20)))
    assert np.corrcoef(all_kept, heard.signals[0])[0, 1] > 0.95


def test_a_map_names_the_place_that_decides():
    """A linear model that looks at one place, which is the only bright one."""
    model = build_model("linear", input_shape=(6, 8), outputs=2, seed=0)
    layer = next(module for module in model.modules() if hasattr(module, "weight"))
    layer.weight.data.zero_()
    layer.weight.data[0, 2 * 8 + 3] = 9.0
    layer.bias.data.copy_(layer.bias.data * 0)
    array = np.zeros((6, 8), np.float32)
    array[2, 3] = 1.0
    heat, _ = map_of(Normalized(model).eval(), array, 0)
    assert heat[2, 3] == pytest.approx(1)
    assert not heat[4:].any()
    assert not heat[:, 5:].any()
    assert map_of(Normalized(model).eval(), np.zeros((6, 8), np.float32), 1)[0] is None


@pytest.mark.parametrize("kind", ["log_mel", "stft"])
def test_a_recordings_map_keeps_the_sound_of_its_places(kind):
    settings = tones.FEATURES.model_copy(update={"kind": kind})
    signal = tones.tone("high", tones.CLIP_S) + tones.tone("low", tones.CLIP_S)
    bands = 16 if kind == "log_mel" else 129
    heat = np.zeros((bands, 25), np.float32)
    heat[: bands // 3] = 1  # below 1 kHz and some
    kept = masked(signal, heat, settings)
    power = np.abs(np.fft.rfft(kept))
    at = {name: power[round(hz * len(kept) / tones.RATE)] for name, hz in tones.PITCH.items()}
    assert at["low"] > 100 * at["high"]


def test_models_are_found_below_any_folder(in_study):
    study = open_study("models")
    assert list(study.cards) == ["2/sound/linear", "3/sound/linear", "3/picture/linear"]
    assert study.subsets == [CLASSES, CLASSES[:2]]
    assert list(open_study("models/3/sound/linear").cards) == ["."]
    assert study.listed().splitlines() == [
        "3 trained model(s):",
        "  models/2/sound: linear",
        "  models/3/sound: linear",
        "  models/3/picture: linear",
    ]
    for wrong in ("data", "models/4/sound/linear"):
        with pytest.raises(EarshotError) as refused:
            open_study(wrong)
        assert str(refused.value).splitlines() == [
            f"{wrong} holds no trained model. Those that are there:",
            "  models/2/sound/linear",
            "  models/3/picture/linear",
            "  models/3/sound/linear",
        ]
    with pytest.raises(EarshotError, match="nothing is no model of models"):
        study.model("nothing")
    with pytest.raises(EarshotError, match="3 is no test item"):
        study.item("3")


@pytest.mark.parametrize("of_pictures", [True, False])
def test_a_model_that_hears_through_a_pretrained_one_has_a_sound_and_no_map(in_folder, of_pictures):
    ears = str(pretrained.write_onnx(in_folder / "ears.onnx"))
    model_input = EmbeddingInput(
        embedding=resolved(Embedding(model=ears), sha256=sha256_of(ears)),
        sha256=sha256_of(ears),
        runtime="onnxruntime",
        sonify=SETTINGS if of_pictures else None,
    )
    shape = (pretrained.DIMENSIONS, 1)
    card = a_card(input_shape=shape, model_input=model_input)
    folder = in_folder / "models" / "2" / "embedding" / "linear"
    saved.save(folder, [Normalized(build_model("linear", input_shape=shape, outputs=1))], card)
    name = "a.png" if of_pictures else "a.wav"
    if of_pictures:
        Image.linear_gradient("L").save(name)
    else:
        tones.write_recording(in_folder / name, [(0, 0.3, "low")], lasts_s=0.3)
    study, asks = open_study("models"), ["2/embedding/linear"]
    found = asked(study, Source(name, name), models=asks)
    row = by_command(str(folder), name, in_folder)
    assert found["answers"][0]["bars"] == [(label, row[label]) for label in "ab"]
    assert found["pictures"] == {}
    assert asked(study, Source(name, name), models=asks, band_hz=[0, 1000])["sound"] != found["sound"]
    map_found = explained(study, Source(name, name), asks[0], Changes())
    assert map_found["map"] is None
    assert "no place in the sound" in map_found["where"]
    assert (settings_of(study)["samples"] is None) != of_pictures
