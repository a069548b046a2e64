"""Pretrained models: what they give is what the formula gives, and what cannot be used is refused by name."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from earshot.config.embedding import Embedding
from earshot.core.errors import EarshotError
from earshot.embedding.embed import BATCH, embed, vectors
from earshot.embedding.model_file import open_model, sha256_of
from earshot.embedding.settings import resolved, try_out
from tests.embedding import models

RNG = np.random.default_rng(0)
FORMATS = {".onnx": models.write_onnx, ".tflite": models.write_tflite}
WITHOUT_RATE = {".tflite"}  # which say nothing of themselves


def complete(path, **settings):
    """The settings of a model's file, and its hash."""
    if path.suffix in WITHOUT_RATE:
        settings |= {"sample_rate": models.RATE}
    sha256 = sha256_of(str(path))
    return {"settings": resolved(Embedding(model=str(path), **settings), sha256=sha256), "sha256": sha256}


@pytest.fixture(params=FORMATS)
def ears(request, tmp_path):
    if request.param == ".tflite":
        pytest.importorskip("ai_edge_litert", reason="the extra tflite is not installed")
    return FORMATS[request.param](tmp_path / f"ears{request.param}")


def test_a_window_gives_what_the_formula_gives(ears):
    windows = RNG.normal(0, 0.1, (BATCH + 3, models.SAMPLES)).astype("f")
    given = vectors(windows, **complete(ears), name="noise")
    np.testing.assert_allclose(given, models.expected(windows), rtol=1e-5)


def test_the_file_says_rate_window_and_tensor(ears):
    settings = complete(ears)["settings"]
    assert (settings.sample_rate, settings.window_s, settings.hop_s) == (models.RATE, 0.1, 0.1)
    assert settings.input == "waveform"


@pytest.mark.parametrize("ending", [".onnx", ".tflite"])
def test_a_tensor_inside_a_graph_is_taken_by_its_name(tmp_path, ending):
    if ending == ".tflite":
        pytest.importorskip("ai_edge_litert", reason="the extra tflite is not installed")
    ears = FORMATS[ending](tmp_path / f"ears{ending}")
    window = RNG.normal(0, 0.1, (1, models.SAMPLES)).astype("f")
    given = vectors(window, **complete(ears, output="power"), name="noise")
    np.testing.assert_allclose(given, np.square(window), rtol=1e-6)


@pytest.mark.parametrize(("pooling", "frames"), [("mean", 1), ("max", 1), ("none", 4)])
def test_windows_are_frames_until_they_are_pooled(ears, pooling, frames):
    clips = RNG.normal(0, 0.1, (2, 2 * models.SAMPLES + models.SAMPLES // 2)).astype("f")
    arrays = embed(clips, **complete(ears, pooling=pooling, hop_s=0.05), name="noise")
    assert arrays.shape == (2, models.DIMENSIONS, frames)
    windows = np.stack([clips[1][start : start + models.SAMPLES] for start in range(0, 1201, 400)])
    rows = models.expected(windows)
    wanted = {"mean": rows.mean(0)[:, None], "max": rows.max(0)[:, None], "none": rows.T}[pooling]
    np.testing.assert_allclose(arrays[1], wanted, rtol=1e-5)


def test_windows_that_overlap_take_no_memory_of_their_own(ears):
    settings = complete(ears, pooling="mean", hop_s=0.005)
    sound = np.random.default_rng(0).normal(0, 0.1, (1, 20 * models.RATE)).astype("f")
    embed(sound[:, : models.SAMPLES], **settings, name="noise")
    tracemalloc.start()
    try:
        embed(sound, **settings, name="noise")
        assert tracemalloc.get_traced_memory()[1] < 3 * sound.nbytes  # all windows at once: 20 ×
    finally:
        tracemalloc.stop()


def test_a_model_is_opened_once_whatever_asks_for_it(ears, monkeypatch):
    opened = []
    monkeypatch.setattr("earshot.embedding.model_file.sha256_of", lambda path: opened.append(path) or sha256)
    sha256 = sha256_of(str(ears))
    rate = {"sample_rate": models.RATE} if ears.suffix in WITHOUT_RATE else {}
    with ThreadPoolExecutor(4) as pool:
        blocks = [Embedding(model=str(ears), **rate)] * 8
        for settings in pool.map(partial(resolved, sha256=sha256), blocks):
            vectors(np.zeros((1, models.SAMPLES), "f"), settings=settings, sha256=sha256, name="silence")
    assert opened == [str(ears)]


def test_a_short_sound_is_filled_up(ears):
    clip = RNG.normal(0, 0.1, (1, 300)).astype("f")
    (array,) = embed(clip, **complete(ears), name="noise")
    padded = np.pad(clip, ((0, 0), (0, models.SAMPLES - 300)))
    np.testing.assert_allclose(array[:, 0], models.expected(padded)[0], rtol=1e-5)


@pytest.mark.parametrize(
    ("made", "settings", "words"),
    [
        ({"rate": None}, {}, r"embedding.sample_rate: .*ears.onnx does not say .* set what"),
        ({"rate": "inf"}, {}, r"embedding.sample_rate: .*ears.onnx does not say .* set what"),
        ({"rate": 10}, {}, r"ears.onnx says what cannot be used:\n.*embedding.sample_rate"),
        ({}, {"hop_s": 1e-5}, r"embedding.hop_s: 1e-05 is less than a sample at 8000 Hz"),
        ({}, {"sample_rate": 16000}, r"embedding.sample_rate: 16000 Hz, and .* takes 8000 Hz"),
        (
            {},
            {"window_s": 1.0},
            r"embedding.window_s: 1.0 s .* 8000 samples, .* waveform \(any, 800\): set 0.1",
        ),
        ({}, {"hop_s": 0.2}, r"embedding.hop_s: 0.2 leaves gaps between windows of 0.1 s"),
        ({}, {"output": "logits"}, r"embedding.output: .* no 'logits'; it gives embedding \(any, 5\)"),
        ({}, {"input": "sound"}, r"embedding.input: .* no 'sound'; it has waveform \(any, 800\)"),
        ({"deaf": True}, {}, r"ears.onnx gives the same numbers for two different sounds"),
        ({"random": True}, {}, r"ears.onnx gives other numbers when it hears the same sound again"),
        (
            {"kind": TensorProto.DOUBLE},
            {},
            r"embedding.input: waveform of .* is of tensor\(double\), and wanted is float32",
        ),
    ],
)
def test_a_model_that_cannot_be_used_is_told_by_its_setting(tmp_path, made, settings, words):
    ears = models.write_onnx(tmp_path / "ears.onnx", **made)
    with pytest.raises(EarshotError, match=words):
        try_out(**complete(ears, **settings))


def test_nan_names_the_model_and_the_sound(tmp_path):
    ears = models.write_onnx(tmp_path / "ears.onnx", nan=True)
    with pytest.raises(EarshotError, match=r"ears.onnx gives numbers that are not finite .* for quiet.wav"):
        embed(np.zeros((1, models.SAMPLES), "f"), **complete(ears), name="quiet.wav")


@pytest.mark.parametrize("ending", [".onnx", ".tflite"])
def test_a_broken_file_is_named(tmp_path, ending):
    if ending == ".tflite":
        pytest.importorskip("ai_edge_litert", reason="the extra tflite is not installed")
    path = tmp_path / f"broken{ending}"
    path.write_bytes(b"no model")
    with pytest.raises(EarshotError, match=rf"embedding.model: .*broken{ending} cannot be run"):
        complete(path)


def test_weights_in_another_file_are_refused(tmp_path):
    whole = onnx.load(models.write_onnx(tmp_path / "whole.onnx"))
    path = tmp_path / "ears.onnx"
    onnx.save(whole, path, save_as_external_data=True, location="ears.data", size_threshold=0)
    with pytest.raises(EarshotError, match=r"ears.onnx keeps weights in another file, .* save it as one"):
        complete(path)


def test_what_fails_as_it_runs_or_gives_one_number_is_named(tmp_path):
    def made(name, *nodes):
        graph = onnx.helper.make_graph(
            nodes,
            "ears",
            [onnx.helper.make_tensor_value_info("waveform", TensorProto.FLOAT, [1, models.SAMPLES])],
            [onnx.helper.make_tensor_value_info("given", TensorProto.FLOAT, None)],
            [onnx.numpy_helper.from_array(np.array([7, 7]), "shape")],
        )
        model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=9)
        onnx.save(model, tmp_path / name)
        return complete(tmp_path / name, sample_rate=models.RATE)

    node = onnx.helper.make_node
    wrong = made(
        "wrong.onnx", node("Identity", ["shape"], ["to"]), node("Reshape", ["waveform", "to"], ["given"])
    )
    with pytest.raises(EarshotError, match=r"embedding.model: .*wrong.onnx cannot be run: .*eshape"):
        try_out(**wrong)
    scalar = made("scalar.onnx", node("ReduceMean", ["waveform"], ["given"], keepdims=0))
    with pytest.raises(
        EarshotError, match=r"embedding.output: .*scalar.onnx gives an array of \(\) for 1 window"
    ):
        try_out(**scalar)


def test_a_file_of_torch_is_not_opened(tmp_path):
    path = tmp_path / "ears.pt2"
    path.write_bytes(b"any code")
    with pytest.raises(EarshotError, match=r"ears.pt2 is a file of torch, which runs code of it .* as ONNX"):
        complete(path)


def test_a_file_that_changed_or_went_away_is_named(tmp_path):
    ears = models.write_onnx(tmp_path / "ears.onnx")
    with pytest.raises(EarshotError, match=r"ears.onnx is not the file that it was"):
        open_model(str(ears), sha256="0" * 64, output=None)
    with pytest.raises(EarshotError, match=r"gone.onnx is not there"):
        open_model(str(tmp_path / "gone.onnx"), sha256="0" * 64, output=None)
