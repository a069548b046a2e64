"""Maps against a reference library and against formulas."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from earshot.config.gradcam import GradCam
from earshot.core.errors import EarshotError
from earshot.explanation import methods as methods_module
from earshot.explanation.gradcam import evidence, last_layer, layer_before, map_layers, pools_globally, scaled
from earshot.explanation.methods import INTEGRATED, candidates
from earshot.explanation.networks import randomized, score
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


def from_0_to_1(maps):
    """Each map from 0 to 1, by its definition."""
    low, high = maps.min(axis=(1, 2), keepdims=True), maps.max(axis=(1, 2), keepdims=True)
    return (maps - low) / np.where(high > low, high - low, 1)


def the_map(model, x, targets, **how):
    return scaled(evidence(model, x, targets, **how)).numpy()


def methods_of(model, x, targets, *, wanted="auto", layer=None):
    blanks = {"mean": x.mean(dim=0), "lowest": torch.zeros(x.shape[1:])}
    return candidates(model, x, targets, settings=GradCam(method=wanted, layer=layer), blanks=blanks)


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
    layer = last_layer(model, shape)
    kind = {"gradcam": pytorch_grad_cam.GradCAM, "hirescam": pytorch_grad_cam.HiResCAM}[method]
    wanted = BinaryClassifierOutputTarget if outputs == 1 else ClassifierOutputTarget
    with kind(model=Pictures(model), target_layers=[model.model.get_submodule(layer)]) as reference:
        expected = reference(input_tensor=x[:, None], targets=[wanted(int(target)) for target in targets])
    assert expected.max() > 0.9
    np.testing.assert_allclose(the_map(model, x, targets, name=method, layer=layer), expected, atol=1e-5)


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
            ours = the_map(model, torch.from_numpy(x), torch.full((2,), target), name=method, layer="maps")
            np.testing.assert_allclose(ours, from_0_to_1(np.maximum(raw, 0)), atol=1e-5)


def test_one_logit_speaks_for_both_classes():
    logits = torch.tensor([[2.0], [2.0]])
    assert score(logits, torch.tensor([0, 1])).tolist() == [-2, 2]
    assert score(torch.tensor([[1.0, 5.0, 3.0]]), torch.tensor([2])).tolist() == [3]


def test_nothing_that_speaks_for_the_class_is_an_empty_map():
    model = Normalized(Wired(np.stack([np.ones((2, 3, 3)), -np.ones((2, 3, 3))]) * [[[[1]], [[0]]]]))
    x = torch.ones(2, 3, 3)
    assert not the_map(model, x, torch.tensor([1, 1]), name="gradcam", layer="maps").any()


def test_a_head_that_pools_over_all_places_has_one_gradient_there():
    x, targets = some_arrays(shape=(64, 64)), torch.tensor([0, 1, 2, 0])
    assert pools_globally(a_model("resnet18", shape=(64, 64)), x, targets, layer="backbone.layer4")
    assert not pools_globally(a_model("cnn", shape=(64, 64)), x, targets, layer="features")


def test_explaining_leaves_the_model_as_it_was():
    model = a_model("cnn")
    before = copy.deepcopy(model.state_dict())
    evidence(model, some_arrays(), torch.zeros(4).long(), name="gradcam", layer="features")
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not model.model.features._forward_hooks


def test_another_layer_can_be_asked_for():
    model = a_model("cnn")
    assert last_layer(model, (40, 48), layer="features.3") == "features.3"
    assert list(map_layers(model, (40, 48))) == [f"features.{number}" for number in range(9)] + ["features"]


def test_the_layer_before_is_the_last_of_another_size():
    model = a_model("cnn")
    assert layer_before(model, (40, 48), layer="features") == "features.7"  # before the last pooling
    assert layer_before(model, (40, 48), layer="features.0") is None


@pytest.mark.parametrize(
    ("name", "before"),
    [("resnet50", "backbone.layer4.0.bn1"), ("efficientnet_b0", "backbone.features.6.0.block.0")],
)
def test_the_layer_before_in_a_backbone_has_places_and_counts_by_its_last_run(name, before):
    with torch.device("meta"):
        network = build_model(name, input_shape=(64, 80), outputs=3)
        model = Normalized(network, mean=torch.zeros(1, 1, 1), std=torch.ones(1, 1, 1)).eval()
    assert layer_before(model, (64, 80), layer=last_layer(model, (64, 80))) == before


@pytest.mark.parametrize("layer", ["classifier", "classifier.0", "nothing"])
def test_a_layer_without_maps_lists_those_that_have_some(layer):
    with pytest.raises(EarshotError, match=rf"gradcam.layer: '{layer}'.*features.0, .*features.8, features"):
        last_layer(a_model("cnn"), (40, 48), layer=layer)


@pytest.mark.parametrize(
    ("name", "wanted", "first"),
    [
        ("cnn", "auto", [("hirescam", "features"), ("hirescam", "features.7")]),
        ("cnn", "gradcam", [("gradcam", "features")]),
        ("cnn", "hirescam", [("hirescam", "features")]),
        ("cnn", "integrated_gradients", []),
        ("resnet18", "auto", [("gradcam", "backbone.layer4"), ("hirescam", "backbone.layer3")]),
        ("lstm", "auto", []),
        ("lstm", "gradcam", []),
        ("linear", "hirescam", []),
    ],
)
def test_the_methods_that_suit_a_model(name, wanted, first, monkeypatch):
    monkeypatch.setattr(methods_module, "steps_for", lambda *clips, **options: (2, 0.01))
    shape = (64, 64) if name == "resnet18" else (16, 12)
    methods = methods_of(
        a_model(name, shape=shape), some_arrays(shape=shape), torch.tensor([0, 1, 2, 0]), wanted=wanted
    )
    assert [(method.name, method.layer) for method in methods if method.layer] == first
    assert sum(method.name == INTEGRATED for method in methods) == (0 if first and wanted != "auto" else 6)


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
