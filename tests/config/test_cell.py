"""The cell that a stage is for: named on the command line, or by DVC."""

import sys

import pytest

from earshot.config.cell import model_cell, view_cell
from earshot.core.errors import EarshotError


def _process(monkeypatch, *, arguments=(), stage=""):
    monkeypatch.setattr(sys, "argv", ["stage", *arguments])
    monkeypatch.setenv("DVC_STAGE", stage)


def test_dvc_names_the_cell(monkeypatch):
    _process(monkeypatch, stage="train@10-sound-small_cnn")
    assert model_cell() == (10, "sound", "small_cnn")
    _process(monkeypatch, stage="../dvc.yaml:featurize@picture")
    assert view_cell() == "picture"


def test_the_command_line_goes_before_dvc(monkeypatch):
    _process(monkeypatch, arguments=["4", "picture", "lstm"], stage="train@10-sound-cnn")
    assert model_cell() == (4, "picture", "lstm")


@pytest.mark.parametrize("stage", ["", "featurize", "featurize@sound; touch pwned", "featurize@sound-cnn"])
def test_what_names_no_view_is_refused(monkeypatch, stage):
    _process(monkeypatch, stage=stage)
    with pytest.raises(
        EarshotError, match="wanted is a view, one of sound, picture, colour, embedding, shuffled"
    ):
        view_cell()
