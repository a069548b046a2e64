"""Colour is proposed where pictures have some and models take it, and the user's word counts more."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from ruamel.yaml import YAML

from earshot.config.presets import expand_preset
from earshot.core.errors import EarshotError
from earshot.intake.colour import colour_guesses
from earshot.intake.survey import survey_of


def guessed(preset="digits", *, kind="pictures", in_colour=True, are_pictures=True, answer=None):
    content = YAML(typ="safe", pure=True).load(expand_preset(preset))
    dataset = SimpleNamespace(kind=kind)
    content["dataset"]["kind"] = kind
    if kind != "pictures":
        content["views"] = ["sound", "shuffled"]
    survey = SimpleNamespace(dataset=dataset, in_colour=in_colour, are_pictures=are_pictures)
    return {guess.key: guess.value for guess in colour_guesses(survey, content, answer=answer)}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, {"views": ["sound", "picture", "colour", "shuffled"]}),
        ({"in_colour": False}, {}),
        ({"in_colour": False, "answer": True}, {"views": ["sound", "picture", "colour", "shuffled"]}),
        ({"answer": False}, {"views": ["sound", "picture", "shuffled"]}),
        ({"kind": "spectrograms"}, {"features.colour": True}),
        ({"kind": "spectrograms", "answer": False}, {"features.colour": False}),
        ({"kind": "sounds", "in_colour": False, "are_pictures": False}, {}),
        ({"preset": "sonified-pictures"}, {}),  # its networks see grey
    ],
)
def test_colour_is_proposed_where_it_is_there_and_taken(said, expected):
    assert guessed(**said) == expected


def test_colour_that_sounds_do_not_have_is_one_message():
    with pytest.raises(EarshotError, match="--colour is for pictures and drawn spectrograms, found sounds"):
        guessed(kind="sounds", in_colour=False, are_pictures=False, answer=True)


@pytest.mark.parametrize("colour", [False, True])
def test_grey_pictures_that_are_stored_as_rgb_have_no_colour(tmp_path, colour):
    rng = np.random.default_rng(0)
    for number in range(6):
        planes = rng.integers(0, 256, (20, 20, 3 if colour else 1), dtype=np.uint8)
        path = tmp_path / f"set/{'ab'[number % 2]}/{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.broadcast_to(planes, (20, 20, 3)).copy()).save(path, quality=50)
    assert survey_of(tmp_path / "set").in_colour == colour
