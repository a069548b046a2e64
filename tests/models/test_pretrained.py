"""Pretrained weights: what loads, what is said of the rest, and what is refused. No network."""

import hashlib
import logging
import pickle
from urllib.error import URLError

import pytest
import safetensors.torch
import torch
from torchvision.models import get_model

from earshot.core.errors import EarshotError
from earshot.models import pretrained
from earshot.models.build import build_model

NAME = "squeezenet1_1"


@pytest.fixture(scope="module")
def some_weights():
    torch.manual_seed(0)
    return get_model(NAME).state_dict()


def build(**settings):
    return build_model(NAME, input_shape=(40, 40), outputs=3, **settings)


def write(path, state):
    if path.suffix == ".safetensors":
        safetensors.torch.save_file(state, path)
    else:
        torch.save(state, path)
    return str(path)


@pytest.mark.parametrize("ending", ["pth", "safetensors"])
def test_a_file_of_ones_own_is_loaded(ending, some_weights, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    model = build(weights=write(tmp_path / f"own.{ending}", some_weights), grayscale=False)
    assert torch.equal(model.backbone.features[0].weight, some_weights["features.0.weight"])
    assert torch.equal(model.backbone.features[12].expand3x3.bias, some_weights["features.12.expand3x3.bias"])
    assert "50 of 50 backbone tensors loaded" in caplog.text


@pytest.mark.parametrize(("stem", "divisor"), [("sum", 1), ("mean", 3)])
def test_the_rgb_stem_becomes_one_channel(stem, divisor, some_weights, tmp_path):
    model = build(weights=write(tmp_path / "own.pth", some_weights), stem=stem)
    expected = some_weights["features.0.weight"].sum(dim=1, keepdim=True) / divisor
    torch.testing.assert_close(model.backbone.features[0].weight.detach(), expected)


@pytest.mark.parametrize(
    "wrapper", [lambda s: {"state_dict": s}, lambda s: {f"module.{k}": v for k, v in s.items()}]
)
def test_common_wrappings_are_taken_off(wrapper, some_weights, tmp_path):
    path = tmp_path / "wrapped.pth"
    torch.save(wrapper(some_weights), path)
    model = build(weights=str(path), grayscale=False)
    assert torch.equal(model.backbone.features[0].weight, some_weights["features.0.weight"])


def test_what_does_not_match_is_said(some_weights, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    some = {key: value for key, value in some_weights.items() if not key.startswith("features.3.")}
    some["features.0.bias"] = torch.zeros(7)
    some["extra"] = torch.zeros(1)
    build(weights=write(tmp_path / "some.pth", some))
    assert (
        "left at their random start, for want of a fitting tensor: features.0.bias, features.3."
        in caplog.text
    )
    assert "not used, for want of a place of that name and shape: extra, features.0.bias" in caplog.text


def test_a_file_without_anything_of_the_backbone_is_refused(tmp_path):
    path = write(tmp_path / "other.pth", {"conv1.weight": torch.zeros(3)})
    with pytest.raises(EarshotError, match=r"nothing in .*other\.pth fits the backbone.*conv1\.weight"):
        build(weights=path)


class Code:
    def __reduce__(self):
        return (print, ("this ran",))


def test_a_pickle_with_code_is_refused_and_not_run(tmp_path, capsys):
    path = tmp_path / "code.pth"
    path.write_bytes(pickle.dumps(Code()))
    with pytest.raises(EarshotError, match=r"code\.pth cannot be read as weights alone"):
        build(weights=str(path))
    assert "this ran" not in capsys.readouterr().out


@pytest.mark.parametrize("ending", ["pth", "safetensors"])
def test_a_damaged_file_is_named(ending, some_weights, tmp_path):
    path = tmp_path / f"cut.{ending}"
    write(path, some_weights)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(EarshotError, match=rf"cut\.{ending}"):
        build(weights=str(path))


def test_a_missing_file_says_what_may_be_given():
    with pytest.raises(EarshotError, match=r"no file nowhere\.pth.*imagenet, or none"):
        build(weights="nowhere.pth")


def test_without_a_network_imagenet_says_which_file_goes_where(monkeypatch, tmp_path):
    def unreachable(*arguments, **options):
        raise URLError("no route to host")

    monkeypatch.setattr(torch.hub, "download_url_to_file", unreachable)
    with pytest.raises(EarshotError) as caught:
        pretrained.imagenet_file("resnet18", folder=tmp_path)
    for part in ("resnet18-f37072fd.pth", "https://", str(tmp_path), "weights: none"):
        assert part in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_file_that_lies_there_is_checked_by_the_hash_in_its_name(tmp_path):
    content = b"weights"
    digest = hashlib.sha256(content).hexdigest()
    good, bad = tmp_path / f"net-{digest[:8]}.pth", tmp_path / "net-00000000.pth"
    good.write_bytes(content)
    bad.write_bytes(content)
    assert pretrained.fetch(f"https://example.org/{good.name}", tmp_path) == good
    with pytest.raises(EarshotError, match="is damaged"):
        pretrained.fetch(f"https://example.org/{bad.name}", tmp_path)
