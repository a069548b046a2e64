"""What changed between two versions of a model: on the same items, over groups, in words."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar
from statsmodels.stats.multitest import multipletests

from earshot.evaluation import answers as answers_module
from earshot.evaluation import changes
from tests.evaluation import predictions
from tests.evaluation.digits_runs import ITEMS, rights

KEY = (2, "sound", "lstm")


def answers(right, *, second="b", groups=None):
    """A table of answers as it is read, of what is right, shape (items,) or (runs, items)."""
    table = predictions.answers(right, second=second)
    groups = (
        predictions.each_its_own(table) if groups is None else pd.Series(groups, index=table["id"].unique())
    )
    written = answers_module.answers(table, groups=groups).to_csv(index=False)
    return answers_module.parse_answers(written.encode())


def right_of(n, seed, rate):
    return np.random.default_rng(seed).random(n) < rate


def change(base, head, *, view="sound"):
    """The one row for two tables."""
    return changes.changes({(2, view, "lstm"): (base, head)}).iloc[0].to_dict()


def test_a_change_by_hand():
    base = answers([True, True, False, False, True, False, True, True, True, True])
    head = answers([True, False, True, True, True, True, True, True, True, True])
    row = change(base, head)
    assert (row["n"], row["gained"], row["lost"], row["test"]) == (10, 3, 1, "McNemar")
    assert row["difference"] == pytest.approx(0.2)
    assert row["p"] == pytest.approx(2 * (1 + 4) / 2**4)  # at most one of four coins shows heads, both sides


def test_the_interval_is_that_of_the_paired_differences():
    base, head = right_of(400, 0, 0.8), right_of(400, 1, 0.85)
    row = change(answers(base), answers(head))
    differences = head.astype(int) - base
    expected = scipy.stats.t.interval(0.95, 399, differences.mean(), scipy.stats.sem(differences))
    assert (row["difference_low"], row["difference_high"]) == pytest.approx(expected, abs=0.003)


def test_p_agrees_with_statsmodels():
    base, head = right_of(200, 2, 0.7), right_of(200, 3, 0.8)
    table = pd.crosstab(head, base).reindex(index=[True, False], columns=[True, False])
    expected = reference_mcnemar(table.to_numpy(), exact=True).pvalue
    assert change(answers(base), answers(head))["p"] == pytest.approx(expected)


def test_p_is_corrected_over_all_models():
    versions = {
        (k, "sound", model): (answers(right_of(200, seed, 0.7)), answers(right_of(200, seed + 9, rate)))
        for seed, (k, model, rate) in enumerate([(2, "cnn", 0.8), (2, "lstm", 0.84), (4, "cnn", 0.7)])
    }
    table = changes.changes(versions)
    assert list(zip(table["subset"], table["view"], table["model"], strict=True)) == list(versions)
    assert table["p_holm"].to_numpy() == pytest.approx(multipletests(table["p"], method="holm")[1])


def test_the_floor_is_a_question_of_its_own():
    some = answers(right_of(200, 1, 0.7)), answers(right_of(200, 2, 0.8))
    versions = {(2, "sound", "cnn"): some, (2, "shuffled", "cnn"): some}
    table = changes.changes(versions)
    assert table["p_holm"].tolist() == table["p"].tolist()


def test_versions_of_several_runs_have_the_interval_of_the_recipe():
    row = change(answers(rights("lstm", range(1, 6))), answers(rights("cnn", range(1, 6))))
    found = [row[key] for key in ("difference", "difference_low", "difference_high", "p")]
    assert found == pytest.approx([0.0231, 0.0035, 0.0426, 0.0227], abs=6e-5)
    assert (row["n"], row["first_runs"], row["second_runs"]) == (ITEMS, 5, 5)
    assert "+2.3 points (0.4 to 4.3), 5 runs each, p = 0.023: significant" in changes.sentence(row)


def test_the_interval_is_wider_where_groups_are_alike():
    right, blocks = (right_of(120, 0, 0.6), np.repeat(right_of(10, 4, 0.6), 12)), np.arange(120) // 12
    narrow = change(*(answers(own) for own in right))
    wide = change(*(answers(own, groups=[f"g{block}" for block in blocks]) for own in right))
    assert wide["difference_high"] - wide["difference_low"] > 1.5 * (
        narrow["difference_high"] - narrow["difference_low"]
    )


def test_only_items_that_both_tested_under_one_label_count():
    base, head = answers([True] * 6), answers([False] * 8).drop(index=[0, 1])
    head.loc[2, "label"] = {"a": "b", "b": "a"}[head.loc[2, "label"]]
    before, after = changes.common(base, head.sample(frac=1, random_state=0))
    assert list(before["id"]) == list(after["id"]) == ["item003", "item004", "item005"]
    row = change(base, head)
    assert (row["n"], row["n_base"], row["n_head"], row["lost"]) == (3, 6, 6, 3)


def test_shuffled_items_are_paired_whatever_their_labels():
    base, head = answers([True, True, False, False]), answers([False, False, True, True])
    row = change(base.assign(label=""), head.assign(label=""), view="shuffled")
    assert (row["n"], row["gained"], row["lost"]) == (4, 2, 2)


@pytest.mark.parametrize(
    ("base", "head", "expected"),
    [
        ({"w": 1, "x": 1, "y": 2, "z": 3}, {"w": 7, "x": 8, "y": 9, "z": 9}, [{"w", "x"}, {"y", "z"}]),
        ({"w": 1, "x": 2}, {"x": 5, "y": 5}, [{"w"}, {"x", "y"}]),
        ({"w": "a", "x": "b", "y": "a"}, {"w": "a", "x": "a", "y": "b"}, [{"w", "x", "y"}]),
    ],
)
def test_items_are_joined_that_either_side_holds_together(base, head, expected):
    groups = changes.joined(pd.Series(base), pd.Series(head))
    found = {frozenset(items) for items in groups.groupby(groups).groups.values()}
    assert found == {frozenset(items) for items in expected}


def test_other_classes_are_not_compared():
    base, head = answers([True] * 4), answers([True] * 4, second="c")
    assert changes.incomparable(base, head) == "its classes were a, b and are a, c"
    assert changes.incomparable(base, base) is None


def test_other_items_are_not_compared():
    base = answers([True] * 4)
    other = base.assign(id=base["id"] + "x")
    assert changes.incomparable(base, other) == "no item was tested by both"


def row(**others):
    """41 items gained and 22 lost of 1,055."""
    told = {"subset": 10, "view": "sound", "model": "lstm", "n": 1055, "n_base": 1055, "n_head": 1055}
    told |= {
        "gained": 41,
        "lost": 22,
        "difference": 19 / 1055,
        "same": False,
        "first_runs": 1,
        "second_runs": 1,
    }
    return told | {"difference_low": 0.004, "difference_high": 0.031, "p_holm": 0.022} | others


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        (
            {},
            "lstm on sound, subset 10: +1.8 points (0.4 to 3.1), one trained model each, 41 items gained, 22 lost, "
            "p = 0.022: significant",
        ),
        ({"p_holm": 0.06}, "p = 0.06: not significant"),
        ({"first_runs": 5, "second_runs": 1}, "(0.4 to 3.1), 5 runs after 1, p = 0.022: significant"),
        ({"n_head": 2000}, "significant, of 1,055 items that both tested (1,055 and 2,000 in all)"),
        ({"gained": 1}, "1 item gained, 22 lost"),
        ({"difference": -0.0001, "difference_low": -0.00001}, "+0.0 points (0.0 to 3.1)"),
        (
            {"same": True},
            "lstm on sound, subset 10: the same accuracy, right on the same items",
        ),
    ],
)
def test_a_change_in_words(others, expected):
    assert expected in changes.sentence(row(**others))
