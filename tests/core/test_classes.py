"""The classes of a study and of its subsets, and those that stand for none of the others."""

import pytest

from earshot.core.classes import class_order, reject_classes, study_classes, subset_classes
from earshot.core.errors import EarshotError

BIRDS = ["owl", "_background_noise_", "jay", "crow"]


def of_subset(labels, subset, classes=None, reject=None):
    return subset_classes(labels, subset=subset, classes=classes, reject=reject)


def test_classes_count_as_people_do():
    assert class_order(["10", "9", "b", "a"]) == ["9", "10", "a", "b"]
    assert class_order(["x", "y"], classes=["y", "z", "x"]) == ["y", "x"]


def test_subsets_are_nested_and_follow_the_order_asked_for():
    assert of_subset("cab", 2) == ["a", "b"]
    assert of_subset("cab", 2, classes=["c", "a", "b"]) == ["c", "a"]
    assert of_subset("cab", 3, classes=["c", "a", "b"])[:2] == ["c", "a"]


def test_a_class_of_what_is_none_of_the_others_stands_behind_those_of_every_subset():
    assert of_subset(BIRDS, 2) == ["crow", "jay", "_background_noise_"]
    assert of_subset(BIRDS, 3) == ["crow", "jay", "owl", "_background_noise_"]
    assert of_subset(BIRDS, 2, reject=["owl"]) == ["_background_noise_", "crow", "owl"]
    assert of_subset(BIRDS, 2, classes=["owl", "jay"], reject=["crow"]) == ["owl", "jay", "crow"]


@pytest.mark.parametrize(
    ("labels", "classes", "reject"),
    [
        (["owl", "background"], None, None),  # a detector of owls
        (BIRDS, ["owl", "_background_noise_"], None),
        (BIRDS, ["owl", "jay"], None),
        (BIRDS, None, []),
    ],
)
def test_its_name_alone_says_nothing_where_too_few_are_left_or_the_settings_say_otherwise(
    labels, classes, reject
):
    assert reject_classes(labels, classes=classes, reject=reject) == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"subsets": [2, 4]}, "4 classes asked for, the data has 3 "),
        ({"classes": ["a", "q"]}, r"dataset.classes names \['q'\]"),
        ({"reject": ["q"]}, r"dataset.reject names \['q'\]"),
        ({"subsets": [3], "reject": ["b"]}, r"3 classes asked for, the data has 2 besides b \(a, c\)"),
    ],
)
def test_a_study_that_the_data_cannot_hold_is_refused(settings, message):
    with pytest.raises(EarshotError, match=message):
        study_classes("abc", **{"classes": None, "subsets": [2], "reject": None} | settings)
