"""The maps of a whole part against each map by itself."""

import numpy as np
import pytest
import torch

from earshot.explanation import explain_all as module
from earshot.explanation.explain_all import explain_all, mean_array
from earshot.explanation.gradcam import explain
from earshot.explanation.sanity import check_maps
from tests.training.arrays import a_model, some_clips

HOW = {"method": "gradcam", "layer": "features"}


@pytest.fixture
def clips():
    return some_clips(n=21, shape=(16, 12))


@pytest.fixture
def model(clips):
    return a_model("cnn", clips, width=4, dense=8).eval()


def test_means_and_single_maps_are_those_of_explain(clips, model, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 4)
    keys = [(str(label), label == 1) for label in clips.labels]
    means, maps = explain_all(model, clips, clips.labels, keys=keys, returned={0, 20}, device="cpu", **HOW)
    x = torch.from_numpy(clips.take(np.arange(21)))
    each = explain(model, x, torch.from_numpy(clips.labels), **HOW).numpy()
    assert set(maps) == {0, 20}
    np.testing.assert_allclose(maps[20], each[20], atol=1e-5)
    for key in set(keys):
        members = [place for place, other in enumerate(keys) if other == key]
        mean, count = means.mean(key)
        assert count == len(members)
        np.testing.assert_allclose(mean, each[members].mean(axis=0), atol=1e-5)
    assert means.mean(("9", True)) is None
    assert means.empty == sum(not heat.any() for heat in each)


def test_the_mean_array_is_the_mean(clips, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 4)
    np.testing.assert_allclose(mean_array(clips), clips.take(np.arange(21)).mean(axis=0), atol=1e-6)


def test_the_checks_are_repeatable_and_the_ends_of_all_curves_agree(clips, model):
    arrays, targets = clips.take(np.arange(6)), clips.labels[:6]
    maps = explain(model, torch.from_numpy(arrays), torch.from_numpy(targets), **HOW).numpy()
    settings = {"blank": mean_array(clips), "steps": 4, "seed": 5, **HOW}
    scores, table = check_maps(model, arrays, targets, maps, **settings)
    again, _ = check_maps(model, arrays, targets, maps, **settings)
    assert scores == again
    assert len(table) == 2 * 3 * 5
    ends = table[table["share"].isin([0, 1])]
    assert (ends.groupby(["curve", "share"])["probability"].nunique() == 1).all()
    assert -1 <= scores["randomized_rank_correlation"] <= 1
    assert set(scores) == {"items", "randomized_rank_correlation"} | {
        f"{curve}_{order}" for curve in ("deletion", "insertion") for order in ("map", "random", "energy")
    }
