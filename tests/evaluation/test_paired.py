"""Which differences are significant, and how many items it takes to find those that are not."""

import numpy as np
import pandas as pd

from earshot.core.io import records
from earshot.evaluation.intervals import items_needed
from earshot.evaluation.paired import is_significant, items_to_find
from tests.evaluation.predictions import answers
from tests.evaluation.studies import N, right_at, study


def pairs_of(answered, groups=None):
    return records(study(answered, groups)[3])


def test_a_clear_difference_is_significant_and_takes_no_more_items():
    pairs = pairs_of({("sound", "cnn"): right_at(0.95), ("sound", "lstm"): right_at(0.7)})
    assert is_significant(pairs[0])
    assert items_to_find(pairs) == [None]


def test_a_difference_that_is_not_significant_says_the_items_it_takes():
    (pair,) = pairs_of({("sound", "cnn"): right_at(0.9, seed=1), ("sound", "lstm"): right_at(0.86, seed=2)})
    needed = items_needed(0.04, (pair["only_first"] + pair["only_second"]) / N)
    assert not is_significant(pair)
    assert needed > N
    assert items_to_find([pair]) == [needed]


def test_the_level_is_shared_by_the_pairs_that_are_open():
    answered = {("sound", name): right_at(0.9 - 0.02 * seed, seed=seed) for seed, name in enumerate("abc")}
    pairs = pairs_of(answered)
    (pair, *_) = pairs
    discordant = (pair["only_first"] + pair["only_second"]) / N
    assert items_to_find(pairs)[0] == items_needed(pair["difference"], discordant, alpha=0.05 / 3)


def test_equal_models_have_no_number_of_items():
    pairs = pairs_of({("sound", "cnn"): right_at(0.9), ("sound", "lstm"): right_at(0.9)})
    assert items_to_find(pairs) == [None]


def test_a_difference_that_hangs_on_one_group_is_not_significant():
    answered = {("sound", "cnn"): right_at(0.95), ("sound", "lstm"): right_at(0.8)}
    groups = pd.Series(np.arange(N) // 25, index=answers(answered["sound", "cnn"])["id"])
    assert is_significant(pairs_of(answered)[0])
    assert not is_significant(pairs_of(answered, groups)[0])
