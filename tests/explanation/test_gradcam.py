"""Maps against a reference library and against formulas."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from earshot.core.errors import EarshotError
from earshot.explanation.gradcam import NO_MAPS, choose_method, explain, map_layers, randomized, score
from earshot.models.build import build_model
from earshot.models.normalization import Normalized


def a_model(name, *, shape=(40, 48), outputs=3, **settings):
    """A model of the zoo with fresh weights behind a normalization, in eval mode."""
    network = build_model(name, input_shape=shape, outputs=outputs, seed=3, **settings)
    if name == "resnet18":  # its head starts at zero, and no map comes through zeros
        nn.init.normal_(network.head[1].weight, generator=torch.Generator().manual_seed(0))
    return Normalized(network, mean=torch.full((1, 1, 1), 0.2), std=torch.full((1, 1, 1), 0.5)).eval()


def some_arrays(*, items=4, shape=(40, 48)):
    return torch.rand((items, *shape), generator=torch.Generator().manual_seed(1))


class Wired(nn.Module):
    """Maps x and -x; logits that are sums over the maps with known weights, a place and a class each."""

    cam_layer = "maps"

    def __init__(self, weights):
        super().__init__()
        self.weights = nn.Parameter(
            torch.as_tensor(weights, dtype=torch.float32)
        )  # (classes, 2, rows, columns)
        self.maps = nn.Identity()

    def forward(self, x):
        maps = self.maps(torch.stack([x, -x], dim=1))  # (batch, 2, rows, columns)
        return torch.einsum("bmrc,kmrc->bk", maps, self.weights)


def scaled(maps):
    """Each map from 0 to 1, by its definition."""
    low, high = maps.min(axis=(1, 2), keepdims=True), maps.max(axis=(1, 2), keepdims=True)
    return (maps - low) / np.where(high > low, high - low, 1)


@pytest.mark.parametrize("method", ["gradcam", "hirescam"])
@pytest.mark.parametrize(
    ("name", "shape", "outputs"), [("cnn", (40, 48), 3), ("cnn", (40, 48), 1), ("resnet18", (64, 80), 3)]
)
def test_equal_to_pytorch_grad_cam(name, shape, outputs, method):
    import pytorch_grad_cam
    from pytorch_grad_cam.utils.model_targets import BinaryClassifierOutputTarget, ClassifierOutputTarget

    class Pictures(nn.Module):
        """What the reference wants: arrays with a channel."""

        def __init__(self, model):
            super().__init__()
            self.model = model

        def forward(self, x):
            return self.model(x[:, 0])

    model, x = a_model(name, shape=shape, outputs=outputs), some_arrays(shape=shape)
    targets = torch.tensor([0, 1, 1, 0]) if outputs == 1 else torch.tensor([0, 1, 2, 2])
    how, layer = choose_method(model, shape, method=method)
    kind = {"gradcam": pytorch_grad_cam.GradCAM, "hirescam": pytorch_grad_cam.HiResCAM}[method]
    wanted = BinaryClassifierOutputTarget if outputs == 1 else ClassifierOutputTarget
    with kind(model=Pictures(model), target_layers=[model.model.get_submodule(layer)]) as reference:
        expected = reference(input_tensor=x[:, None], targets=[wanted(int(target)) for target in targets])
    maps = explain(model, x, targets, method=how, layer=layer)
    assert expected.max() > 0.9
    np.testing.assert_allclose(maps.numpy(), expected, atol=1e-5)


def test_maps_of_known_weights():
    """Grad-CAM weighs a map by the mean of its weights, HiResCAM each place by its own."""
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(3, 2, 5, 6))
    model = Normalized(Wired(weights))
    x = rng.normal(size=(2, 5, 6)).astype(np.float32)
    for target in range(3):
        ours = weights[target]
        mean = ours.mean(axis=(1, 2), keepdims=True)
        expected = {
            "gradcam": mean[0] * x - mean[1] * x,
            "hirescam": ours[0] * x - ours[1] * x,
        }
        for method, raw in expected.items():
            maps = explain(
                model, torch.from_numpy(x), torch.full((2,), target), method=method, layer="maps"
            ).numpy()
            np.testing.assert_allclose(maps, scaled(np.maximum(raw, 0)), atol=1e-5)


def test_gradient_times_input_of_a_linear_model_is_weight_times_input():
    model = a_model("linear", shape=(4, 5), outputs=3)
    x = some_arrays(items=3, shape=(4, 5))
    maps = explain(model, x, torch.tensor([0, 1, 2]), method=NO_MAPS, layer=None).numpy()
    weights = model.model.classifier.weight.detach().numpy().reshape(3, 4, 5)
    expected = scaled(np.maximum(weights * ((x.numpy() - 0.2) / 0.5), 0))
    np.testing.assert_allclose(maps, expected, atol=1e-5)


def test_one_logit_speaks_for_both_classes():
    logits = torch.tensor([[2.0], [2.0]])
    assert score(logits, torch.tensor([0, 1])).tolist() == [-2, 2]
    assert score(torch.tensor([[1.0, 5.0, 3.0]]), torch.tensor([2])).tolist() == [3]


def test_nothing_that_speaks_for_the_class_is_an_empty_map():
    model = Normalized(Wired(np.stack([np.ones((2, 3, 3)), -np.ones((2, 3, 3))]) * [[[[1]], [[0]]]]))
    x = torch.ones(2, 3, 3)
    assert not explain(model, x, torch.tensor([1, 1]), method="gradcam", layer="maps").any()


@pytest.mark.parametrize("name", ["lstm", "crnn", "linear", "small_cnn", "time_freq_cnn", "genre_cnn"])
def test_every_model_of_the_zoo_is_explained(name):
    model, x = a_model(name), some_arrays()
    method, layer = choose_method(model, (40, 48), method="gradcam")
    maps = explain(model, x, torch.tensor([0, 1, 2, 0]), method=method, layer=layer)
    assert (method == NO_MAPS) == (name in ("lstm", "linear"))
    assert maps.shape == x.shape
    assert torch.isfinite(maps).all()
    assert maps.min() >= 0
    assert maps.max() <= 1


def test_a_frozen_backbone_is_explained():
    model = a_model("resnet18", shape=(64, 64), freeze="backbone")
    method, layer = choose_method(model, (64, 64), method="gradcam")
    assert explain(
        model, some_arrays(shape=(64, 64)), torch.zeros(4).long(), method=method, layer=layer
    ).any()


def test_explaining_leaves_the_model_as_it_was():
    model = a_model("cnn")
    before = copy.deepcopy(model.state_dict())
    explain(model, some_arrays(), torch.zeros(4).long(), method="gradcam", layer="features")
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not model.model.features._forward_hooks


def test_another_layer_can_be_asked_for():
    model = a_model("cnn")
    assert choose_method(model, (40, 48), method="hirescam", layer="features.3") == ("hirescam", "features.3")
    assert map_layers(model, (40, 48)) == [f"features.{number}" for number in range(9)] + ["features"]


@pytest.mark.parametrize("layer", ["classifier", "classifier.0", "nothing"])
def test_a_layer_without_maps_lists_those_that_have_some(layer):
    with pytest.raises(EarshotError, match=rf"gradcam.layer: '{layer}'.*features.0, .*features.8, features"):
        choose_method(a_model("cnn"), (40, 48), method="gradcam", layer=layer)


@pytest.mark.parametrize("layer", [None, "features"])
@pytest.mark.parametrize("name", ["lstm", "linear"])
def test_a_model_without_maps_gets_gradient_times_input(name, layer):
    assert choose_method(a_model(name), (40, 48), method="gradcam", layer=layer) == (NO_MAPS, None)


def test_randomized_keeps_each_tensors_values_and_nothing_of_their_order():
    model = a_model("cnn")
    first, again, other = (randomized(copy.deepcopy(model), seed=seed) for seed in (1, 1, 2))
    for name, weights in model.named_parameters():
        exchanged = first.get_parameter(name)
        assert torch.equal(exchanged.flatten().sort().values, weights.flatten().sort().values)
        assert torch.equal(exchanged, again.get_parameter(name))
    weights = "model.features.6.weight"
    assert not torch.equal(first.get_parameter(weights), model.get_parameter(weights))
    assert not torch.equal(first.get_parameter(weights), other.get_parameter(weights))
