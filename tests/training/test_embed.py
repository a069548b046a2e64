"""A model's embeddings, and its items on a map."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from earshot.evaluation.principal_axes import on_two_axes
from earshot.models import registry, saved
from earshot.models.normalization import Normalized
from earshot.store.kept_outputs import KeptOutputs
from earshot.training.embed import embed, map_items
from earshot.training.predict import predict
from tests.training.arrays import a_model, some_clips


@pytest.mark.parametrize("name", [*registry.own_models(), "resnet18"])
def test_the_last_layer_makes_the_probabilities_of_the_embedding(name):
    clips = some_clips(n=70, shape=(16, 12))  # more than a batch
    model = a_model(name, clips, **({"image_size": 32} if name == "resnet18" else {})).eval()
    embedding = embed(model, clips, device="cpu")
    assert len(embedding) == 70
    *_, layer = (one for one in model.modules() if isinstance(one, nn.Linear))
    logits = layer(torch.from_numpy(embedding))
    if name == "prototype":
        logits = logits * model.model.log_sharpness.exp()
    found = torch.softmax(logits, dim=1).detach().numpy()
    np.testing.assert_allclose(found, predict(model, clips, device="cpu"), rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(embed(model, clips, device="cpu"), embedding)  # no hook stays


def test_a_frozen_backbones_kept_outputs_are_its_embedding(in_folder):
    clips = some_clips(n=9)
    model = a_model("resnet18", clips, freeze="backbone", image_size=32).eval()
    kept = embed(model, clips, device="cpu", kept_outputs=KeptOutputs("10-sound-resnet18"))
    np.testing.assert_allclose(kept, embed(model, clips, device="cpu"), rtol=1e-3, atol=1e-4)


def test_a_model_without_linear_layers_is_embedded_by_its_logits():
    network = nn.Sequential(
        nn.Unflatten(1, (1, 16)), nn.Conv2d(1, 3, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
    clips = some_clips(n=5)
    model = Normalized(network).eval()
    expected = model(torch.from_numpy(clips.take(np.arange(5)))).detach().numpy()
    np.testing.assert_allclose(embed(model, clips, device="cpu"), expected, rtol=1e-5)


@pytest.mark.parametrize(("shape", "is_wide"), [((16, 12), False), ((64, 40), True)])
def test_a_model_whose_last_layer_sees_very_much_is_mapped_by_its_logits(monkeypatch, shape, is_wide):
    clips = some_clips(n=70, shape=shape)
    model = a_model("linear", clips).eval()
    rows = pd.DataFrame(
        {"id": [f"{n % 35:02}" for n in reversed(range(70))]}
    )  # two clips an item, in two batches
    data = SimpleNamespace(rows=lambda part: rows, clips=lambda rows: clips)
    data.of_run = lambda seed: data
    monkeypatch.setattr(saved, "load", lambda folder, run: (model, None))
    vectors = embed(model, clips, device="cpu").astype(float)
    assert vectors.shape[1] == np.prod(shape)
    if is_wide:
        *_, layer = (one for one in model.modules() if isinstance(one, nn.Linear))
        vectors = layer(torch.from_numpy(vectors).float()).detach().numpy().astype(float)
    expected = (vectors[:35] + vectors[35:])[::-1] / 2
    found = map_items("model", data, "test", name="10-sound-linear", seed=0, device="cpu")
    assert list(found["id"]) == [f"{n:02}" for n in range(35)]
    np.testing.assert_allclose(found[["x", "y"]], on_two_axes(expected), atol=2e-4)
