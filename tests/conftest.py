"""Made-up data sets and a place to run in."""

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from earshot.core import instructions
from tests import study
from tests.items import write_picture
from tests.proposal import make_proposal

instructions.limit()  # before anything is computed, as the stages do

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
    """The tiny study, reproduced by DVC and committed, for copies to work in.

    A minute of work: the tests that read it belong to the xdist group `pipeline`, which one worker runs.
    """
    folder = study.tiny_study(tmp_path_factory.mktemp("reproduced") / "study")
    study.run("dvc", "repro", cwd=folder)
    study.commit(folder, "Reproduce")
    return folder


@pytest.fixture(scope="session")
def proposal(tmp_path_factory):
    """A study in two versions, for copies to work in, by the tests of the xdist group `proposal`."""
    return make_proposal(tmp_path_factory.mktemp("proposal") / "origin")
