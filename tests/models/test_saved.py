"""A model on disk: the same bytes for the same model, no pickle, and one clear error for what cannot be read."""

import json

import numpy as np
import pytest
import safetensors.torch
import torch
from torchvision.models import get_model

from earshot.config.unfit import MARK
from earshot.core.errors import EarshotError
from earshot.explanation.gradcam import evidence
from earshot.models import saved
from earshot.models.card import BACKBONE, CARD, RunFacts, card_bytes, read_card
from tests.models.cards import a_card
from tests.training.arrays import a_model, some_clips

OF_MODEL = {
    "architecture": "cnn",
    "settings": {"dense": 8},
    "classes": ["a", "b", "c"],
    "input_shape": (16, 12),
    "normalize": "train",
}


def sounds(**features):
    """The change of a card to sounds with these features."""
    return {"input": {"kind": "sounds", "view": "sound", "features": features}}


@pytest.fixture
def model():
    return a_model("cnn", some_clips(), dense=8)


@pytest.mark.parametrize("how", ["train", "item", "none"])
def test_a_loaded_model_takes_raw_features(how, tmp_path):
    clips = some_clips()
    model = a_model("cnn", clips, how=how, dense=8).eval()
    card = a_card(**OF_MODEL | {"normalize": how})
    saved.save(tmp_path, [model], card)
    loaded, read = saved.load(tmp_path)
    x = torch.from_numpy(clips.take(np.arange(5)))
    assert not loaded.training
    assert torch.equal(loaded(x), model(x))
    assert read == card


def test_the_same_model_gives_the_same_bytes(model, tmp_path):
    saved.save(tmp_path / "one", [model], a_card(**OF_MODEL))
    saved.save(tmp_path / "two", [model], a_card(**dict(reversed(OF_MODEL.items()))))
    for name in ("run_1.safetensors", "model.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == ["model.json", "run_1.safetensors"]


@pytest.mark.parametrize(
    "damage", ["no weights", "no card", "cut", "other settings", "bad json", "no key", "no text"]
)
def test_what_cannot_be_loaded_is_an_error_with_the_folder(damage, model, tmp_path):
    saved.save(tmp_path, [model], a_card(**OF_MODEL))
    weights, card = tmp_path / "run_1.safetensors", tmp_path / CARD
    if damage == "no weights":
        weights.unlink()
    elif damage == "no card":
        card.unlink()
    elif damage == "cut":
        weights.write_bytes(weights.read_bytes()[:-9])
    elif damage == "other settings":
        card.write_bytes(card_bytes(a_card(**OF_MODEL | {"settings": {"dense": 9}})))
    elif damage == "bad json":
        card.write_text("{")
    elif damage == "no key":
        card.write_text(json.dumps({"classes": []}))
    else:
        card.write_bytes(b"\xff\xfe[" * 1000)
    with pytest.raises(EarshotError, match=str(tmp_path)):
        saved.load(tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": None}, "has no format: an older version of Earshot wrote it"),
        ({"format": 1}, "has format 1, and this version of Earshot reads 2"),
        ({"format": "2"}, "has format '2', and this version of Earshot reads 2"),
        ({"runs": [{"epoch": "two", "epochs_trained": 2}]}, r"runs\.0\.epoch: .*integer, found 'two'"),
        ({"runs": []}, "runs: "),
        ({"classes": ["a", "a"]}, "classes: .* names something twice"),
        ({"classes": ["a", "problem"]}, "classes: 'problem' is the name of a column"),
        ({"input": {"kind": "sounds", "view": "sound"}}, r"input\.sounds\.features: missing"),
        (sounds(n_fft=2**40), r"features\.n_fft: input should be less than or equal to 1048576"),
        (sounds(frames=2**20, n_mels=128), "bands × frames = 128 × 1048576: expected at most 67108864"),
        (sounds(n_mels=2**12, n_fft=2**15), "n_mels × n_fft = 4096 × 32768: expected at most 67108864"),
        (sounds(clip_s=1e9), "clip_s=1e\\+09 is more than 268435456 samples"),
        (
            {"input": {"kind": "pictures", "view": "picture", "sonify": {"rows": 10**9}}},
            "less than or equal to 8192",
        ),
        ({"classes": {"a": 1}}, "classes: input should be a valid array"),
        ({"input": {"kind": "smells"}}, "input: input tag 'smells' found using 'kind'"),
        ({"input_shape": [16, 10**30]}, r"input_shape\.1: input should be less than"),
        ({"input_shape": [16, 0]}, r"input_shape\.1: input should be greater than"),
        (
            {"input_shape": [2, 16, 12]},
            r"input_shape: \(bands, frames\) or \(3, bands, frames\) is wanted, found",
        ),
        ({"input_shape": [16]}, r"input_shape: \(bands, frames\) or \(3"),
        (
            {"normalize": "band"},
            "normalize: input should be 'item', 'min_max', 'train' or 'none', found 'band'",
        ),
        ({"trainer": {"lr": 0}}, r"trainer\.lr: "),
        ({"colour": "red"}, "colour: unknown key"),
    ],
)
def test_another_or_an_edited_card_is_one_error_that_says_what_and_what_to_do(changes, message, tmp_path):
    content = json.loads(card_bytes(a_card(**OF_MODEL))) | changes
    content = {key: value for key, value in content.items() if value is not None}
    (tmp_path / CARD).write_text(json.dumps(content))
    with pytest.raises(EarshotError, match=message) as caught:
        read_card(tmp_path)
    assert f"{tmp_path / CARD}" in str(caught.value)
    assert "train it again" in str(caught.value)


def test_a_card_of_before_says_neither_what_rejects_nor_that_groups_were_named(tmp_path):
    content = json.loads(card_bytes(a_card(**OF_MODEL, reject=["b"], groups_named=True)))
    del content["reject"], content["groups_named"]
    (tmp_path / CARD).write_text(json.dumps(content))
    card = read_card(tmp_path)
    assert (card.reject, card.groups_named) == ([], False)


def test_a_missing_key_is_named(tmp_path):
    content = json.loads(card_bytes(a_card(**OF_MODEL)))
    del content["classes"]
    (tmp_path / CARD).write_text(json.dumps(content))
    with pytest.raises(EarshotError, match="classes: missing"):
        read_card(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"settings": {"dense": 10**9}},
        {"settings": {"width": 10**12}},
        {"settings": {"dense": -1}},
        {"settings": {"dense": "8"}},
        {"settings": {"drift": 8}},
        {"architecture": "transformer"},
        {"architecture": "../cnn"},
        {"architecture": "lstm", "settings": {"layers": 10**9}},
        {"input_shape": (2**20, 2**20)},
    ],
)
def test_sizes_that_no_memory_holds_and_models_that_are_not_there_are_errors(changes, model, tmp_path):
    saved.save(tmp_path, [model], a_card(**OF_MODEL | changes))
    with pytest.raises(EarshotError, match=str(tmp_path)):
        saved.load(tmp_path)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_an_error(model, tmp_path, value):
    with torch.no_grad():
        next(model.parameters())[0] = value
    saved.save(tmp_path, [model], a_card(**OF_MODEL))
    with pytest.raises(EarshotError, match="holds NaN or infinite values"):
        saved.load(tmp_path)


def test_a_card_keeps_what_it_was_given(tmp_path):
    card = a_card(**OF_MODEL, from_cv={"lr": 0.1})
    (tmp_path / CARD).write_bytes(card_bytes(card))
    assert read_card(tmp_path) == card


def test_loading_never_fetches_pretrained_weights(tmp_path):
    clips = some_clips(shape=(40, 40))
    model = a_model("squeezenet1_1", clips)
    changes = {"architecture": "squeezenet1_1", "input_shape": (40, 40)}
    saved.save(tmp_path, [model], a_card(**OF_MODEL | changes | {"settings": {"weights": "imagenet"}}))
    loaded, _ = saved.load(tmp_path)
    x = torch.from_numpy(clips.take(np.arange(2)))
    assert torch.equal(loaded(x), model.eval()(x))


def test_a_model_that_does_not_fit_its_view_is_told(in_folder):
    (in_folder / MARK).touch()
    with pytest.raises(EarshotError, match="does not fit what the view shows"):
        read_card(in_folder)


NETWORK = "squeezenet1_1"
OF_NETWORK = OF_MODEL | {"architecture": NETWORK, "input_shape": (32, 32), "settings": {"freeze": "backbone"}}
TWO_RUNS = {"runs": [RunFacts(epoch=1, epochs_trained=1)] * 2}


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory):
    """A file of weights for the network."""
    path = tmp_path_factory.mktemp("weights") / "some.safetensors"
    safetensors.torch.save_file(get_model(NETWORK).state_dict(), path)
    return path


def frozen(pretrained, *, runs=1, **settings):
    """Runs of the network with a frozen backbone from the file, each with a head of its own."""
    settings = {"weights": str(pretrained), "freeze": "backbone"} | settings
    models = [a_model(NETWORK, some_clips(shape=(32, 32)), **settings).eval() for _ in range(runs)]
    for number, model in enumerate(models):
        torch.nn.init.normal_(model.model.head[1].weight, generator=torch.Generator().manual_seed(number))
    return models


def some_arrays():
    return torch.from_numpy(some_clips(n=2, shape=(32, 32)).take(np.arange(2)))


def maps_of(model):
    return evidence(model, some_arrays(), torch.tensor([0, 1]), name="gradcam", layer=model.model.cam_layer)


def test_a_frozen_backbone_is_written_once_and_the_answers_are_those_of_before(pretrained, tmp_path):
    models = frozen(pretrained, runs=2)
    saved.save(tmp_path, models, a_card(**OF_NETWORK | TWO_RUNS))
    sizes = {path.name: path.stat().st_size for path in tmp_path.glob("*.safetensors")}
    assert set(sizes) == {BACKBONE, "run_1.safetensors", "run_2.safetensors"}
    parameters = sum(tensor.numel() for tensor in models[0].model.backbone.state_dict().values())
    assert sizes[BACKBONE] == pytest.approx(4 * parameters, rel=0.01)
    assert sizes["run_1.safetensors"] < 4 * (3 * 513 + 2) + 1000
    loaded = [saved.load(tmp_path, run)[0] for run in (1, 2)]
    for answers in (loaded, saved.load_runs(tmp_path).models):
        for model, found in zip(models, answers, strict=True):
            assert torch.equal(found(some_arrays()), model(some_arrays()))
            assert torch.equal(maps_of(found), maps_of(model))


def test_runs_that_are_loaded_together_hold_their_backbone_once(pretrained, tmp_path):
    saved.save(tmp_path, frozen(pretrained, runs=2), a_card(**OF_NETWORK | TWO_RUNS))
    models = saved.load_runs(tmp_path).models
    places = [
        {tensor.data_ptr() for tensor in model.model.backbone.state_dict().values()} for model in models
    ]
    assert places[0] == places[1]
    assert models[0].model.head[1].weight.data_ptr() != models[1].model.head[1].weight.data_ptr()
    assert not any(weight.requires_grad for weight in models[1].model.backbone.parameters())


def test_a_loaded_model_is_saved_as_it_was(pretrained, tmp_path):
    saved.save(tmp_path / "one", frozen(pretrained), a_card(**OF_NETWORK))
    model, card = saved.load(tmp_path / "one")
    saved.save(tmp_path / "two", [model], card)
    for path in (tmp_path / "one").iterdir():
        assert (tmp_path / "two" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("settings", [{"weights": "none"}, {"freeze": "none"}, {"grayscale": False}])
def test_a_backbone_that_differs_between_runs_is_written_with_each(settings, pretrained, tmp_path):
    """One of them for want of a tensor in the file, which leaves a random start."""
    if "grayscale" in settings:
        tensors = safetensors.torch.load_file(pretrained)
        tensors["features.0.weight"] = tensors["features.0.weight"][:, :1].contiguous()
        pretrained = tmp_path / "grey.safetensors"
        safetensors.torch.save_file(tensors, pretrained)
    (model,) = frozen(pretrained, **settings)
    saved.save(tmp_path / "model", [model], a_card(**OF_NETWORK))
    assert not (tmp_path / "model" / BACKBONE).exists()
    written = (tmp_path / "model/run_1.safetensors").read_bytes()
    assert written == safetensors.torch.save(model.state_dict())


def test_a_run_of_before_that_holds_its_backbone_is_loaded(pretrained, tmp_path):
    (model,) = frozen(pretrained)
    saved.write_card(tmp_path, a_card(**OF_NETWORK))
    safetensors.torch.save_file(model.state_dict(), tmp_path / "run_1.safetensors")
    assert torch.equal(saved.load(tmp_path)[0](some_arrays()), model(some_arrays()))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("missing", "is missing, the frozen backbone that run_1.safetensors needs beside it: train it again"),
        ("flipped", "is not the frozen backbone that run_1.safetensors was trained on: it is damaged"),
        ("another", "or belongs to another model. Its SHA-256 starts with"),
    ],
)
def test_a_backbone_that_is_not_the_runs_own_is_one_error_with_its_path(
    damage, message, pretrained, tmp_path
):
    (model,) = frozen(pretrained)
    saved.save(tmp_path, [model], a_card(**OF_NETWORK))
    path = tmp_path / BACKBONE
    content = bytearray(path.read_bytes())
    path.unlink()
    if damage == "flipped":
        content[-9] ^= 1
        path.write_bytes(content)
    elif damage == "another":
        with torch.no_grad():
            model.model.backbone.features[0].bias += 1
        path.write_bytes(saved.backbone_bytes(model))
    with pytest.raises(EarshotError) as caught:
        saved.load(tmp_path)
    assert str(caught.value).startswith(f"{path} is ")
    assert message in str(caught.value)
