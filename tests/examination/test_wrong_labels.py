"""Wrong labels, where classes look alike: made-up scores of six classes, of which a classifier mixes up some."""

import numpy as np
import pandas as pd
import pytest

from earshot.examination.wrong_labels import wrong_labels

CLASSES = list("abcdef")
EACH = 200


def made_up(exchanged, *, seed):
    """The check and its suspects of 1,200 items, and the ids of those whose labels are exchanged."""
    rng = np.random.default_rng(seed)
    true = np.repeat(np.arange(6), EACH)
    sure = rng.uniform(size=len(true))  # of one class of the pair, from even odds on
    named = np.where(rng.uniform(size=len(true)) < 0.5 * (1 - sure), true ^ 1, true)
    scores = rng.normal(0, 0.1, (len(true), 6))
    scores[np.arange(len(true)), named] += 0.5 + 0.4 * sure
    scores[np.arange(len(true)), named ^ 1] += 0.5 - 0.4 * sure
    wrong = rng.choice(len(true), exchanged, replace=False)
    labels = true.copy()
    labels[wrong] = (true[wrong] + rng.integers(1, 6, exchanged)) % 6
    items = pd.DataFrame({"id": [str(n) for n in range(len(true))], "label": np.array(CLASSES)[labels]})
    return *wrong_labels(items, scores, CLASSES), set(map(str, wrong))


def test_exchanged_labels_are_found_among_classes_that_look_alike():
    check, suspects, wrong = made_up(36, seed=0)
    assert check.found == "yes"
    assert "is sure of 2 other classes" in check.text
    assert len(set(suspects["id"][:36]) & wrong) >= 0.7 * 36  # a fifth go to the class that looks alike


def test_classes_that_look_alike_are_no_wrong_labels():
    for seed in range(5):
        check, suspects, _ = made_up(0, seed=seed)
        assert check.found == "no"
        assert suspects.empty


def look_alikes(size, *, groups, each, seed):
    """The check of a clean set whose classes a classifier mixes up in groups of so many."""
    rng = np.random.default_rng(seed)
    true = np.repeat(np.arange(size * groups), each)
    scores = rng.normal(0, 0.1, (len(true), size * groups))
    for item, sure in enumerate(rng.uniform(size=len(true))):
        named = rng.permutation(true[item] // size * size + np.arange(size))
        if rng.uniform() > 0.9 * (1 - sure):
            named = np.r_[true[item], named[named != true[item]]]
        scores[item, named] += (1 - sure) / size
        scores[item, named[0]] += sure
    classes = [f"{n:02}" for n in range(size * groups)]
    items = pd.DataFrame({"id": [str(n) for n in range(len(true))], "label": np.array(classes)[true]})
    return wrong_labels(items, scores, classes)[0]


@pytest.mark.parametrize("has_groups", [True, False])
def test_where_items_share_groups_it_says_that_the_classifier_has_met_them(has_groups):
    true = np.repeat(np.arange(2), 50)
    items = pd.DataFrame({"id": [str(n) for n in range(100)], "label": np.array(CLASSES)[true]})
    check, _ = wrong_labels(items, np.eye(2)[true], CLASSES[:2], has_groups=has_groups)
    assert "right on 100 %" in check.text
    assert ("(others of their groups were in its training)" in check.text) == has_groups


def test_three_classes_that_look_alike_are_no_wrong_labels():
    for seed in range(3):
        assert look_alikes(3, groups=2, each=100, seed=seed).found == "no"
        assert look_alikes(4, groups=2, each=100, seed=seed).found == "no"


def test_a_classifier_that_contradicts_too_much_is_not_asked_again():
    rng = np.random.default_rng(0)
    true = np.repeat(np.arange(6), 200)
    labels = np.where(rng.uniform(size=len(true)) < 0.3, (true + rng.integers(1, 6, len(true))) % 6, true)
    scores = np.eye(6)[true] + rng.normal(0, 0.1, (len(true), 6))
    items = pd.DataFrame({"id": [str(n) for n in range(len(true))], "label": np.array(CLASSES)[labels]})
    assert wrong_labels(items, scores, CLASSES)[0].found == "no"
