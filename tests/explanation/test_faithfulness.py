"""Deletion, insertion and rank correlation where the answer is known."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from earshot.explanation.faithfulness import area, curves, doubts, places_in_order, rank_correlation

SHAPE = (3, 4, 5)  # items, bands, frames
BLANK = np.zeros((4, 5), np.float32)


def marked(count=4):
    """Ones at `count` places of each item, zeros elsewhere."""
    rng = np.random.default_rng(0)
    arrays = np.zeros((3, 20), np.float32)
    for item in arrays:
        item[rng.choice(20, count, replace=False)] = 1
    return arrays.reshape(SHAPE)


def share_left(arrays):
    """A model whose probability is the share of the four marked places that it still sees."""
    return arrays.sum(axis=(1, 2)) / 4


def drawn(**orders):
    return curves(share_left, marked(), orders, blank=BLANK, steps=20, seed=0)


def test_a_perfect_map_takes_the_class_away_first_and_brings_it_back_first():
    by_order = drawn(map=marked())
    shares = np.arange(21) / 20
    expected = np.maximum(0, 1 - shares * 20 / 4)
    np.testing.assert_allclose(
        by_order["map", "deletion"], np.repeat(expected[:, None], 3, axis=1), atol=1e-6
    )
    np.testing.assert_allclose(by_order["map", "insertion"], 1 - by_order["map", "deletion"], atol=1e-6)
    assert area(by_order["map", "deletion"]) == pytest.approx(4 / 20 / 2)


def test_the_wrong_map_is_the_perfect_one_turned_round():
    by_order = drawn(right=marked(), wrong=-marked())
    np.testing.assert_allclose(by_order["wrong", "deletion"], by_order["right", "insertion"][::-1], atol=1e-6)


def test_a_map_that_names_nothing_does_as_chance_does():
    several = [
        curves(share_left, marked(), {"flat": np.zeros(SHAPE)}, blank=BLANK, steps=20, seed=seed)
        for seed in range(200)
    ]
    mean = np.mean([area(by_order["flat", "deletion"]).mean() for by_order in several])
    assert mean == pytest.approx(0.5, abs=0.02)


def test_ranks_put_the_highest_first_and_break_ties_by_chance():
    importance = np.array([[[0.0, 3.0, 0.0, 1.0]]])
    ranks = places_in_order(importance, seed=1)
    assert ranks[0, 0, 1] == 0
    assert ranks[0, 0, 3] == 1
    firsts = {int(places_in_order(importance, seed=seed)[0, 0, 0]) for seed in range(20)}
    assert firsts == {2, 3}


def test_the_area_of_a_straight_line_is_a_half():
    assert area(np.linspace(1, 0, 11)[:, None]) == pytest.approx(0.5)


def test_rank_correlation_is_spearmans():
    rng = np.random.default_rng(1)
    first, second = np.maximum(rng.normal(size=(2, *SHAPE)), 0)  # with ties
    expected = [spearmanr(a.ravel(), b.ravel()).statistic for a, b in zip(first, second, strict=True)]
    np.testing.assert_allclose(rank_correlation(first, second), expected)


def test_a_map_that_is_the_same_all_over_ranks_nothing():
    assert rank_correlation(np.ones(SHAPE), marked()).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, []),
        ({"randomized_rank_correlation": 0.8}, ["0.80"]),
        ({"deletion_map": 0.7}, ["any places"]),
        ({"deletion_map": 0.5}, ["most energy"]),
        ({"empty_share": 0.5}, ["50%"]),
    ],
)
def test_doubts_are_said_when_there_are_any(changes, words):
    scores = {
        "deletion_map": 0.2,
        "deletion_random": 0.6,
        "deletion_energy": 0.4,
        "randomized_rank_correlation": 0.1,
        "empty_share": 0.0,
    }
    sentences = doubts(scores | changes)
    assert len(sentences) == len(words)
    assert all(word in sentence for word, sentence in zip(words, sentences, strict=True))
