import numpy as np
import pandas as pd
import pytest

from earshot.evaluation import compare, metrics, verdict
from earshot.evaluation.intervals import items_needed
from tests.evaluation.predictions import answers, each_its_own

N = 200


def right_at(rate, seed=None):
    """Right on this share of the items: the first ones wrong, or spread by a seed."""
    right = np.arange(N) >= round(N * (1 - rate))
    return right if seed is None else np.random.default_rng(seed).permutation(right)


def study(answered, groups=None):
    """Results, groups, summary and pairs from {(view, model): right or not}."""
    tables = {key: answers(right) for key, right in answered.items()}
    groups = each_its_own(next(iter(tables.values()))) if groups is None else groups
    results = {
        (2, *key): (metrics.describe(table, groups=groups, classes=["a", "b"], seed=0), table)
        for key, table in tables.items()
    }
    arguments = {"groups": groups, "seed": 0}
    return results, groups, compare.summary(results, {}, **arguments), compare.pairs(results, **arguments)


def warned(answered, groups=None):
    results, groups, summary, pairs = study(answered, groups)
    return verdict.warnings(results, summary, pairs, groups=groups)


def sentences(answered):
    results, _, summary, pairs = study(answered)
    return verdict.verdict(results, summary, pairs)


def test_clear_results_are_not_warned_about():
    assert warned({("sound", "cnn"): right_at(0.95), ("sound", "lstm"): right_at(0.7)}) == []


def test_an_accuracy_that_may_be_chance_is_warned_about():
    (warning,) = warned({("sound", "cnn"): right_at(0.55)})
    assert (
        "cnn on sound: right on 55.0 % (48.1 to 61.7), which is not shown to be better than the 50.0 %"
        in warning
    )


def test_an_accuracy_that_naming_the_largest_class_would_reach_is_warned_about():
    label = np.where(np.arange(N) % 10 == 0, "b", "a")
    table = answers(np.ones(N, dtype=bool)).assign(label=label, predicted="a", a=0.9, b=0.1)
    groups = each_its_own(table)
    scores = metrics.describe(table, groups=groups, classes=["a", "b"], seed=0)
    results = {(2, "sound", "cnn"): (scores, table)}
    summary = compare.summary(results, {}, groups=groups, seed=0)
    pairs = compare.pairs(results, groups=groups, seed=0)
    (warning,) = verdict.warnings(results, summary, pairs, groups=groups)
    assert "not shown to be better than the 90.0 % of no skill" in warning


def test_a_difference_that_is_not_significant_is_warned_about_with_the_items_it_takes():
    (warning,) = warned({("sound", "cnn"): right_at(0.9, seed=1), ("sound", "lstm"): right_at(0.86, seed=2)})
    _, _, _, pairs = study(
        {("sound", "cnn"): right_at(0.9, seed=1), ("sound", "lstm"): right_at(0.86, seed=2)}
    )
    pair = pairs.iloc[0]
    needed = items_needed(0.04, (pair["only_first"] + pair["only_second"]) / N)
    assert "cnn on sound and lstm on sound differ by +4.0 points" in warning
    assert f"takes about {needed:,} test items; there are 200" in warning


def test_equal_models_are_warned_about_without_a_number_of_items():
    (warning,) = warned({("sound", "cnn"): right_at(0.9), ("sound", "lstm"): right_at(0.9)})
    assert "differ by +0.0 points" in warning
    assert "takes about" not in warning


def test_a_difference_that_hangs_on_one_group_is_warned_about():
    first, second = right_at(0.95), right_at(0.8)
    assert warned({("sound", "cnn"): first, ("sound", "lstm"): second}) == []
    groups = pd.Series(np.arange(N) // 25, index=answers(first)["id"])
    assert any(
        "not significant" in line for line in warned({("sound", "a"): first, ("sound", "b"): second}, groups)
    )


def test_pairs_that_answer_no_question_are_not_warned_about():
    same = right_at(0.9)
    lines = warned({("sound", "cnn"): same, ("picture", "lstm"): same})
    assert lines == []


@pytest.mark.parametrize(
    ("rate", "message"), [(0.7, "test items leak into training"), (0.3, "less than chance"), (0.52, None)]
)
def test_shuffled_labels_off_chance_are_warned_about(rate, message):
    lines = warned({("shuffled", "cnn"): right_at(rate)})
    assert (message is None and not lines) or message in lines[0]


@pytest.mark.parametrize(("rate", "message"), [(0.5, "is undefined"), (0.53, "has no limits")])
def test_a_retention_without_a_ceiling_is_warned_about(rate, message):
    lines = warned({("sound", "cnn"): right_at(0.9), ("picture", "cnn"): right_at(rate)})
    assert any(f"cnn on sound: retention {message}" in line for line in lines)


@pytest.mark.parametrize(("n_groups", "message"), [(1, "of one group"), (4, "of 4 groups only"), (20, None)])
def test_few_groups_are_warned_about(n_groups, message):
    groups = pd.Series(np.arange(N) % n_groups, index=answers(right_at(1))["id"])
    lines = warned({("sound", "cnn"): right_at(0.9, seed=0)}, groups)
    assert (message is None and not lines) or message in lines[0]


def test_verdict_says_what_the_numbers_do():
    best, kept, control = sentences(
        {
            ("sound", "cnn"): right_at(0.8),
            ("sound", "lstm"): right_at(0.6),
            ("picture", "cnn"): right_at(0.9),
            ("shuffled", "cnn"): right_at(0.52),
        }
    )
    assert best.startswith("On 200 test items of 2 classes, cnn on sound is right on 80.0 % (")
    assert "next comes lstm with 60.0 % (" in best
    assert best.endswith("a difference that holds up.")
    assert kept.startswith("As sound the pictures keep 75.0 % (")
    assert control.startswith("Trained on shuffled labels, cnn is right on 52.0 %")
    assert control.endswith("no better than chance, as it should be.")


def test_verdict_without_a_ceiling_or_a_control_says_so():
    best, spread, control = sentences({("sound", "cnn"): right_at(0.8), ("sound", "lstm"): right_at(0.8)})
    assert best.endswith("too close to tell apart.")
    assert "macro F1 is 80.0 %" in spread
    assert "not ruled out" in control


def test_verdict_without_the_same_model_on_both_measures_nothing_kept():
    _, kept, _ = sentences({("sound", "cnn"): right_at(0.8), ("picture", "lstm"): right_at(0.8)})
    assert "not measured" in kept


def test_verdict_names_a_leak():
    assert (
        "above chance" in sentences({("sound", "cnn"): right_at(0.8), ("shuffled", "cnn"): right_at(0.7)})[2]
    )
