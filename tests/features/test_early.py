"""What would be refused after minutes is refused before anything runs."""

import numpy as np
import pytest

from earshot.config.load import load, with_setting
from earshot.core.errors import EarshotError
from earshot.features.early import refuse_early
from earshot.models.validate import validate
from tests.items import write_sound
from tests.repository import ROOT

SOUNDS = {
    "dataset.kind": "sounds",
    "dataset.path": "sounds",
    "dataset.samples": [],
    "views": ["sound"],
    "subsets": [2],
    "features.frames": 20,
}


def study(**changes):
    content = load(ROOT / "params.yaml")
    for key, value in (SOUNDS | changes).items():
        content = with_setting(content, key, value)
    return validate(content)


@pytest.fixture
def sounds(in_folder):
    for label in "ab":
        for number in range(8):
            write_sound(
                in_folder / f"sounds/{label}/{label}_{number // 4}_{number}.wav",
                np.random.default_rng(),
                1000 + 200 * number,
            )
    return in_folder / "sounds"


def test_a_study_that_fits_passes(sounds):
    refuse_early(study())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"subsets": [2, 3]}, "3 classes asked for, the data has 2"),
        ({"dataset.classes": ["a", "c"]}, r"names \['c'\], which the data does not have"),
        ({"dataset.group": "([a-z]+)_[0-9]+_"}, "The split's ratios cannot be met"),
        ({"dataset.group": "([A-Z]+)"}, "finds nothing in 16 of 16 paths"),
        ({"dataset.test": "nowhere"}, "takes 0 of 16 items"),
        ({"features.frames": None}, "features.frames and features.clip_s are null, and the sounds last"),
        ({"dataset.kind": "pictures", "features.frames": None}, "holds no file ending in .bmp"),
    ],
)
def test_what_does_not_fit_is_named(sounds, changes, message):
    with pytest.raises(EarshotError, match=message):
        refuse_early(study(**changes))


def test_a_bad_file_is_left_to_the_stage_that_names_all(sounds):
    (sounds / "a" / "a_9_9.wav").write_bytes(b"")
    refuse_early(study())


def test_a_class_that_only_corrections_name_is_there(sounds):
    rows = [f"a/{n},c" for n in range(5)]
    for number in range(5):
        write_sound(sounds / f"a/{number}.wav", np.random.default_rng(number))
    (sounds / "mine.csv").write_text("\n".join(["id,correct", *rows]))
    changes = {"dataset.classes": ["a", "b", "c"], "dataset.corrections": "mine.csv"}
    refuse_early(study(**changes))


def test_data_that_is_not_there_yet_is_no_fault(in_folder):
    refuse_early(study())
