"""Prediction sets: they hold the label as often as they say, of new items and of items of new groups."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax

from earshot.evaluation.conformal import at_coverages, members, promise, words

CLASSES = ["ant", "bee", "cat", "dog"]


def validated(of_label, groups=None):
    """A table of validation items whose labels have these probabilities."""
    groups = range(len(of_label)) if groups is None else groups
    return pd.DataFrame({"of_label": of_label, "group": [str(group) for group in groups]})


def drawn(rng, *, groups, size, between):
    """Probabilities and labels of items of groups, in which a model is right more or less often: (n, 4), (n,)."""
    skill = np.repeat(rng.normal(1.5, between, groups), size)
    labels = rng.integers(0, 4, groups * size)
    logits = rng.normal(size=(groups * size, 4))
    logits[np.arange(len(labels)), labels] += skill
    return softmax(logits, axis=1), labels


@pytest.mark.parametrize(("groups", "size", "between"), [(60, 1, 0.0), (30, 8, 1.5)])
@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_sets_hold_the_label_as_often_as_asked_also_of_groups_not_met_before(groups, size, between, coverage):
    rng = np.random.default_rng(0)
    held = []
    for _ in range(300):
        calibration, labels = drawn(rng, groups=groups, size=size, between=between)
        of_label = calibration[np.arange(len(labels)), labels]
        found = promise(validated(of_label, np.arange(groups).repeat(size)), coverage=coverage)
        assert not found.known_groups
        fresh, labels = drawn(rng, groups=30, size=size, between=between)
        held.append(members(fresh, found.threshold)[np.arange(len(labels)), labels].mean())
    error = np.std(held) / math.sqrt(len(held))
    assert coverage - 3 * error < np.mean(held) < coverage + 1 / (groups + 1) + 0.01


def test_groups_that_differ_are_not_covered_where_each_item_counts():
    """What counting groups once is for: a large group that is easy would speak for all the others."""
    of_label = np.concatenate([np.full(900, 0.9), np.linspace(0.05, 0.5, 19)])
    groups = ["easy"] * 900 + list(range(19))
    assert promise(validated(of_label), coverage=0.9).threshold == 0.9
    assert promise(validated(of_label, groups), coverage=0.9).threshold < 0.1


@pytest.mark.parametrize(("groups", "known"), [(8, True), (9, False)])
def test_fewer_groups_than_the_coverage_takes_speak_of_known_groups_alone(groups, known):
    table = validated(np.linspace(0.1, 0.9, 90), np.arange(90) % groups)
    assert promise(table, coverage=0.9).known_groups is known
    sentence = words(table, coverage=0.9, groups_named=True)
    assert sentence.startswith("For known groups") is known
    assert "8 of the 9 groups" in sentence or not known


@pytest.mark.parametrize("groups", [range(90), [0, *range(89)]], ids=["files", "one of them twice"])
def test_where_no_groups_were_named_nothing_is_said_of_others(groups):
    sentence = words(validated(np.linspace(0.1, 0.9, 90), groups), coverage=0.9, groups_named=False)
    assert "of items drawn as the validation items are; no groups were named" in sentence


def test_too_few_items_put_every_class_into_every_set():
    table = validated([0.9, 0.8, 0.7])
    assert promise(table, coverage=0.9) == (0, False, False)
    assert members([[0.9, 0.1, 0.0]], 0).all()
    assert "too few" in words(table, coverage=0.9, groups_named=True)


def test_a_threshold_of_zero_is_of_enough_items():
    table = validated([0.0] * 20)
    assert promise(table, coverage=0.9) == (0, True, False)
    assert "too few" not in words(table, coverage=0.9, groups_named=True)


def test_what_reaches_a_threshold_as_that_is_rounded_is_in_the_set():
    assert members([[0.5 + 1e-12, 0.5 - 1e-12]], 0.5).all()


def test_the_most_probable_class_is_always_in_the_set():
    np.testing.assert_array_equal(members([[0.4, 0.35, 0.25]], 0.9), [[True, False, False]])


def test_what_sets_hold_of_test_items():
    validation = validated(np.linspace(0.5, 1, 101))
    answers = pd.DataFrame({"label": ["ant", "bee"], "predicted": ["ant", "ant"], "of_label": [0.7, 0.3]})
    probabilities = np.array([[0.7, 0.3], [0.7, 0.3]])
    table = at_coverages(validation, answers, probabilities).set_index("coverage")
    assert table.loc[0.9, "covered"] == 0.5
    assert table.loc[0.9, "classes"] == 1
    assert table.loc[0.9, "threshold"] == pytest.approx(0.545)
