"""A model on disk: the same bytes for the same model, and no pickle."""

import json

import numpy as np
import pytest
import torch

from earshot.core.errors import EarshotError
from earshot.models import saved
from tests.training.arrays import a_model, some_clips

DESCRIPTION = {
    "architecture": "cnn",
    "settings": {"dense": 8},
    "classes": ["a", "b", "c"],
    "input_shape": [16, 12],
    "normalize": "band",
    "features": {"kind": "log_mel"},
}


@pytest.fixture
def model():
    return a_model("cnn", some_clips(), how="band", dense=8)


@pytest.mark.parametrize("how", ["train", "band", "item", "none"])
def test_a_loaded_model_takes_raw_features(how, tmp_path):
    clips = some_clips()
    model = a_model("cnn", clips, how=how, dense=8).eval()
    saved.save(tmp_path, model, DESCRIPTION | {"normalize": how})
    loaded, description = saved.load(tmp_path)
    x = torch.from_numpy(clips.take(np.arange(5)))
    assert not loaded.training
    assert torch.equal(loaded(x), model(x))
    assert description["features"] == {"kind": "log_mel"}


def test_the_same_model_gives_the_same_bytes(model, tmp_path):
    saved.save(tmp_path / "one", model, DESCRIPTION)
    saved.save(tmp_path / "two", model, dict(reversed(DESCRIPTION.items())))
    for name in ("model.safetensors", "model.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == ["model.json", "model.safetensors"]


@pytest.mark.parametrize(
    "damage", ["no weights", "no description", "cut", "other settings", "bad json", "no key"]
)
def test_what_cannot_be_loaded_is_an_error_with_the_folder(damage, model, tmp_path):
    saved.save(tmp_path, model, DESCRIPTION)
    weights, description = tmp_path / "model.safetensors", tmp_path / "model.json"
    if damage == "no weights":
        weights.unlink()
    elif damage == "no description":
        description.unlink()
    elif damage == "cut":
        weights.write_bytes(weights.read_bytes()[:-9])
    elif damage == "other settings":
        description.write_text(json.dumps(DESCRIPTION | {"settings": {"dense": 9}}))
    elif damage == "bad json":
        description.write_text("{")
    else:
        description.write_text(json.dumps({"classes": []}))
    with pytest.raises(EarshotError, match=str(tmp_path)):
        saved.load(tmp_path)


def test_a_description_without_a_needed_key_is_a_bug(model, tmp_path):
    with pytest.raises(TypeError, match="classes"):
        saved.save(tmp_path, model, {k: v for k, v in DESCRIPTION.items() if k != "classes"})


def test_loading_never_fetches_pretrained_weights(tmp_path):
    clips = some_clips(shape=(40, 40))
    model = a_model("squeezenet1_1", clips)
    changes = {"architecture": "squeezenet1_1", "input_shape": [40, 40], "normalize": "train"}
    saved.save(tmp_path, model, DESCRIPTION | changes | {"settings": {"weights": "imagenet"}})
    loaded, _ = saved.load(tmp_path)
    x = torch.from_numpy(clips.take(np.arange(2)))
    assert torch.equal(loaded(x), model.eval()(x))
