"""The export command: an ONNX file whose answers, in onnxruntime, are those of the predict command."""

import argparse
import importlib.util
import json
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnxruntime
import pytest

from earshot.cli import export, predict
from earshot.config.features import Features
from earshot.config.inputs import input_of
from earshot.config.sonify import Sonify
from earshot.core.errors import EarshotError
from earshot.export import onnx_file
from earshot.models import saved
from earshot.models.build import build_model
from earshot.models.card import RunFacts
from earshot.models.normalization import Normalized
from earshot.models.registry import own_models
from earshot.reading.pictures import read_picture
from earshot.reading.sounds import read_sound, write_wav
from earshot.sonification.pictures import sized_picture, wavs_of_pictures
from tests.models.cards import a_card

CLASSES = ["high", "low", "noise"]
SHAPE = (16, 20)
SONIFY = Sonify(rows=16, columns=20, sample_rate=8000, iterations=2)
FEATURES = Features(
    sample_rate=8000, n_fft=256, hop_length=128, n_mels=16, frames=20, bands=16, clip_s=0.4, clip_hop_s=0.2
)


def settings(kind, view="sound", **changes):
    return input_of(kind, view, sonify=SONIFY, features=FEATURES.model_copy(update=changes))


def save_model(folder, model_input, *, temperature=0.7):
    """Two runs of a linear model of random weights."""
    models = [Normalized(build_model("linear", input_shape=SHAPE, outputs=3, seed=seed)) for seed in (1, 2)]
    saved.save(folder, models, card_of(models, model_input, temperature=temperature))


def card_of(models, model_input, *, temperature=0.7):
    runs = [RunFacts(epoch=1, epochs_trained=1) for _ in models]
    return a_card(
        input_shape=SHAPE, model_input=model_input, classes=CLASSES, runs=runs, temperature=temperature
    )


def asked(command, *words):
    """What a command is told by these words."""
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args(list(map(str, words)))


def export_model(model="model", file="out.onnx", *options):
    """The exported file, opened by onnxruntime."""
    export.main(asked(export, model, file, *options))
    return onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])


def predicted(capsys, *files, model="model", options=()):
    """What the predict command says of files, (files, classes)."""
    capsys.readouterr()
    predict.main(asked(predict, model, *files, "--format", "json", *options))
    return np.array([[row[name] for name in CLASSES] for row in json.loads(capsys.readouterr().out)])


def write_sound(seconds, name="sound.wav"):
    """A file of noise, and the sound that it holds."""
    rng = np.random.default_rng(0)
    Path(name).write_bytes(write_wav(rng.uniform(-1, 1, round(8000 * seconds)), 8000))
    return name, read_sound(name, name=name)[0]


ZOO = {name: {} for name in own_models()} | {"resnet18": {"image_size": 32}}


@pytest.fixture(
    scope="module", params=[["linear", "cnn"], pytest.param([*ZOO], marks=pytest.mark.slow)], ids=len
)
def zoo(request, tmp_path_factory):
    """Models of the zoo, as the runs of one model: its folder and its file. An export takes seconds."""
    models = [
        Normalized(build_model(name, input_shape=SHAPE, outputs=3, **ZOO[name])).eval()
        for name in request.param
    ]
    card = card_of(models, settings("sounds"))
    folder = tmp_path_factory.mktemp("zoo")
    saved.write_card(folder / "model", card)
    with pytest.MonkeyPatch.context() as patch:
        load = saved.load
        patch.setattr(
            saved,
            "load",
            lambda path, run=1: (models[run - 1], card) if str(folder) in str(path) else load(path, run),
        )
        yield folder / "model", export_model(folder / "model", folder / "out.onnx"), len(models)


@pytest.mark.parametrize(("seconds", "windows"), [(0.1, 1), (0.4, 1), (0.69, 3), (3, 14)])
def test_every_model_of_the_zoo_answers_as_predict_does_for_sounds_of_any_length(
    zoo, in_folder, capsys, seconds, windows
):
    folder, session, _ = zoo
    name, sound = write_sound(seconds)
    of_sounds, of_windows = session.run(None, {"sound": np.stack([sound, sound[::-1], sound])})
    np.testing.assert_allclose(
        of_sounds[[0, 2]],
        predicted(capsys, name, model=folder, options=["--no-per-clip"]).repeat(2, axis=0),
        atol=1e-5,
    )
    assert of_windows.shape == (3, windows, 3)


def test_the_file_says_what_it_takes_and_where_it_comes_from(zoo):
    _, session, runs = zoo
    facts = session.get_modelmeta().custom_metadata_map
    assert json.loads(facts.pop("classes")) == CLASSES
    assert facts == {
        "architecture": "linear",
        "sample_rate": "8000",
        "clip_s": "0.4",
        "clip_hop_s": "0.2",
        "temperature": "0.7",
        "runs": str(runs),
        "commit": "",  # it lies in no repository
    }


def test_sounds_that_are_seen_whole_are_cropped_and_filled_up_inside(in_folder, capsys):
    whole = settings("sounds", clip_s=None, clip_hop_s=None, pad="repeat", reference="item")
    save_model(in_folder / "model", whole, temperature=1.0)
    session = export_model()
    for seconds in (0.1, 0.5):
        name, sound = write_sound(seconds)
        answers, _ = session.run(None, {"sound": sound[np.newaxis]})
        np.testing.assert_allclose(answers, predicted(capsys, name), atol=1e-5)


def test_one_run_is_exported_as_predict_asks_it(in_folder, capsys):
    save_model(in_folder / "model", settings("spectrograms"))
    options = ["--run", "2"]
    session = export_model("model", "out.onnx", *options)
    for frames in (7, 31):
        array = np.random.default_rng(0).normal(size=(16, frames)).astype(np.float32)
        np.save("array.npy", array)
        answers, _ = session.run(None, {"spectrogram": array[np.newaxis]})
        np.testing.assert_allclose(answers, predicted(capsys, "array.npy", options=options), atol=1e-5)
    assert "`out.onnx` takes spectrograms" in Path("out.md").read_text()


def test_pictures_of_any_size_go_in_as_brightness(picture_folders, in_folder, capsys):
    save_model(in_folder / "model", settings("pictures", "picture"))
    files = sorted(map(str, picture_folders.glob("a/*.png")))
    pictures = np.stack([read_picture(file) for file in files])
    Path("out.md").write_text("edited")
    answers, _ = export_model().run(None, {"picture": pictures})
    assert Path("out.md").read_text() == "edited"
    np.testing.assert_allclose(answers, predicted(capsys, *files), atol=1e-5)


def test_of_a_picture_that_was_made_sound_the_sound_goes_in(picture_folders, in_folder, capsys):
    save_model(in_folder / "model", settings("pictures"))
    file = picture_folders / "a/0.png"
    picture = sized_picture(file, name="0", settings=SONIFY)
    (wav,) = wavs_of_pictures(picture[np.newaxis], ["0"], seed=0, settings=SONIFY)
    Path("sound.wav").write_bytes(wav)
    answers, _ = export_model().run(None, {"sound": read_sound(wav, name="0")[0][np.newaxis]})
    np.testing.assert_allclose(answers, predicted(capsys, "sound.wav"), atol=1e-5)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("out.pt", "out.pt: name a file that ends in .onnx"),
        ("model/out.onnx", "out.onnx lies in model, which DVC holds as the pipeline wrote it"),
        ("plots/out.onnx", "out.onnx lies in plots, which DVC holds as the pipeline wrote it"),
    ],
)
def test_a_file_where_none_may_lie_is_refused(in_folder, file, message):
    with pytest.raises(EarshotError, match=re.escape(message)):
        export.main(asked(export, "model", file))


def test_libraries_that_are_missing_are_named_with_what_installs_them(in_folder, monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if "onnx" in name else find_spec(name))
    with pytest.raises(EarshotError, match=re.escape("`pip install '.[onnx]'`")):
        export.main(asked(export, "model", "out.onnx"))


@pytest.mark.parametrize("answer", [0.9, np.nan])
def test_a_file_whose_answers_are_others_is_not_written(in_folder, monkeypatch, answer):
    class Session:
        def __init__(self, *_, **settings): ...

        def get_inputs(self):
            return [SimpleNamespace(name="spectrogram")]

        def run(self, *_):
            return np.full((1, 1, 3), answer)

    save_model(in_folder / "model", settings("spectrograms"))
    monkeypatch.setattr(onnx_file, "onnx_bytes", lambda *_, **settings: b"")
    monkeypatch.setattr(onnxruntime, "InferenceSession", Session)
    with pytest.raises(EarshotError, match="linear cannot be exported"):
        export.main(asked(export, "model", "out.onnx"))
    assert not Path("out.onnx").exists()


def test_more_than_a_file_holds_is_refused(in_folder):
    save_model(in_folder / "model", settings("spectrograms"))
    models = [saved.load("model", run)[0] for run in (1, 2)]
    _, card = saved.load("model")
    large = card.model_copy(update={"parameters": 300_000_000})
    with pytest.raises(EarshotError, match="export one of them, `--run 1`"):
        onnx_file.onnx_bytes(models, large, temperature=1.0)
