"""Answers that are kept: as many as asked, the most confident ones, of a large class by its own threshold."""

import numpy as np
import pandas as pd
import pytest

from earshot.evaluation.selective import at_shares, reaches, thresholds

CLASSES = ["ant", "bee"]


def answered(probability, predicted="ant", label=None):
    table = pd.DataFrame({"probability": probability, "predicted": predicted})
    return table.assign(label=table["predicted"] if label is None else label)


@pytest.mark.parametrize(("keep", "threshold"), [(1, 0.51), (0.95, 0.56), (0.9, 0.61), (0.01, 1.5)])
def test_the_share_that_is_asked_for_is_kept(keep, threshold):
    validation = answered(np.arange(51, 151) / 100)
    needed = thresholds(validation, keep=keep, classes=CLASSES)
    assert needed["ant"] == pytest.approx(threshold)
    assert reaches(validation, needed).mean() == keep


def test_a_class_with_fifty_answers_has_a_threshold_of_its_own():
    validation = pd.concat([answered(np.full(50, 0.9)), answered(np.full(49, 0.6), "bee")])
    assert thresholds(validation, keep=0.95, classes=CLASSES) == {"ant": 0.9, "bee": 0.6}
    validation = pd.concat([answered(np.full(49, 0.9)), answered(np.full(50, 0.6), "bee")])
    assert thresholds(validation, keep=0.3, classes=CLASSES) == {"ant": 0.9, "bee": 0.6}
    assert thresholds(validation, keep=0.95, classes=CLASSES) == {"ant": 0.9, "bee": 0.6}


def test_classes_without_a_threshold_of_their_own_keep_the_share_of_their_answers_together():
    large = answered(np.full(50, 0.99), "bee")
    small = pd.concat([answered(np.arange(60, 70) / 100), answered(np.arange(70, 80) / 100, "cat")])
    validation = pd.concat([large, small])
    needed = thresholds(validation, keep=0.8, classes=["ant", "bee", "cat"])
    assert needed == {"ant": 0.64, "bee": 0.99, "cat": 0.64}
    assert reaches(small, needed).mean() == 0.8


def test_a_class_that_no_validation_item_is_answered_with_has_the_threshold_of_all():
    assert thresholds(answered([0.9, 0.8]), keep=1, classes=CLASSES) == {"ant": 0.8, "bee": 0.8}


def test_what_is_kept_of_test_items_and_how_right_it_is():
    test = answered([0.9, 0.8, 0.6, 0.4], label=["ant", "ant", "bee", "ant"])
    table = at_shares(answered(np.arange(1, 101) / 100), test, classes=CLASSES).set_index("keep")
    assert table.loc[0.8].tolist() == pytest.approx([0.21, 1, 0.75])
    nothing = at_shares(answered([1.0]), test, classes=CLASSES)
    assert (nothing["kept"] == 0).all()
    assert nothing["accuracy"].isna().all()


def test_without_validation_items_every_answer_is_kept():
    nothing = answered([])
    assert thresholds(nothing, keep=0.9, classes=["ant", "bee"]) == {"ant": 0.0, "bee": 0.0}
    assert at_shares(nothing, answered([0.2, 0.9]), classes=["ant", "bee"])["kept"].eq(1).all()
