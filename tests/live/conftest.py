"""A small study to ask on the page: two views of pictures in two subsets, and test items."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from earshot.config.inputs import PicturesInput
from earshot.config.sonify import Sonify
from earshot.models import saved
from earshot.models.build import build_model
from earshot.models.card import RunFacts
from earshot.models.normalization import Normalized
from earshot.models.outputs import outputs_of
from tests.models.cards import a_card
from tests.shared import made_once

SHAPE = (16, 20)
SETTINGS = Sonify(rows=16, columns=20, iterations=4)
CLASSES = ["a", "b", "<i>c</i>"]
MODELS = ["3/sound/linear", "3/picture/linear"]


def write_study(folder):
    """Models of two runs each and a temperature, which learned nothing, and two test items."""
    for view, classes in (("sound", CLASSES), ("picture", CLASSES), ("sound", CLASSES[:2])):
        runs = [
            Normalized(build_model("linear", input_shape=SHAPE, outputs=outputs_of(len(classes)), seed=seed))
            for seed in (1, 2)
        ]
        card = a_card(
            input_shape=SHAPE,
            model_input=PicturesInput(view=view, sonify=SETTINGS),
            classes=classes,
            runs=[RunFacts(epoch=1, epochs_trained=1)] * len(runs),
            temperature=0.5,
        )
        saved.save(folder / "models" / str(len(classes)) / view / "linear", runs, card)
    rng = np.random.default_rng(0)
    for name in ("one", "two"):
        Image.fromarray(rng.integers(0, 256, SHAPE, dtype=np.uint8)).save(folder / f"{name}.png")
    (folder / "data").mkdir()
    items = pd.DataFrame({"id": ["1", "2"], "path": ["one.png", "two.png"], "label": ["a", "b"]})
    items.to_csv(folder / "data/index.csv", index=False)
    items.assign(group="", split="test")[["id", "label", "group", "split"]].to_csv(
        folder / "data/split.csv", index=False
    )


@pytest.fixture(scope="session")
def live_study(tmp_path_factory):
    """The folder of the study."""

    def make(folder):
        folder.mkdir()
        write_study(folder)

    return made_once(tmp_path_factory, "live study", make)


@pytest.fixture
def in_study(live_study, monkeypatch):
    """The study's folder as the working directory."""
    monkeypatch.chdir(live_study)
    return live_study
