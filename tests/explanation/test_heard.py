"""Models of the view `embedding`: which stretches of a sound speak for a class."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

from earshot.config.embedding import Embedding
from earshot.config.gradcam import GradCam
from earshot.config.inputs import EmbeddingInput, dump_input
from earshot.core import paths
from earshot.core.io import write_json, write_table
from earshot.embedding.model_file import sha256_of
from earshot.embedding.settings import resolved
from earshot.explanation.explain_part import explain_part
from earshot.explanation.faithfulness import OCCLUDED, doubts
from earshot.explanation.heard import NOISE, SEGMENTS, SILENCE, HeardModel, Sounds, decibels
from earshot.explanation.methods import candidates
from earshot.explanation.occlusion import occlusion
from earshot.explanation.sheets import axes_of, explanation_sheets
from earshot.features.extract import transformed
from earshot.models.build import build_model
from earshot.models.normalization import Normalized
from earshot.reading.sounds import write_wav
from earshot.signal.clips import cut
from earshot.store.formats import write_npy
from earshot.training.data import ModelData
from earshot.training.predict import predict
from tests.embedding import models

EACH = 6  # items a class and part
PART = models.SAMPLES // SEGMENTS  # samples of a stretch


def burst_in(number):
    """The stretch in which an item of class b is loud."""
    return number % SEGMENTS


@pytest.fixture
def study(in_folder):
    """Recordings of a window each: quiet noise is a, a burst in one of the stretches b. The data of their models."""
    path = models.write_onnx(in_folder / "ears.onnx")
    sha256 = sha256_of(str(path))
    settings = resolved(Embedding(model=str(path)), sha256=sha256)
    heard = EmbeddingInput(embedding=settings, sha256=sha256, runtime="onnxruntime")
    items, arrays = [], []
    for number in range(4 * EACH):
        label, part = "ab"[number % 2], ("train", "test")[number // (2 * EACH)]
        sound = 0.01 * np.random.default_rng(number).standard_normal(models.SAMPLES)
        if label == "b":
            sound[burst_in(number) * PART : (burst_in(number) + 1) * PART] *= 30
        name = f"{number}.wav"
        (in_folder / name).write_bytes(write_wav(sound, models.RATE))
        items.append(
            {"id": name, "path": name, "label": label, "group": name, "hash": name, "split": part, "shard": 0}
        )
        signal = np.round(sound * 32767).astype(np.float32)[None] / 32768
        arrays.append(transformed(signal, items=[0], model_input=heard)[0])
    table = pd.DataFrame(items)
    write_table(paths.BALANCED, table.drop(columns="split"))
    folder = paths.features("embedding")
    write_npy(paths.shard_file(folder, 0, "npy"), [np.stack(arrays)])
    write_json(folder / "settings.json", dump_input(heard))
    target = (table["label"] == "b").astype(int)
    rows = table.assign(row=range(len(table)), start_s=0.0, copy=0, target=target)
    return ModelData(folder, rows.drop(columns=["path", "hash"]), ["a", "b"])


def a_model():
    """Says b where the mean power of any fifth of the sound is high."""
    network = build_model("linear", input_shape=(models.DIMENSIONS, 1), outputs=1)
    torch.nn.init.constant_(network.classifier.weight, 300.0)
    torch.nn.init.constant_(network.classifier.bias, -4.0)
    return Normalized(network, how="none").eval()


def sounds_of(data):
    sounds = Sounds(data.input(), seed=0)
    return sounds, sounds.add(data.table)


def test_a_whole_sound_has_the_embedding_that_was_stored(study):
    sounds, arrays = sounds_of(study)
    stored = study.clips(study.table).take(np.arange(len(study.table)))
    np.testing.assert_allclose(sounds.embeddings(arrays), stored, rtol=1e-3, atol=1e-6)
    asked = HeardModel(a_model(), sounds).eval()
    expected = a_model()(torch.from_numpy(stored))
    torch.testing.assert_close(asked(torch.from_numpy(arrays)), expected, rtol=1e-3, atol=1e-3)


def test_stretches_are_blanked_with_silence_and_with_quiet_noise(study):
    sounds, arrays = sounds_of(study)
    codes = arrays[3, 0].copy()
    whole = sounds._signal(codes)
    codes[2], codes[4] = SILENCE, NOISE
    parts, whole_parts = (np.split(one, SEGMENTS) for one in (sounds._signal(codes), whole))
    assert not parts[2].any()
    assert np.sqrt(np.square(parts[4]).mean()) == pytest.approx(sounds.loudness / 10, rel=0.3)
    for place in set(range(SEGMENTS)) - {2, 4}:
        np.testing.assert_array_equal(parts[place], whole_parts[place])
    everything = sounds._signal(np.full(SEGMENTS, SILENCE, np.float32))
    assert len(everything) == models.SAMPLES
    assert not everything.any()


def test_what_speaks_for_a_class_is_the_stretch_that_it_is_lost_without(study):
    sounds, arrays = sounds_of(study)
    loud = (study.table["label"] == "b").to_numpy()
    blanks = {name: torch.from_numpy(blank) for name, blank in sounds.blanks().items()}
    x, targets = torch.from_numpy(arrays[loud]), torch.ones(int(loud.sum()), dtype=torch.int64)
    found = occlusion(HeardModel(a_model(), sounds).eval(), x, targets, blanks=blanks)
    expected = [burst_in(number) for number in np.flatnonzero(loud)]
    assert found[:, 0].argmax(dim=1).tolist() == expected
    assert sounds.energies(arrays[loud])[:, 0].argmax(axis=1).tolist() == expected
    assert sounds.stretch_s(arrays) == pytest.approx(0.01)


def test_a_part_is_explained_by_stretches_and_checked_by_deletion(study):
    found = explain_part(
        [a_model(), a_model()],
        study,
        ask=lambda model, clips: predict(model, clips, device="cpu"),
        settings=GradCam(per_class=3, checked=4, steps=4),
        seed=0,
        device="cpu",
    )
    assert found.method == OCCLUDED
    assert found.shown.maps.shape[1:] == found.shown.arrays.shape[1:] == (1, SEGMENTS)
    table = found.shown.table(axes_of(study.input()))
    assert "stretch_s" not in table
    loud = table[table["label"] == "b"]
    places = [burst_in(int(name.removesuffix(".wav"))) / 100 for name in loud["id"]]
    assert loud["where"].tolist() == [
        f"most weight at {place:.2f} to {place + 0.01:.2f} s" for place in places
    ]
    assert found.scores["deletion_map_lowest"] < found.scores["deletion_random_lowest"]
    about = {"axes": axes_of(study.input()), "about": "a model"}
    assert all(png.startswith(b"\x89PNG") for _, png in explanation_sheets(found, ["a", "b"], **about))
    json.dumps(found.scores)


def test_what_a_map_misses_is_told_in_words_of_sounds():
    scores = {
        **{
            f"{curve}_{order}_{blank}": 0.5
            for curve in ("deletion", "insertion")
            for order in ("map", "random", "energy")
            for blank in ("mean", "lowest")
        },
        "method": OCCLUDED,
        "wanted": "auto",
        "drawn_share": 1.0,
        "empty_share": 0.0,
        "randomized_rank_correlation": 0.0,
    }
    (told,) = doubts(scores)
    assert "with noise 20 dB below the sounds, leaves" in told
    assert "from silence, gives" in told
    assert doubts(scores | {"wanted": "gradcam"}) == [told]  # there is no other method to take


def test_a_method_that_is_named_and_not_taken_is_logged(caplog):
    caplog.set_level("INFO", "earshot")
    x = torch.zeros(1, 1, SEGMENTS)
    model = HeardModel(a_model(), None)
    (method,) = candidates(model, x, torch.zeros(1), settings=GradCam(method="hirescam"), blanks={})
    assert str(method) == OCCLUDED
    assert "gradcam.method: hirescam is not for the view embedding: it has occlusion in time" in caplog.text
    x = torch.randn(2, 4, 5)
    blanks = dict.fromkeys(("mean", "lowest"), x.mean(dim=0))
    model = Normalized(build_model("linear", input_shape=(4, 5), outputs=2), how="none").eval()
    candidates(model, x, torch.zeros(2, dtype=torch.int64), settings=GradCam(method="gradcam"), blanks=blanks)
    assert "gradcam.method: gradcam needs convolutions: this model has integrated gradients" in caplog.text


def test_silence_is_60_decibels_down():
    assert decibels(np.array([[[0.0, 1.0]]], np.float32)).tolist() == [[[-60.0, 0.0]]]


def test_a_clip_of_a_recording_is_found_by_its_start(study):
    long = 0.1 * np.random.default_rng(9).standard_normal(3 * models.SAMPLES)
    (study.folder.parents[2] / "0.wav").write_bytes(write_wav(long, models.RATE))
    features = study.input().features.model_copy(update={"clip_s": 0.1})
    sounds = Sounds(study.input().model_copy(update={"features": features}), seed=0)
    sounds.add(pd.DataFrame({"id": ["0.wav"], "start_s": [0.2]}))
    clips, _ = cut(
        long.astype(np.float32), sample_rate=models.RATE, clip_s=0.1, clip_hop_s=None, pad="silence"
    )
    np.testing.assert_allclose(sounds.signals[0], clips[2], atol=1e-4)
