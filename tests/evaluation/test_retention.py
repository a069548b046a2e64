import math

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from earshot.core.errors import EarshotError
from earshot.evaluation.information import usable_information
from earshot.evaluation.retention import KEYS, retention, retention_scores
from tests.evaluation.digits_runs import ITEMS, rights
from tests.evaluation.predictions import answers, predictions

CLASSES = [f"c{number}" for number in range(10)]
N = 120
EACH_ITS_OWN = np.arange(N)


def kept_of(sound, picture, transferred=None):
    return retention_scores(sound, picture, transferred, units=EACH_ITS_OWN)


def retention_of(sound_right, picture_right):
    found = kept_of(answers(sound_right), answers(picture_right))
    return [found[key] for key in ("retention", "retention_low", "retention_high")]


def right_at(rate, n=N):
    return np.arange(n) >= round(n * (1 - rate))


@pytest.fixture
def tables():
    """What models say from the sound, from the picture, and from the picture that comes back."""
    labels = np.arange(N) % 10
    return [
        predictions(labels, CLASSES, skill=skill, seed=seed) for seed, skill in enumerate((2.5, 3.5, 2.0))
    ]


def test_retention_is_corrected_for_chance():
    value, low, high = retention_of(right_at(0.8), right_at(0.9))
    assert value == pytest.approx((0.8 - 0.5) / (0.9 - 0.5))
    assert low < value < high


def test_retention_of_the_same_answers_is_one():
    assert retention_of(right_at(0.8), right_at(0.8)) == pytest.approx([1, 1, 1])


def test_retention_of_two_perfect_models_leaves_room_for_doubt():
    value, low, high = retention_of(right_at(1.0), right_at(1.0))
    assert value == 1
    assert low < 1 < high


def test_retention_is_undefined_where_the_picture_model_is_at_chance():
    assert np.isnan(retention_of(right_at(0.8), np.arange(N) % 4 < 2)).all()


def test_retention_has_no_limits_where_the_picture_model_may_be_at_chance():
    value, low, high = retention_of(right_at(0.8), right_at(0.55))
    assert value == pytest.approx(0.3 / 0.05)
    assert math.isnan(low)
    assert math.isnan(high)


def test_agreement_agrees_with_scikit_learn(tables):
    sound, picture, _ = tables
    found = kept_of(sound, picture)
    assert found["agreement"] == pytest.approx((sound["predicted"] == picture["predicted"]).mean())
    assert found["agreement_low"] < found["agreement"] < found["agreement_high"]
    assert found["kappa"] == pytest.approx(cohen_kappa_score(sound["predicted"], picture["predicted"]))


def test_agreement_of_several_runs_is_the_mean_over_all_pairs_of_runs():
    labels = np.arange(N) % 10
    sound, picture = (predictions(labels, CLASSES, skill=2.5, seed=seed, runs=seed) for seed in (2, 3))
    runs = [[own for _, own in table.groupby("run")] for table in (sound, picture)]
    each = [
        (first["predicted"].to_numpy() == second["predicted"].to_numpy()).mean()
        for first in runs[0]
        for second in runs[1]
    ]
    found = kept_of(sound, picture)
    assert found["agreement"] == pytest.approx(np.mean(each))
    assert found["agreement_low"] < found["agreement"] < found["agreement_high"]


def test_retention_of_several_runs_is_that_of_their_means():
    sound, picture = rights("lstm", range(1, 6)), rights("cnn", range(1, 4))
    value, low, high = retention(sound, picture, np.arange(ITEMS), chance=0.1)
    assert value == pytest.approx((sound.mean() - 0.1) / (picture.mean() - 0.1))
    assert low < value < high


def test_the_limits_of_a_retention_hold_more_where_runs_differ_more():
    calm, wild = rights("cnn", [1, 1, 1]), rights("cnn", [1, 1, 1]).copy()
    wild[0, :40] = False
    wild[1:, 40:60] = False
    widths = [np.ptp(retention(own, calm, np.arange(ITEMS), chance=0.1)[1:]) for own in (calm, wild)]
    assert widths[0] < widths[1]


def test_two_models_that_name_one_class_have_no_kappa():
    one = answers(np.arange(N) % 2 == 0)
    found = kept_of(one, one)
    assert found["agreement"] == 1
    assert math.isnan(found["kappa"])


def test_the_information_ratio_is_that_of_the_bits(tables):
    sound, picture, _ = tables
    expected = usable_information(sound) / usable_information(picture)
    assert kept_of(sound, picture)["information_ratio"] == pytest.approx(expected)


def test_transfer_is_the_picture_models_accuracy_on_what_comes_back(tables):
    sound, picture, back = tables
    found = kept_of(sound, picture, back)
    assert list(found) == KEYS
    assert found["transfer"] == pytest.approx((back["label"] == back["predicted"]).mean())
    assert found["transfer_low"] < found["transfer"] < found["transfer_high"]


def test_without_a_transfer_there_is_no_number_for_it(tables):
    assert list(kept_of(*tables[:2])) == KEYS[:-3]


def test_a_transfer_of_other_items_is_refused(tables):
    sound, picture, back = tables
    with pytest.raises(EarshotError, match="run the stages transfer and evaluate again"):
        kept_of(sound, picture, back.drop(index=3))
