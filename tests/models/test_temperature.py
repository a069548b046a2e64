"""The temperature: softmax of logits divided by it, also where probabilities vanish."""

import numpy as np
import pytest
from scipy.special import softmax

from earshot.models.temperature import at_temperature

LOGITS = np.random.default_rng(0).normal(scale=4, size=(20, 3))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_it_divides_the_logits(temperature):
    found = at_temperature(softmax(LOGITS, axis=1), temperature)
    np.testing.assert_allclose(found, softmax(LOGITS / temperature, axis=1))


def test_probabilities_of_nothing_stay_finite_and_in_their_order():
    found = at_temperature(np.float32([1, 0, 1e-40]), 20)
    assert found.sum() == pytest.approx(1)
    assert found[0] > found[1] == found[2] > 0
