"""Made-up studies, each run once, and copies of them to work in."""

import shutil

import pytest

from stages import report
from tests.report import made_up
from tests.shared import made_once

KINDS = (made_up.pictures, made_up.sounds, made_up.spectrograms)


@pytest.fixture(scope="session", params=KINDS, ids=lambda maker: maker.__name__)
def made(request, tmp_path_factory):
    """The folder of a made-up study with its report."""
    return _made(request.param, tmp_path_factory)


@pytest.fixture(scope="session")
def of_pictures(tmp_path_factory):
    """The folder of the made-up study of pictures, with its report."""
    return _made(made_up.pictures, tmp_path_factory)


@pytest.fixture(scope="session")
def of_sounds(tmp_path_factory):
    """The folder of the made-up study of sounds, whose models have one run, with its report."""
    return _made(made_up.sounds, tmp_path_factory)


@pytest.fixture
def study(of_pictures, tmp_path):
    """A copy of the study of pictures as the working directory."""
    folder = shutil.copytree(of_pictures, tmp_path / "study")
    with made_up.working_in(folder):
        yield folder


def _made(maker, tmp_path_factory):
    def make(folder):
        folder.mkdir()
        with made_up.working_in(folder):
            maker(folder)
            report.main()

    return made_once(tmp_path_factory, f"study of {maker.__name__}", make)
