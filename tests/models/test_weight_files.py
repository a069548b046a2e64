"""The files of pretrained weights count: another content of a file retrains the models that start from it."""

import hashlib

import pytest

from earshot.config.load import load, with_setting
from earshot.core.errors import EarshotError
from earshot.models.validate import validate
from earshot.models.weight_files import weight_hashes
from tests.repository import ROOT


@pytest.fixture
def study(in_folder):
    """`study(setting=value, ...)`: the committed study with changes, and two files of weights."""
    (in_folder / "weights").mkdir()
    for name in ("a", "b"):
        (in_folder / f"weights/{name}.pth").write_bytes(name.encode())

    def make(**changes):
        content = load(ROOT / "params.yaml")
        for key, value in changes.items():
            content = with_setting(content, key, value)
        return validate(content)

    return make


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def test_each_model_has_the_hashes_of_its_own_files(study):
    found = weight_hashes(
        study(
            **{
                "zoo.resnet18": {"weights": "weights/a.pth"},
                "zoo.resnet34": {"weights": "imagenet"},
                "zoo.resnet50": {"weights": "weights/../weights/b.pth"},
            }
        )
    )
    assert found == {
        "cnn": {},
        "lstm": {},
        "resnet18": {"weights/a.pth": sha256("a")},
        "resnet34": {},
        "resnet50": {"weights/../weights/b.pth": sha256("b")},
    }


def test_the_grid_of_cross_validation_counts_too(study):
    grid = {"weights": ["none", "weights/a.pth", "weights/b.pth"]}
    found = weight_hashes(study(**{"zoo.resnet18": {}, "cv.model": "resnet18", "cv.grid": grid}))
    assert found["resnet18"] == {"weights/a.pth": sha256("a"), "weights/b.pth": sha256("b")}


def test_all_files_that_cannot_be_used_are_named_together(study, in_folder):
    (in_folder / "elsewhere.pth").write_bytes(b"x")
    changes = {"zoo.resnet18": {"weights": "weights/c.pth"}, "zoo.resnet34": {"weights": "elsewhere.pth"}}
    with pytest.raises(EarshotError) as caught:
        weight_hashes(study(**changes))
    assert str(caught.value).splitlines()[1:] == [
        "  zoo.resnet18.weights: weights/c.pth: there is no such file",
        "  zoo.resnet34.weights: elsewhere.pth: it does not lie in weights/",
    ]


@pytest.mark.parametrize("kind", ["absolute", "from above"])
def test_a_file_is_named_from_the_folder_on(study, in_folder, kind):
    """A worker of a cluster that does not share the folder writes it under its name, below its own."""
    path = in_folder / "weights/a.pth"
    name = str(path) if kind == "absolute" else f"../{in_folder.name}/weights/a.pth"
    with pytest.raises(EarshotError, match="name it from the repository's folder on, weights/…"):
        weight_hashes(study(**{"zoo.resnet18": {"weights": name}}))
