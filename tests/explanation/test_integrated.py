"""Integrated gradients against formulas, and against a loop over clips and steps."""

import numpy as np
import pytest
import torch

from earshot.config.gradcam import GradCam
from earshot.explanation import integrated, passes
from earshot.explanation import methods as module
from earshot.explanation.faithfulness import INCOMPLETE
from earshot.explanation.integrated import (
    combined,
    incompleteness,
    integrated_gradients,
    smoothed,
    steps_for,
)
from earshot.explanation.methods import Method, candidates, explain
from earshot.explanation.networks import score
from tests.explanation.test_gradcam import a_model, some_arrays

SHAPE = (16, 12)
TARGETS = torch.tensor([0, 1, 2, 2])


def blanks():
    return {"mean": torch.full(SHAPE, 0.4), "lowest": torch.zeros(SHAPE)}


@pytest.mark.parametrize("steps", [1, 7])
def test_of_a_linear_model_it_is_weight_times_difference(steps):
    model, x = a_model("linear", shape=SHAPE), some_arrays(shape=SHAPE)
    ours = integrated_gradients(model, x, TARGETS, baseline=blanks()["mean"], steps=steps).numpy()
    weights = model.model.classifier.weight.detach().numpy().reshape(3, *SHAPE)[TARGETS.numpy()]
    np.testing.assert_allclose(ours, weights / 0.5 * (x.numpy() - 0.4), atol=1e-6)


@pytest.mark.parametrize(("name", "outputs"), [("cnn", 3), ("lstm", 3), ("lstm", 1)])
def test_equal_to_the_definition(name, outputs):
    """The mean of the gradients at the middles of equal parts of the way, one clip and one point at a time."""
    model, x = a_model(name, shape=SHAPE, outputs=outputs), some_arrays(shape=SHAPE)
    targets, baseline, steps = TARGETS.clamp(max=1), blanks()["mean"], 70  # more than go through at once
    expected = []
    for clip, target in zip(x, targets, strict=True):
        total = torch.zeros(SHAPE)
        for step in range(steps):
            point = (baseline + (step + 0.5) / steps * (clip - baseline)).requires_grad_()
            score(model(point[None]), target[None]).sum().backward()
            total += point.grad
        expected.append((clip - baseline) * total / steps)
    ours = integrated_gradients(model, x, targets, baseline=baseline, steps=steps)
    np.testing.assert_allclose(ours.numpy(), torch.stack(expected).numpy(), rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("name", ["cnn", "lstm", "crnn"])
def test_the_steps_are_enough_for_completeness(name):
    model, x = a_model(name, shape=SHAPE), some_arrays(shape=SHAPE)
    baseline = blanks()["lowest"]
    steps, missed = steps_for(model, x, TARGETS, baseline=baseline)
    evidence = integrated_gradients(model, x, TARGETS, baseline=baseline, steps=steps)
    with torch.no_grad():
        wanted = score(model(x), TARGETS) - score(model(baseline.expand_as(x)), TARGETS)
    error = (evidence.sum(dim=(1, 2)) - wanted).abs().sum() / wanted.abs().sum()
    assert missed == pytest.approx(float(error), abs=1e-6)
    assert missed <= INCOMPLETE


def test_fewer_steps_than_asked_for_miss_more():
    model, x = a_model("cnn", shape=SHAPE), some_arrays(shape=SHAPE)
    evidence = integrated_gradients(model, x, TARGETS, baseline=blanks()["mean"], steps=4)
    assert incompleteness(model, x, TARGETS, 0.5 * evidence, baseline=blanks()["mean"]) == pytest.approx(
        0.5, abs=0.05
    )


def test_clips_that_are_all_the_baseline_miss_nothing():
    model, baseline = a_model("linear", shape=SHAPE), blanks()["mean"]
    clips = baseline.repeat(4, 1, 1)
    assert steps_for(model, clips, TARGETS, baseline=baseline) == (integrated.FEWEST, 0.0)


def test_no_more_steps_are_taken_than_the_most(monkeypatch):
    monkeypatch.setattr(integrated, "integrated_gradients", lambda *clips, **options: None)
    monkeypatch.setattr(integrated, "incompleteness", lambda *clips, **options: 1.0)
    assert steps_for(None, None, TARGETS, baseline=None) == (integrated.MOST, 1.0)


def test_a_batch_of_the_clips_chooses_the_steps(monkeypatch):
    seen = []
    monkeypatch.setattr(
        module,
        "steps_for",
        lambda model, x, targets, **options: seen.append((len(x), len(targets))) or (2, 0),
    )
    x = some_arrays(items=passes.AT_ONCE + 1, shape=SHAPE)
    targets = torch.zeros(len(x)).long()
    candidates(a_model("linear", shape=SHAPE), x, targets, settings=GradCam(), blanks=blanks())
    assert seen == [(passes.AT_ONCE, passes.AT_ONCE)] * 2


def test_few_at_once_give_what_all_together_give():
    model, x = a_model("cnn", shape=SHAPE), some_arrays(items=5, shape=SHAPE)
    targets = torch.tensor([0, 1, 0, 1, 1])
    largest = 0

    def watched(module, inputs):
        nonlocal largest
        largest = max(largest, len(inputs[0]))

    model.register_forward_pre_hook(watched)
    common = {"baseline": blanks()["mean"], "steps": 7}
    few = integrated_gradients(model, x, targets, **common, at_once=2)
    assert largest == 2
    torch.testing.assert_close(few, integrated_gradients(model, x, targets, **common), rtol=1e-4, atol=1e-6)
    missed = incompleteness(model, x, targets, few, baseline=common["baseline"], at_once=2)
    assert missed == pytest.approx(
        incompleteness(model, x, targets, few, baseline=common["baseline"]), rel=1e-3
    )


def test_each_baseline_counts_by_its_share_whatever_its_scale():
    first, second = torch.tensor([[[3.0, -1.0, 1.0]]]), torch.tensor([[[0.0, 20.0, 20.0]]])
    both = combined({"mean": first, "lowest": second}, {"mean": 2 / 3, "lowest": 1 / 3})
    np.testing.assert_allclose(both.numpy(), [[[0.5, 1 / 6, 1 / 3]]], rtol=1e-6)
    assert not combined({"mean": -torch.ones(1, 2, 2)}, {"mean": 1}).any()


def test_smoothing_takes_the_mean_of_what_lies_around():
    spike = torch.zeros(1, 4, 4)
    spike[0, 0, 0] = 1
    expected = np.zeros((4, 4))
    expected[0, 0], expected[0, 1], expected[1, 0], expected[1, 1] = 1 / 4, 1 / 6, 1 / 6, 1 / 9
    np.testing.assert_allclose(smoothed(spike)[0].numpy(), expected, rtol=1e-6)


@pytest.mark.parametrize("name", ["lstm", "crnn", "linear", "small_cnn", "time_freq_cnn", "genre_cnn"])
def test_every_model_of_the_zoo_is_explained_by_every_method_that_suits_it(name, monkeypatch):
    monkeypatch.setattr(module, "steps_for", lambda *clips, **options: (2, 0.01))
    model, x = a_model(name), some_arrays()
    there = {"mean": x.mean(dim=0), "lowest": torch.zeros(x.shape[1:])}
    methods = candidates(model, x, TARGETS, settings=GradCam(), blanks=there)
    for maps in explain(model, x, TARGETS, methods=methods, blanks=there):
        assert maps.shape == x.shape
        assert torch.isfinite(maps).all()
        assert maps.min() == 0
        assert maps.max() <= 1


def test_a_frozen_backbone_is_explained():
    model, x = a_model("resnet18", shape=(64, 64), freeze="backbone"), some_arrays(shape=(64, 64))
    methods = [
        Method("gradcam", "backbone.layer4"),
        Method("integrated_gradients", None, ("lowest",), False, {"lowest": 2}),
    ]
    for maps in explain(model, x, TARGETS, methods=methods, blanks={"lowest": torch.zeros(64, 64)}):
        assert maps.flatten(1).any(dim=1).all()


@pytest.mark.parametrize(
    ("method", "words"),
    [
        (Method("hirescam", "features"), "HiResCAM at features"),
        (Method("integrated_gradients", None, ("mean",)), "integrated gradients from mean"),
        (
            Method("integrated_gradients", None, ("mean", "mean", "lowest"), True),
            "integrated gradients from mean and lowest (2 : 1), smoothed",
        ),
    ],
)
def test_a_method_says_what_it_is(method, words):
    assert str(method) == words
