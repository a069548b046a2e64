"""Deletion, insertion and rank correlation where the answer is known."""

import re

import numpy as np
import pytest
from scipy.stats import spearmanr

from earshot.explanation.faithfulness import (
    area,
    curves,
    doubts,
    gains,
    misses,
    places_in_order,
    rank_correlation,
    shares_of,
)

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
    blanked = np.ceil((np.arange(21) / 20) ** 2 * 20)  # whole places
    expected = np.maximum(0, 1 - blanked / 4)
    np.testing.assert_allclose(
        by_order["map", "deletion"], np.repeat(expected[:, None], 3, axis=1), atol=1e-6
    )
    np.testing.assert_allclose(by_order["map", "insertion"], 1 - by_order["map", "deletion"], atol=1e-6)
    assert (area(by_order["map", "deletion"]) < 4 / 20).all()


def test_the_wrong_map_takes_away_last_what_the_right_one_takes_first():
    by_order = drawn(right=marked(), wrong=-marked())
    for curve in ("deletion", "insertion"):
        left = {order: by_order[order, curve] for order in ("right", "wrong")}
        assert (left["right"] != left["wrong"]).any()
    blanked = np.ceil(shares_of(20) * 20)
    expected = np.minimum(1, (20 - blanked) / 4)
    np.testing.assert_allclose(by_order["wrong", "deletion"], np.repeat(expected[:, None], 3, 1), atol=1e-6)


def test_a_gain_is_what_both_curves_are_better_by():
    by_order = drawn(map=marked(), random=-marked())
    areas = {name: area(curve) for name, curve in by_order.items()}
    expected = areas["map", "insertion"] - areas["map", "deletion"]
    expected = expected - (areas["random", "insertion"] - areas["random", "deletion"])
    np.testing.assert_allclose(gains(by_order, "map"), expected)
    assert (gains(by_order, "map") > 1).all()
    assert not gains(by_order, "random").any()


def test_a_map_that_names_nothing_does_as_chance_does():
    several = [
        curves(share_left, marked(), {"flat": np.zeros(SHAPE)}, blank=BLANK, steps=20, seed=seed)
        for seed in range(200)
    ]
    mean = np.mean([area(by_order["flat", "deletion"]).mean() for by_order in several])
    left = 1 - np.ceil(shares_of(20) * 20)[:, None] / 20  # whole places
    assert mean == pytest.approx(area(left).item(), abs=0.02)


def test_ranks_put_the_highest_first_and_break_ties_by_chance():
    importance = np.array([[[0.0, 3.0, 0.0, 1.0]]])
    ranks = places_in_order(importance, seed=1)
    assert ranks[0, 0, 1] == 0
    assert ranks[0, 0, 3] == 1
    firsts = {int(places_in_order(importance, seed=seed)[0, 0, 0]) for seed in range(20)}
    assert firsts == {2, 3}


def test_the_area_of_a_straight_line_is_a_half():
    assert area(1 - shares_of(10)[:, None]) == pytest.approx(0.5)


def test_rank_correlation_is_spearmans():
    rng = np.random.default_rng(1)
    first, second = np.maximum(rng.normal(size=(2, *SHAPE)), 0)  # with ties
    expected = [spearmanr(a.ravel(), b.ravel()).statistic for a, b in zip(first, second, strict=True)]
    np.testing.assert_allclose(rank_correlation(first, second), expected)


def test_a_map_that_is_the_same_all_over_ranks_nothing():
    assert rank_correlation(np.ones(SHAPE), marked()).tolist() == [0, 0, 0]


PASSED = {
    "wanted": "auto",
    "randomized_rank_correlation": 0.1,
    "empty_share": 0.0,
    "drawn_share": 1.0,
    "missed": 0.01,
    **{
        f"{curve}_{order}_{blank}": value
        for blank in ("mean", "lowest")
        for curve, values in {"deletion": (0.14, 0.6, 0.2), "insertion": (0.9, 0.6, 0.8)}.items()
        for order, value in zip(("map", "random", "energy"), values, strict=True)
    },
}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, []),
        ({"randomized_rank_correlation": 0.8}, ["0.80"]),
        ({"deletion_map_mean": 0.5}, ["not to be trusted.*the mean array, leaves 0.50"]),
        ({"insertion_map_lowest": 0.7}, ["not to be trusted.*from the lowest value, gives 0.70"]),
        ({"wanted": "gradcam", "deletion_map_mean": 0.5}, ["gradcam.method: auto"]),
        ({"empty_share": 0.1}, ["10%"]),
        ({"missed": 0.2}, ["miss 20%"]),
        ({"drawn_share": 0.0, "deletion_map_mean": 0.6}, ["No map is shown"]),
    ],
)
def test_doubts_are_said_when_there_are_any(changes, words):
    sentences = doubts(PASSED | changes)
    assert len(sentences) == len(words)
    assert all(re.search(word, sentence) for word, sentence in zip(words, sentences, strict=True))


@pytest.mark.parametrize(
    ("changes", "missed"),
    [
        ({"deletion_map_mean": 0.15}, False),  # a quarter of a random map's
        ({"deletion_map_mean": 0.151}, True),
        ({"deletion_energy_mean": 0.14}, True),  # no better than the energy's
        ({"insertion_map_mean": 0.8}, False),  # 0.2 above a random map's
        ({"insertion_map_mean": 0.79}, True),
        ({"insertion_random_mean": 0.9, "insertion_map_mean": 0.95}, False),  # half of the way to 1
        ({"insertion_random_mean": 0.9, "insertion_map_mean": 0.94}, True),
        ({"deletion_map_lowest": 0.5}, False),  # of the other blank
    ],
)
def test_what_is_asked_for_of_maps_under_one_blank(changes, missed):
    assert bool(misses(PASSED | changes, "mean")) == missed
