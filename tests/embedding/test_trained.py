"""A model that was trained on what a pretrained one hears answers about files, by all doors alike."""

import logging

import joblib
import numpy as np
import pandas as pd
import pytest
import torch

import earshot
from earshot.cli.predict import read_chunk, read_chunks
from earshot.config.embedding import Embedding
from earshot.config.features import Features
from earshot.config.inputs import EmbeddingInput, dump_input, input_of, read_input
from earshot.config.sonify import Sonify
from earshot.core.errors import EarshotError
from earshot.core.io import write_json
from earshot.detection.windows import grid_of, scores_of
from earshot.embedding.model_file import _opened, sha256_of
from earshot.embedding.settings import resolved
from earshot.embedding.view_files import stays_here
from earshot.embedding.workers import as_run_here
from earshot.features.extract import arrays_of, columns_of, featurize_elements
from earshot.models import saved
from earshot.models.build import build_model
from earshot.models.normalization import Normalized
from earshot.reading.sounds import write_wav
from earshot.store.build import build_shards
from earshot.store.formats import NPY
from earshot.training.batches import clips_of
from earshot.training.predict import predict
from tests.embedding import models
from tests.models.cards import a_card
from tests.study import command

RNG = np.random.default_rng(0)


def hears(kind="sounds", features=Features(), sonify=Sonify(), **settings):  # noqa: B008 frozen
    """What a model reads that hears through weights/ears.onnx."""
    path = "weights/ears.onnx"
    sha256 = sha256_of(path)
    embedding = resolved(Embedding(model=path, **settings), sha256=sha256)
    made = EmbeddingInput(embedding=embedding, sha256=sha256, runtime="onnxruntime 1")
    return as_run_here(input_of(kind, "embedding", sonify=sonify, features=features, embedding=made))


def write_sound(path, samples, *, rate=models.RATE):
    path.write_bytes(write_wav(RNG.normal(0, 0.1, samples), rate))


@pytest.fixture
def folder(in_folder):
    (in_folder / "weights").mkdir()
    models.write_onnx(in_folder / "weights" / "ears.onnx")
    return in_folder


def save_model(folder, model_input):
    """A linear model of the mean power in the first stretch of a window against that in the last."""
    model = build_model("linear", input_shape=(models.DIMENSIONS, 1), outputs=1)
    (layer,) = [module for module in model.modules() if isinstance(module, torch.nn.Linear)]
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[-100.0, 0, 0, 0, 100.0]]))
        layer.bias.zero_()
    card = a_card(input_shape=(models.DIMENSIONS, 1), model_input=model_input)
    return saved.save(folder / "model", [Normalized(model)], card) or folder / "model"


def test_settings_are_read_back_as_they_were_written(folder):
    for kind in ("sounds", "pictures"):
        wanted = hears(kind)
        write_json(folder / "settings.json", dump_input(wanted))
        assert read_input(folder / "settings.json") == wanted


def test_the_file_and_its_hash_are_in_the_card(folder):
    card = saved.load(save_model(folder, hears()))[1]
    assert card.input.embedding.model == "weights/ears.onnx"
    assert card.input.sha256 == sha256_of("weights/ears.onnx")


def test_notebook_command_and_stages_answer_alike(folder):
    write_sound(folder / "a.wav", 3 * models.SAMPLES)
    model = earshot.load(save_model(folder, hears()))
    said = model.predict("a.wav")
    arrays, _ = arrays_of("a.wav", name="a", model_input=model.card.input)
    wanted = predict(saved.load(folder / "model")[0], clips_of(arrays, np.zeros(1)))[0]
    np.testing.assert_allclose(list(said.probabilities.values()), wanted, atol=1e-6)
    row = command("predict", "model", "a.wav", cwd=folder).splitlines()[-1]
    assert row.startswith(f"a.wav,{said.label},")


def test_over_time_each_window_is_heard_by_itself(folder):
    write_sound(folder / "a.wav", 10 * models.SAMPLES)
    clips = Features(clip_s=0.1)
    model, card = saved.load(save_model(folder, hears(features=clips)))
    arrays, starts = arrays_of("a.wav", name="a", model_input=card.input)
    scores = list(scores_of([model], card, "a.wav", grid=grid_of(card)))
    given = np.concatenate([batch.probabilities for batch in scores])
    np.testing.assert_allclose(given, predict(model, clips_of(arrays, np.zeros(len(arrays)))), atol=1e-6)
    np.testing.assert_allclose(np.concatenate([batch.starts for batch in scores]) / models.RATE, starts)


def test_whole_recordings_are_heard_over_time_by_the_window_of_the_pretrained_model(folder):
    _, card = saved.load(save_model(folder, hears(hop_s=0.05)))
    assert (grid_of(card).length, grid_of(card).hop) == (models.SAMPLES, models.SAMPLES // 2)


def test_another_file_in_its_place_is_named(folder):
    write_sound(folder / "a.wav", models.SAMPLES)
    model = earshot.load(save_model(folder, hears()))
    models.write_onnx(folder / "weights" / "ears.onnx", deaf=True)
    _opened.cache_clear()  # as in another process
    with pytest.raises(EarshotError, match=r"weights/ears.onnx is not the file that it was"):
        model.predict("a.wav")


def test_another_runtime_than_the_one_here_is_refused(folder):
    """As a worker of a cluster may have it."""
    other = hears().model_copy(update={"runtime": "onnxruntime 1"})
    with pytest.raises(EarshotError, match=r"ears.onnx is run by onnxruntime 1, and a worker .* has onnxrun"):
        featurize_elements([], model_input=other, device="cpu")
    with pytest.raises(EarshotError, match="is run by onnxruntime 1, and a worker"):
        read_chunk(([], other, (models.DIMENSIONS, 1)))


@pytest.mark.parametrize(("shared", "stays"), [("1", False), ("0", True)])
def test_workers_without_this_folder_have_no_file_to_hear_through(folder, monkeypatch, shared, stays):
    """No scheduler answers at that address."""
    monkeypatch.setenv("EARSHOT_SCHEDULER", "tcp://127.0.0.1:1")
    monkeypatch.setenv("EARSHOT_SHARED", shared)
    write_sound(folder / "a.wav", models.SAMPLES)
    assert stays_here(hears()) == stays
    if stays:
        card = a_card(input_shape=(models.DIMENSIONS, 1), model_input=hears())
        with joblib.parallel_config("sequential"):
            ((read,),) = read_chunks(["a.wav"], card.input, card.input_shape, description="test", bar=False)
        assert read.problem is None


def test_a_picture_is_heard_through_its_sound(folder):
    from PIL import Image

    Image.fromarray(RNG.integers(0, 255, (16, 16), dtype=np.uint8)).save(folder / "a.png")
    sonify = Sonify(rows=16, columns=16, sample_rate=4000, iterations=1)
    arrays, _ = arrays_of("a.png", name="a.png", model_input=hears("pictures", sonify=sonify))
    assert arrays.shape == (1, models.DIMENSIONS, 1)
    assert arrays.min() >= 0
    assert arrays.max() > 0


def test_of_a_data_set_that_grew_only_what_is_new_is_heard(folder, caplog):
    def build(count):
        elements = pd.DataFrame(
            [(n // 50, str(n), 0, str(n), f"{n}.wav", np.nan, np.nan) for n in range(count)],
            columns=["shard", "id", "copy", "source", "path", "start_s", "end_s"],
        )
        with joblib.parallel_config("sequential"):
            build_shards(
                "featurize-embedding",
                folder / "features",
                elements,
                make=featurize_elements,
                settings={"model_input": hears(), "device": "cpu"},
                form=NPY,
                columns=columns_of("sounds"),
                description="featurize embedding",
            )

    for number in range(101):
        write_sound(folder / f"{number}.wav", 200)
    build(100)
    before = [np.load(folder / "features" / f"{shard:05d}.npy") for shard in range(2)]
    with caplog.at_level(logging.INFO):
        build(101)
    assert "100 of 101 as before" in caplog.text
    for shard, array in enumerate(before):
        np.testing.assert_array_equal(np.load(folder / "features" / f"{shard:05d}.npy"), array)
    assert list(pd.read_csv(folder / "features" / "rows.csv").columns[-2:]) == ["start_s", "silent"]


def test_clips_that_the_view_cannot_take_are_named(folder):
    long = Features(clip_s=20_000.0, sample_rate=8000)
    with pytest.raises(EarshotError, match=r"the view embedding takes no such clips:\n.*features"):
        hears(features=long)
