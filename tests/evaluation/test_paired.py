"""Which differences are significant, and how many items it takes to find those that are not."""

import numpy as np
import pandas as pd
import pytest

from earshot.core.io import records
from earshot.evaluation.paired import (
    above_chance,
    difference,
    is_significant,
    items_to_find,
    of_trained_models,
)
from earshot.evaluation.significance import items_needed, mcnemar
from tests.evaluation.digits_runs import ITEMS, rights
from tests.evaluation.predictions import answers
from tests.evaluation.studies import N, right_at, study

EACH = np.arange(ITEMS)


def pairs_of(answered, groups=None):
    return records(study(answered, groups)[3])


def test_a_clear_difference_is_significant_and_takes_no_more_items():
    pairs = pairs_of({("sound", "cnn"): right_at(0.95), ("sound", "lstm"): right_at(0.7)})
    assert is_significant(pairs[0])
    assert items_to_find(pairs) == [None]


def test_a_difference_that_is_not_significant_says_the_items_it_takes():
    (pair,) = pairs_of({("sound", "cnn"): right_at(0.9, seed=1), ("sound", "lstm"): right_at(0.86, seed=2)})
    expected = items_needed(0.04, item_variance=pair["items_error"] ** 2 * N, run_variance=0)
    assert not is_significant(pair)
    assert expected > N
    assert items_to_find([pair]) == [pytest.approx(expected, abs=1)]


def test_the_level_is_shared_by_the_pairs_that_are_open():
    answered = {("sound", name): right_at(0.9 - 0.02 * seed, seed=seed) for seed, name in enumerate("abc")}
    pairs = pairs_of(answered)
    alone, together = items_to_find(pairs[:1]), items_to_find(pairs)
    assert together[0] > alone[0]


def test_equal_models_have_no_number_of_items():
    pairs = pairs_of({("sound", "cnn"): right_at(0.9), ("sound", "lstm"): right_at(0.9)})
    assert items_to_find(pairs) == [None]


def test_where_runs_are_too_few_no_number_of_items_is_named():
    rng = np.random.default_rng(0)
    first, second = (rng.random((2, 400)) < np.array(shares)[:, None] for shares in ([0.9, 0.5], [0.8, 0.5]))
    pair = difference(first, second, np.arange(400)) | {"p_holm": 0.9}
    assert pair["runs_error"] > abs(pair["difference"]) / 3
    assert items_to_find([pair]) == [None]


def test_one_group_and_a_floor_name_no_number_of_items():
    right = np.arange(200) % 10 > 0
    alone = difference(right[None, :1], ~right[None, :1], np.array([0]))
    floor = above_chance(right[None], np.arange(200), no_skill=0.88)
    assert alone["p"] == 1
    assert items_to_find([alone | {"p_holm": 1.0}, floor | {"p_holm": 0.9}]) == [None, None]


def test_a_difference_that_hangs_on_one_group_is_not_significant():
    answered = {("sound", "cnn"): right_at(0.95), ("sound", "lstm"): right_at(0.8)}
    groups = pd.Series(np.arange(N) // 25, index=answers(answered["sound", "cnn"])["id"])
    assert is_significant(pairs_of(answered)[0])
    assert not is_significant(pairs_of(answered, groups)[0])


def test_single_runs_are_tested_by_mcnemar_where_that_is_stricter():
    first, second = rights("cnn", [2]), rights("lstm", [2])
    pair = difference(first, second, EACH)
    assert (pair["test"], pair["p"]) == ("McNemar", pytest.approx(mcnemar(first[0], second[0])[2]))
    assert of_trained_models(pair)


def test_several_runs_are_tested_by_the_interval():
    pair = difference(rights("cnn", range(1, 6)), rights("lstm", range(1, 6)), EACH)
    assert (pair["test"], pair["p"]) == ("interval", pytest.approx(0.0227, abs=6e-5))
    assert not of_trained_models(pair)


@pytest.mark.parametrize("first", range(1, 11))
@pytest.mark.parametrize("runs", [1, 2, 3])
def test_what_p_calls_significant_has_an_interval_that_leaves_out_0(first, runs):
    numbers = range(first, first + runs)
    pair = difference(rights("cnn", numbers), rights("lstm", numbers), EACH // 2)
    leaves_out = not pair["difference_low"] <= 0 <= pair["difference_high"]
    assert leaves_out if pair["p"] < 0.05 else (runs == 1 or not leaves_out)


def test_a_floor_at_chance_is_not_above_it_and_one_that_leaks_is():
    rng = np.random.default_rng(0)
    groups = np.arange(400)
    floor = above_chance(rng.random((5, 400)) < 0.25, groups, no_skill=0.25)
    leak = above_chance(rng.random((5, 400)) < 0.32, groups, no_skill=0.25)
    assert floor["p"] > 0.05 > leak["p"]
    assert leak["difference_low"] > 0
    assert (leak["first_runs"], leak["second_runs"]) == (5, 0)
