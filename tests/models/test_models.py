"""Every model of the zoo: shapes, sizes, the loss it starts from, and the way to disk and back."""

import itertools
import math

import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestCentroid

from earshot.core.errors import EarshotError
from earshot.models import registry, saved
from earshot.models.build import build_model, parameter_count
from earshot.models.cnn import Residual
from earshot.models.normalization import Normalized, statistics
from earshot.models.outputs import probabilities
from earshot.training import fit
from earshot.training.batches import clips_of
from earshot.training.losses import clip_losses
from earshot.training.predict import predict
from tests.models.cards import a_card
from tests.training.arrays import a_model, a_trainer, some_clips

SIZES = [((97, 61), 2), ((64, 100), 5)]  # of the arrays, and classes
TORCHVISION = ["resnet18"]


@pytest.mark.parametrize(("shape", "n_classes"), SIZES, ids=str)
@pytest.mark.parametrize("name", [*registry.own_models(), *TORCHVISION])
def test_a_model_trains_saves_loads_and_predicts(name, shape, n_classes, tmp_path):
    clips = some_clips(n=12, shape=shape, n_classes=n_classes)
    small = {"image_size": 32} if name in TORCHVISION else {}
    model = a_model(name, clips, n_classes=n_classes, **small)
    classes = [f"class {number}" for number in range(n_classes)]
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    result = fit.fit(model, train=clips, val=clips, classes=classes, trainer=a_trainer(epochs=1), seed=0)
    assert result.epoch == 1
    assert any(not torch.equal(tensor, before[key]) for key, tensor in model.state_dict().items())

    written = a_card(name, settings=small, classes=classes, input_shape=clips.shape, normalize="train")
    saved.save(tmp_path, [model], written)
    loaded, card = saved.load(tmp_path)
    assert card == written
    model.to(memory_format=torch.contiguous_format)  # as a loaded one is; training may differ
    expected = predict(model, clips, threads=1)
    assert expected.shape == (12, n_classes)
    np.testing.assert_allclose(expected.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(predict(loaded, clips, threads=1), expected)


@pytest.mark.parametrize("n_classes", [2, 5])
@pytest.mark.parametrize("name", sorted({*registry.own_models(), *TORCHVISION} - {"prototype"}))
def test_the_loss_starts_near_log_k(name, n_classes):
    # chance for k classes costs log(k)
    clips = some_clips(n=64, shape=(32, 40), n_classes=n_classes)
    model = a_model(name, clips, n_classes=n_classes).eval()
    targets = torch.nn.functional.one_hot(torch.from_numpy(clips.labels), n_classes).float()
    loss = clip_losses(model(torch.from_numpy(clips.take(np.arange(64)))), targets).mean()
    # logits of a variance v add about v / 2; logistic regression on 1,280 values has v = 1/3
    assert float(loss.detach()) == pytest.approx(math.log(n_classes), abs=0.25)


def test_the_cnn_flattens_128_by_251_to_31744():
    model = build_model("cnn", input_shape=(128, 251), outputs=1)
    assert model.flat == 64 * 16 * 31 == 31_744


@pytest.mark.parametrize("shape", [(97, 61), (128, 251), (8, 8)])
@pytest.mark.parametrize("outputs", [1, 5])
def test_genre_cnn_has_the_parameters_of_the_formula(shape, outputs):
    convolutions = (25 * 1 + 1) * 4 + (25 * 4 + 1) * 8 + (25 * 8 + 1) * 16
    flat = 16 * (shape[0] // 8) * (shape[1] // 8)
    model = build_model("genre_cnn", input_shape=shape, outputs=outputs)
    assert parameter_count(model) == convolutions + (flat + 1) * 50 + (50 + 1) * outputs


def test_genre_cnn_penalizes_the_dense_weights_alone():
    model = build_model("genre_cnn", input_shape=(16, 16), outputs=3)
    expected = 0.01 * float((model.dense.weight.detach().numpy() ** 2).sum())
    assert float(model.penalty().detach()) == pytest.approx(expected, rel=1e-6)
    grads = torch.autograd.grad(model.penalty(), list(model.parameters()), allow_unused=True)
    moved = [
        name for (name, _), grad in zip(model.named_parameters(), grads, strict=True) if grad is not None
    ]
    assert moved == ["dense.weight"]


@pytest.mark.parametrize(("blocks", "own"), [("plain", 1), ("residual", 2)])
@pytest.mark.parametrize("depth", [1, 3, 5])
def test_the_cnn_has_the_parameters_of_the_formula(blocks, own, depth):
    model = build_model("cnn", input_shape=(64, 40), outputs=3, width=4, dense=8, blocks=blocks, depth=depth)
    channels = [1, *(4 * 2**number for number in range(depth))]
    expected = (channels[-1] * (64 // 2**depth) * (40 // 2**depth) + 1) * 8 + (8 + 1) * 3
    for before, after in itertools.pairwise(channels):
        expected += (9 * before + 1) * after + (own - 1) * ((9 * after + 1) * after + (before + 1) * after)
    assert parameter_count(model) == expected
    assert model(torch.zeros(2, 64, 40)).shape == (2, 3)


def test_a_residual_block_adds_its_convolutions_to_what_went_in():
    block = Residual(2, 2, batch_norm=True).eval()
    x = torch.randn(3, 2, 6, 5)
    torch.testing.assert_close(block(x), x + block.body(x))
    for weight in block.body.parameters():
        torch.nn.init.zeros_(weight)
    torch.testing.assert_close(block(x), x)


@pytest.mark.parametrize("settings", [{}, {"batch_norm": True}], ids=str)
def test_a_residual_cnn_learns(settings):
    clips = some_clips(n=64, shape=(16, 16))
    model = a_model("cnn", clips, blocks="residual", width=4, dense=16, dropout=0.0, **settings)
    trainer = a_trainer(epochs=15, lr=3e-3)
    result = fit.fit(model, train=clips, val=clips, classes=["a", "b", "c"], trainer=trainer, seed=0)
    assert result.history[-1]["val/accuracy"] > 0.9


def test_the_lstms_last_step_is_dropped_out_in_training_alone():
    model = build_model("lstm", input_shape=(6, 9), outputs=4, hidden=50, dropout=0.0, last_dropout=0.5)
    plain = build_model("lstm", input_shape=(6, 9), outputs=4, hidden=50, dropout=0.0)
    read = []
    model.classifier.register_forward_pre_hook(lambda module, given: read.append(given[0]))
    x = torch.randn(8, 6, 9)
    torch.testing.assert_close(model.eval()(x), plain.eval()(x))
    model.train()(x)
    whole, dropped = read
    zeros = dropped == 0
    assert 0.4 < zeros.float().mean() < 0.6
    torch.testing.assert_close(dropped[~zeros], 2 * whole[~zeros])


@pytest.mark.parametrize(("how", "low", "high"), [("min_max", 0, 1), ("none", -5, 45)])
def test_min_max_takes_each_clip_to_0_and_1(how, low, high):
    clips = torch.tensor([[[-5.0, 0.0], [20.0, 45.0]], [[7.0, 7.0], [7.0, 7.0]]])
    found = Normalized(torch.nn.Identity(), how=how)(clips)
    torch.testing.assert_close(found[0], (clips[0] + 5) / 50 * (high - low) + low)
    assert torch.equal(found[1], torch.zeros(2, 2) if how == "min_max" else clips[1])


@pytest.mark.parametrize(("steps", "features"), [("frames", 128), ("bands", 251)])
def test_the_axis_of_time_is_explicit(steps, features):
    model = build_model("lstm", input_shape=(128, 251), outputs=2, steps=steps)
    assert model.recurrent.input_size == features


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_recurrent_layer_is_read_at_its_last_step(cell):
    model = build_model("lstm", input_shape=(6, 9), outputs=4, cell=cell, hidden=5).eval()
    x = torch.randn(3, 6, 9)
    sequence, _ = model.recurrent(x.transpose(1, 2))  # (batch, frames, hidden)
    torch.testing.assert_close(model(x), model.classifier(sequence[:, -1]))


@pytest.mark.parametrize("name", [*registry.own_models(), *TORCHVISION, "squeezenet1_1", "efficientnet_b0"])
def test_cam_layer_names_a_layer_with_maps(name):
    with torch.device("meta"):
        model = build_model(name, input_shape=(64, 64), outputs=3).eval()
    if registry.takes_vectors(name):
        assert model.cam_layer is None
        return
    maps = []
    model.get_submodule(model.cam_layer).register_forward_hook(lambda module, given, made: maps.append(made))
    model(torch.zeros(2, 64, 64, device="meta"))
    assert maps[0].ndim == 4
    assert min(maps[0].shape[2:]) > 1


@pytest.mark.parametrize(
    "name",
    [
        *("resnet50", "efficientnet_b0"),
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in ("resnet152", "efficientnet_b5", "efficientnet_b7")
        ),
    ],
)
def test_the_large_backbones_have_torchvisions_size(name):
    from torchvision.models import get_model

    with torch.device("meta"):
        model = build_model(name, input_shape=(97, 61), outputs=5)
        whole = get_model(name)
    features, stem = model.head[1].in_features, next(iter(whole.parameters()))
    expected = parameter_count(whole) - 1000 * (features + 1) - stem.numel() * 2 // 3 + 5 * (features + 1)
    assert parameter_count(model) == expected
    assert model(torch.empty(2, 97, 61, device="meta")).shape == (2, 5)


def test_a_summed_stem_sees_grey_as_the_three_channels_did():
    from torchvision.models import get_model

    model = build_model("resnet18", input_shape=(40, 40), outputs=3, grayscale=True, seed=3).eval()
    plain = build_model("resnet18", input_shape=(40, 40), outputs=3, grayscale=False, seed=3).eval()
    assert get_model("resnet18").conv1.in_channels == plain.backbone.conv1.in_channels == 3
    with torch.no_grad():
        model.load_state_dict(
            {**plain.state_dict(), "backbone.conv1.weight": plain.backbone.conv1.weight.sum(1, keepdim=True)}
        )
        x = torch.randn(2, 40, 40)
        torch.testing.assert_close(model.body(x), plain.body(x), rtol=1e-4, atol=1e-5)


def test_image_size_resizes_the_whole_array():
    model = build_model("resnet18", input_shape=(20, 50), outputs=3, image_size=64).eval()
    seen = []
    model.backbone.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    x = torch.zeros(1, 20, 50)
    x[0, :, -5:] = 1  # the right-hand tenth
    model(x)
    assert seen[0].shape == (1, 1, 64, 64)
    assert float(seen[0].mean()) == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize(
    ("name", "shape", "least"),
    [
        ("cnn", (7, 100), "at least 8 bands x 8 frames"),
        ("crnn", (100, 3), "at least 8 bands x 4 frames"),
        ("alexnet", (40, 40), "at least 64 bands x 64 frames"),
    ],
)
def test_too_small_an_array_is_told_the_least_size(name, shape, least):
    with pytest.raises(EarshotError, match=least), torch.device("meta"):
        build_model(name, input_shape=shape, outputs=2)


@pytest.mark.parametrize("name", registry.vector_models())
def test_a_model_of_vectors_takes_one_frame(name):
    assert build_model(name, input_shape=(30, 1), outputs=3)(torch.zeros(2, 30, 1)).shape == (2, 3)


@pytest.mark.parametrize("name", sorted({*registry.own_models(), *TORCHVISION} - {*registry.vector_models()}))
def test_a_model_of_arrays_refuses_a_vector_and_names_those_that_fit(name):
    with pytest.raises(
        EarshotError, match=rf"model {name} .* 30 bands x 1 frame .* one of linear, lstm, mlp, prototype"
    ):
        build_model(name, input_shape=(30, 1), outputs=3)


@pytest.mark.parametrize("n_classes", [2, 5])
def test_the_prototype_names_the_nearest_mean(n_classes):
    clips, others = (some_clips(n=60, shape=(8, 1), n_classes=n_classes, seed=seed) for seed in (0, 1))
    reference = NearestCentroid().fit(clips.take(np.arange(60))[:, :, 0], clips.labels)
    expected = reference.predict(others.take(np.arange(60))[:, :, 0])
    model = a_model("prototype", clips, n_classes=n_classes)
    np.testing.assert_array_equal(predict(model, others, device="cpu").argmax(axis=1), expected)


def test_the_prototypes_means_stay_and_one_number_is_trained():
    clips = some_clips(n=40, shape=(8, 1))
    model = a_model("prototype", clips)
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    fit.fit(model, train=clips, val=clips, classes=["a", "b", "c"], trainer=a_trainer(lr=0.1), seed=0)
    after = model.state_dict()
    assert [key for key in after if not torch.equal(after[key], before[key])] == ["model.log_sharpness"]


def test_the_mlp_has_the_parameters_of_the_formula():
    model = build_model("mlp", input_shape=(6, 5), outputs=3, hidden=7, layers=2)
    assert parameter_count(model) == (30 + 1) * 7 + (7 + 1) * 7 + (7 + 1) * 3


def test_the_same_seed_gives_the_same_weights_and_leaves_torchs_generator_alone():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    one, two, other = (build_model("linear", input_shape=(4, 4), outputs=2, seed=s) for s in (1, 1, 2))
    assert torch.equal(one.classifier.weight, two.classifier.weight)
    assert not torch.equal(one.classifier.weight, other.classifier.weight)
    assert torch.equal(torch.rand(1), expected)


def test_probabilities_keep_small_ones():
    found = probabilities(torch.tensor([[-40.0], [0.0], [40.0]])).numpy()
    np.testing.assert_allclose(found[:, 1], [np.exp(-40.0), 0.5, 1], rtol=1e-6)
    np.testing.assert_allclose(found[:, 0], [1, 0.5, np.exp(-40.0)], rtol=1e-6)


@pytest.mark.parametrize("steps", ["frames", "bands"])
def test_an_lstm_reads_the_colours_of_a_step_beside_each_other(steps):
    x = torch.randn(4, 3, 8, 6)
    model = build_model("lstm", input_shape=(3, 8, 6), outputs=2, steps=steps).eval()
    beside = torch.cat(list(x.unbind(1)), dim=1 if steps == "frames" else 2)  # more bands, or more frames
    torch.testing.assert_close(model(x), model(beside))


@pytest.mark.parametrize("name", [*registry.colour_models(), *TORCHVISION])
def test_a_model_in_colour_trains_on_all_three(name):
    small = {"image_size": 32, "grayscale": False} if name in TORCHVISION else {}
    model = build_model(name, input_shape=(3, 16, 12), outputs=2, **small).eval()
    if name in TORCHVISION:  # whose head of zeros looks at nothing
        torch.nn.init.normal_(model.head[-1].weight)
    x = torch.randn(2, 3, 16, 12, requires_grad=True)
    (gradient,) = torch.autograd.grad(model(x).square().sum(), x)
    assert (gradient.abs().amax(dim=(0, 2, 3)) > 0).all()


def test_a_grey_backbone_sees_the_luminance_of_colours():
    model = build_model("squeezenet1_1", input_shape=(3, 32, 32), outputs=2).eval()
    x = torch.rand(2, 3, 32, 32)
    luminance = 0.299 * x[:, 0] + 0.587 * x[:, 1] + 0.114 * x[:, 2]
    torch.testing.assert_close(model.body(x), model.body(luminance))


def test_a_model_without_colour_names_those_that_have_it():
    with pytest.raises(EarshotError, match=r"model genre_cnn takes one value.*one of cnn, linear, lstm, mlp"):
        build_model("genre_cnn", input_shape=(3, 32, 32), outputs=2)


@pytest.mark.parametrize("how", ["item", "min_max"])
def test_the_colours_of_a_clip_are_normalized_together(how):
    x = torch.rand(2, 3, 8, 6)
    found = Normalized(torch.nn.Identity(), how=how).normalize(x)
    flat = Normalized(torch.nn.Identity(), how=how).normalize(x.flatten(1, 2))
    torch.testing.assert_close(found, flat.reshape(x.shape))


def test_the_colours_of_a_data_set_have_one_mean_and_deviation():
    arrays = np.random.default_rng(0).uniform(size=(300, 3, 4, 5)).astype(np.float32)
    mean, deviation = statistics(clips_of(arrays, np.zeros(300)))
    assert mean == pytest.approx(arrays.mean(dtype=float))
    assert deviation == pytest.approx(arrays.std(dtype=float))
