"""The temperature that validation items give: found where it is known, and moderate where little is."""

import numpy as np
import pytest
from scipy.special import softmax

from earshot.training.calibration import fit_temperature


def drawn_labels(logits, rng):
    """Labels as often of each class as the softmax of the logits says, shape (items,)."""
    return (softmax(logits, axis=1).cumsum(axis=1) > rng.uniform(size=(len(logits), 1))).argmax(axis=1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_it_is_what_the_logits_were_multiplied_by(temperature):
    rng = np.random.default_rng(0)
    logits = rng.normal(scale=2, size=(4000, 5))
    probabilities = softmax(logits * temperature, axis=1)
    assert fit_temperature(probabilities, drawn_labels(logits, rng)) == pytest.approx(temperature, rel=0.06)


def test_items_that_are_all_right_do_not_make_a_model_certain():
    """The likelihood alone knows no limit: at a temperature of 0 each of these items is certain."""
    sure = np.tile([0.97, 0.01, 0.01, 0.01], (50, 1))
    assert 0.5 < fit_temperature(sure, np.zeros(50, int)) < 1


def test_a_single_mistake_of_a_certain_model_is_not_the_end_of_its_confidence():
    sure = np.tile([1.0, 0.0], (50, 1))
    labels = np.zeros(50, int)
    labels[0] = 1
    found = fit_temperature(sure, labels)
    assert 1 < found <= 20.1


def test_it_has_three_digits():
    rng = np.random.default_rng(1)
    probabilities = softmax(rng.normal(size=(60, 3)), axis=1)
    found = fit_temperature(probabilities, rng.integers(0, 3, 60))
    assert found == float(f"{found:.3g}")
