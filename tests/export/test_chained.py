"""Models of the view `embedding` as one file, with the pretrained model inside: it answers as `earshot predict`."""

import re

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from earshot.config.embedding import Embedding
from earshot.config.features import Features
from earshot.config.inputs import EmbeddingInput
from earshot.config.sonify import Sonify
from earshot.core.errors import EarshotError
from earshot.embedding.model_file import sha256_of
from earshot.embedding.settings import resolved
from earshot.export.chained import Pooled, Windows, _ears, _of_one_set
from earshot.export.onnx_file import SAME, greatest_difference, metadata, onnx_bytes
from earshot.features.extract import arrays_of
from earshot.models.build import build_model
from earshot.models.normalization import Normalized
from earshot.reading.sounds import read_sound, write_wav
from earshot.training.batches import clips_of
from earshot.training.predict import predict_item
from tests.embedding import models
from tests.models.cards import a_card

SONIFY = Sonify(rows=16, columns=20, sample_rate=4000, iterations=2)
RNG = np.random.default_rng(0)


def heard_by(path, *, features=Features(), sonify=None, **settings):  # noqa: B008 frozen
    sha256 = sha256_of(str(path))
    complete = resolved(Embedding(model=str(path), **settings), sha256=sha256)
    return EmbeddingInput(embedding=complete, sha256=sha256, runtime="", features=features, sonify=sonify)


def trained(heard, *, frames=1, runs=2):
    """Linear models of random weights, steep enough for the vectors to decide, and their card."""
    shape = (models.DIMENSIONS, frames)
    networks = [build_model("linear", input_shape=shape, outputs=3, seed=seed) for seed in range(runs)]
    own = [Normalized(network, std=torch.full((1, 1, 1), 0.002)).eval() for network in networks]
    return own, a_card(input_shape=shape, model_input=heard, classes=list("abc"), temperature=0.7)


def asked(content, sound):
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(None, {"sound": np.stack([sound, sound[::-1]])})


def predicted(own, card, content):
    arrays, starts = arrays_of(content, name="sound.wav", model_input=card.input)
    return predict_item(own, clips_of(arrays, starts), temperature=0.7, device="cpu")


@pytest.mark.parametrize(("batch", "opset", "output"), [("batch", 18, None), (1, 13, None), (1, 18, "power")])
def test_the_pretrained_model_hears_each_window_of_each_clip(tmp_path, batch, opset, output):
    heard = heard_by(models.write_onnx(tmp_path / "ears.onnx", batch=batch, opset=opset), output=output)
    windows = RNG.normal(0, 0.1, (2, 3, 4, models.SAMPLES)).astype(np.float32)
    content = _ears(heard).SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"windows": windows})
    wanted = np.square(windows) if output else models.expected(windows)
    np.testing.assert_allclose(found[:, :, :, 0], wanted, rtol=1e-5)


@pytest.mark.parametrize("pooling", ["mean", "max", "none"])
@pytest.mark.parametrize("clips", [{}, {"clip_s": 0.25, "clip_hop_s": 0.1, "pad": "repeat"}], ids=len)
def test_sounds_are_cut_and_their_vectors_pooled_as_in_the_study(tmp_path, pooling, clips):
    path = models.write_onnx(tmp_path / "ears.onnx")
    heard = heard_by(path, features=Features(**clips), hop_s=0.04, pooling=pooling)
    sound = (RNG.normal(0, 0.1, 5000) * np.linspace(0.1, 1, 5000)).astype(np.float32)
    wav = write_wav(sound, models.RATE)
    expected, _ = arrays_of(wav, name="sound.wav", model_input=heard)
    windows = Windows(heard, None)(torch.from_numpy(read_sound(wav, name="sound.wav")[0])[None])
    vectors = torch.from_numpy(models.expected(windows.numpy()))[:, :, :, None]
    np.testing.assert_allclose(Pooled(heard, vectors.shape[1:])(vectors)[0], expected, rtol=1e-4, atol=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("batch", "opset", "clips"),
    [("batch", 18, {"clip_s": 0.25, "clip_hop_s": 0.1, "pad": "repeat"}), (1, 13, {})],
)
def test_one_file_answers_as_the_two_do_for_sounds_of_any_length(tmp_path, batch, opset, clips):
    path = models.write_onnx(tmp_path / "ears.onnx", batch=batch, opset=opset)
    heard = heard_by(path, features=Features(**clips), hop_s=0.04)
    own, card = trained(heard)
    content = onnx_bytes(own, card, temperature=0.7)
    assert greatest_difference(content, own, card, temperature=0.7) <= SAME
    for samples in (300, 800, 1111, 5000):
        wav = write_wav(RNG.normal(0, 0.1, samples) * np.linspace(0.1, 1, samples), models.RATE)
        of_items, _ = asked(content, read_sound(wav, name="sound.wav")[0])
        np.testing.assert_allclose(of_items[0], predicted(own, card, wav), atol=SAME)


@pytest.mark.slow
@pytest.mark.parametrize("pooling", ["max", "none"])
def test_windows_are_pooled_as_the_study_pools_them(tmp_path, pooling):
    path = models.write_onnx(tmp_path / "ears.onnx")
    heard = heard_by(path, pooling=pooling, hop_s=0.05)
    own, card = trained(heard, frames=3 if pooling == "none" else 1)
    content = onnx_bytes(own, card, temperature=0.7)
    assert greatest_difference(content, own, card, temperature=0.7) <= SAME


@pytest.mark.slow
def test_of_a_picture_the_sound_goes_in_at_the_rate_of_the_pretrained_model(tmp_path):
    heard = heard_by(models.write_onnx(tmp_path / "ears.onnx"), sonify=SONIFY)
    own, card = trained(heard)
    content = onnx_bytes(own, card, temperature=0.7)
    assert greatest_difference(content, own, card, temperature=0.7) <= SAME


def test_the_file_says_what_it_hears_through(tmp_path):
    heard = heard_by(models.write_onnx(tmp_path / "ears.onnx"), features=Features(clip_s=0.2))
    facts = metadata(trained(heard)[1], runs=2, temperature=0.7)
    assert facts["pretrained"] == "ears.onnx"
    assert facts["pretrained_sha256"] == heard.sha256
    wanted = {"sample_rate": "8000", "window_s": "0.1", "hop_s": "0.1", "clip_s": "0.2", "pooling": "mean"}
    assert wanted.items() <= facts.items()


def test_a_tflite_file_is_refused_with_what_to_do(tmp_path):
    heard = heard_by(models.write_tflite(tmp_path / "ears.tflite"), sample_rate=models.RATE)
    own, card = trained(heard)
    with pytest.raises(EarshotError, match=r"ears.tflite is no ONNX file, .* would have to be converted"):
        onnx_bytes(own, card, temperature=1.0)


def test_operators_that_cannot_be_raised_are_named(tmp_path):
    path = models.write_onnx(tmp_path / "ears.onnx", opset=13)
    model = onnx.load(path)
    model.graph.node[-1].domain = "of.somebody"
    with pytest.raises(EarshotError, match=re.escape("export it anew with opset_version=18")):
        _of_one_set(model, str(path))
