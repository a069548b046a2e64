"""Made-up data sets and a place to run in."""

import copy
import gc
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from ruamel.yaml import YAML

from earshot.config import load
from earshot.core import instructions
from tests import study
from tests.items import write_picture
from tests.proposal import make_proposal
from tests.shared import made_once

# before anything is computed, as the stages do
instructions.limit()
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# 50 random examples a test; `.ci/run` asks for the profile `full`.
settings.register_profile(
    "quick", max_examples=50, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.register_profile("full", settings.get_profile("quick"), max_examples=500)
settings.load_profile("quick")


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    """An empty folder as the working directory: the root of a study."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def picture_folders(in_folder):
    """Eight random 12×10 grey pictures in each of the class folders `pictures/a` and `pictures/b`."""
    rng = np.random.default_rng(0)
    for label in "ab":
        for number in range(8):
            write_picture(in_folder / "pictures" / label / f"{number}.png", rng, (12, 10))
    return in_folder / "pictures"


@pytest.fixture(scope="session")
def reproduced_study(tmp_path_factory):
    """The tiny study with all that its stages give, committed, for copies to work in."""
    return made_once(tmp_path_factory, "reproduced", study.reproduced_study)


@pytest.fixture(scope="session")
def proposal(tmp_path_factory):
    """A study in two versions, for copies to work in."""
    return made_once(tmp_path_factory, "proposal", make_proposal)


@pytest.fixture(scope="session", autouse=True)
def params_parsed_once():
    """A thousand tests begin with the same params.yaml, which takes a stage 40 ms to parse."""
    parsed = {}

    class Remembering(YAML):
        def load(self, source):
            if not isinstance(source, Path):  # the file, once it is open
                return super().load(source)
            content = source.read_bytes()
            if content not in parsed:
                parsed[content] = super().load(source)
            return copy.deepcopy(parsed[content])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load, "YAML", Remembering)
        yield


def pytest_collection_modifyitems(items):
    """Files with tests that run DVC come first: of several workers, none is left alone with them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("pipeline") is None)


def pytest_sessionstart():
    gc.disable()  # while hundreds of modules are imported


def pytest_collection_finish():
    """What was imported stays: full passes of the garbage collector would take half a second each to see that."""
    gc.freeze()
    gc.enable()


def pytest_sessionfinish():
    gc.unfreeze()  # so that libraries find nothing left over at the end
