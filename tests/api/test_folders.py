"""A folder that holds no model is answered with those that are there."""

from pathlib import Path

import pytest

from earshot.api.folders import check_model_folder
from earshot.core.errors import EarshotError
from earshot.core.io import write_bytes


def test_those_that_are_there_are_listed(in_folder):
    for name in ("10/sound/cnn", "2/sound/cnn"):
        write_bytes(Path("models", name, "model.json"), b"")
    check_model_folder("models/2/sound/cnn")
    with pytest.raises(EarshotError) as refused:
        check_model_folder("models/4/sound/cnn")
    assert str(refused.value).splitlines() == [
        "models/4/sound/cnn is no trained model. Those that are there:",
        "  models/2/sound/cnn",
        "  models/10/sound/cnn",
    ]


def test_without_any_it_says_what_makes_them(in_folder):
    with pytest.raises(EarshotError, match="models holds none: `make repro` trains them"):
        check_model_folder("models/4/sound/cnn")


def test_the_folder_of_all_models_is_named_once(in_folder):
    with pytest.raises(EarshotError, match=r"^models is no trained model: `make repro` trains them"):
        check_model_folder("models")


def test_one_that_the_lock_knows_is_fetched(in_folder):
    write_bytes("dvc.lock", b"    outs:\n    - path: models/4/sound/cnn\n      md5: 1\n")
    with pytest.raises(EarshotError, match="`dvc pull models/4/sound/cnn` fetches it"):
        check_model_folder("models/4/sound/cnn")
