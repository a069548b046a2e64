"""The blanks, the choice of a method, and the checks of its maps, on networks where the answer is known."""

import numpy as np
import pytest
import torch
from torch import nn

from earshot.config.gradcam import GradCam
from earshot.explanation import blanks as module
from earshot.explanation.blanks import blanks_of
from earshot.explanation.choose import choose_method
from earshot.explanation.explain_all import explain_all
from earshot.explanation.methods import Method
from earshot.explanation.sanity import (
    compare_runs,
    counted,
    curve_table,
    curves_by_blank,
    item_gains,
    mean_areas,
    some_items,
)
from earshot.models.normalization import Normalized
from tests.training.arrays import a_model, some_clips

SHAPE = (6, 5)


class Sums(nn.Module):
    """The logit of class 1 is what the marked places sum up to, that of class 0 is 0."""

    cam_layer = None

    def __init__(self, marked, *, offset=-4.0):
        super().__init__()
        self.weights = nn.Parameter(torch.as_tensor(marked, dtype=torch.float32))
        self.offset = offset

    def forward(self, x):
        total = (x * self.weights).sum(dim=(1, 2)) + self.offset
        return torch.stack([torch.zeros_like(total), total], dim=1)


def marked():
    places = np.zeros(SHAPE, np.float32)
    places[2, 1:4] = 4
    return places


def bright(count=4):
    """Items that are 1 to 2 all over, and zeros as the blank."""
    return np.random.default_rng(0).uniform(1, 2, size=(count, *SHAPE)).astype(np.float32)


BLANKS = {"mean": np.zeros(SHAPE, np.float32), "lowest": np.full(SHAPE, -0.1, np.float32)}
CLASS_1 = np.ones(4, np.int64)
FROM_MEAN = Method("integrated_gradients", None, ("mean",), False, {"mean": 4})


def checked(network, arrays, maps):
    return curves_by_blank(network, arrays, CLASS_1, {"map": maps}, blanks=BLANKS, steps=8, seed=0)


def test_the_blanks_are_the_mean_and_the_lowest_value(monkeypatch):
    monkeypatch.setattr(module, "BATCH", 4)
    clips = some_clips(n=21, shape=(16, 12))
    arrays = clips.take(np.arange(21))
    blanks = blanks_of(clips)
    np.testing.assert_allclose(blanks["mean"], arrays.mean(axis=0), atol=1e-6)
    assert (blanks["lowest"] == arrays.min()).all()
    assert blanks["lowest"].shape == (16, 12)


def test_what_finds_the_places_is_chosen_and_its_maps_are_drawn():
    network, arrays = Normalized(Sums(marked())).eval(), bright()
    method, table = choose_method(network, arrays, CLASS_1, settings=GradCam(steps=8), blanks=BLANKS, seed=0)
    assert table["chosen"].sum() == 1
    assert table["gain"].max() == table.loc[table["chosen"] == 1, "gain"].item()
    assert not method.smoothed  # which names the neighbours too
    maps = explain_all(network, arrays, CLASS_1, methods=[method], blanks=BLANKS)[0]
    assert ((maps > 0) == (marked() > 0)).all()
    by_blank = checked(network, arrays, maps)
    assert item_gains(by_blank).mean() > 0.5


def test_a_map_that_says_nothing_gains_nothing():
    network, arrays = Normalized(Sums(marked())).eval(), bright()
    chance = np.random.default_rng(1).random(arrays.shape, dtype=np.float32)
    assert item_gains(checked(network, arrays, chance)).mean() < 0.2
    constant = Normalized(Sums(np.zeros(SHAPE))).eval()
    assert not item_gains(checked(constant, arrays, chance)).any()


def test_items_whose_class_the_blank_is_given_too_do_not_count():
    arrays, maps = bright(), np.broadcast_to(marked(), (4, *SHAPE))
    always = checked(Normalized(Sums(marked(), offset=10.0)).eval(), arrays, maps)
    by_order = always["mean"]
    one = {name: curve.copy() for name, curve in by_order.items()}
    for curve in ("deletion", "insertion"):
        for order in ("map", "random", "energy"):
            one[order, curve][-1 if curve == "deletion" else 0, 2] = 0.0
    assert counted(one).tolist() == [False, False, True, False]
    assert counted(by_order).all()  # as there are no others
    assert mean_areas({"mean": one})["items_mean"] == 1
    drawn = curve_table({"mean": one}).set_index(["order", "curve"])["probability"]
    np.testing.assert_allclose(drawn["map", "deletion"], one["map", "deletion"][:, 2], atol=1e-6)


def test_the_numbers_repeat_and_the_ends_of_all_curves_agree():
    network, arrays = Normalized(Sums(marked())).eval(), bright()
    maps = explain_all(network, arrays, CLASS_1, methods=[FROM_MEAN], blanks=BLANKS)[0]
    by_blank = checked(network, arrays, maps)
    assert mean_areas(by_blank) == mean_areas(checked(network, arrays, maps))
    assert set(mean_areas(by_blank)) == {"items_mean", "items_lowest"} | {
        f"{curve}_{order}_{blank}"
        for curve in ("deletion", "insertion")
        for order in ("map", "random", "energy")
        for blank in BLANKS
    }
    table = curve_table(by_blank)
    assert len(table) == 2 * 2 * 3 * 9
    ends = table[table["share"].isin([0, 1])]
    assert (ends.groupby(["blank", "curve", "share"])["probability"].nunique() == 1).all()
    of_two = some_items(by_blank, np.array([1, 3]))
    np.testing.assert_array_equal(
        of_two["mean"]["map", "deletion"], by_blank["mean"]["map", "deletion"][:, [1, 3]]
    )


def test_runs_that_learned_the_same_agree_and_exchanged_weights_do_not():
    arrays = bright()
    runs = [Normalized(Sums(marked() * scale)).eval() for scale in (1.0, 2.0)]
    scores = compare_runs(runs, arrays, CLASS_1, method=FROM_MEAN, blanks=BLANKS, seed=0)
    assert scores["runs_rank_correlation"] > 0.99
    assert scores["randomized_rank_correlation"] < 0.8
    alone = compare_runs(runs[:1], arrays, CLASS_1, method=FROM_MEAN, blanks=BLANKS, seed=0)
    assert set(alone) == {"randomized_rank_correlation"}
    one = compare_runs(runs, arrays[:1], CLASS_1[:1], method=FROM_MEAN, blanks=BLANKS, seed=0)
    assert set(one) == {
        "randomized_rank_correlation",
        "runs_rank_correlation",
    }  # no other item to compare with


def test_maps_of_batches_are_those_of_all_at_once(monkeypatch):
    clips = some_clips(n=7, shape=(16, 12))
    model = a_model("cnn", clips, width=4, dense=8).eval()
    arrays, blanks = clips.take(np.arange(7)), blanks_of(clips)
    methods = [Method("hirescam", "features"), FROM_MEAN]
    whole = explain_all(model, arrays, clips.labels, methods=methods, blanks=blanks)
    monkeypatch.setattr("earshot.explanation.explain_all.arrays_at_once", lambda model, shape: 3)
    for own, again in zip(
        whole, explain_all(model, arrays, clips.labels, methods=methods, blanks=blanks), strict=True
    ):
        np.testing.assert_allclose(own, again, atol=1e-5)


@pytest.mark.parametrize("settings", [{"method": "gradcam"}, {"method": "hirescam"}])
def test_a_method_asked_for_by_name_is_taken(settings):
    clips = some_clips(n=7, shape=(16, 12))
    model = a_model("cnn", clips, width=4, dense=8).eval()
    method, table = choose_method(
        model,
        clips.take(np.arange(7)),
        clips.labels,
        settings=GradCam(**settings, steps=2),
        blanks=blanks_of(clips),
        seed=0,
    )
    assert (method.name, method.layer) == (settings["method"], "features")
    assert list(table["chosen"]) == [1]
