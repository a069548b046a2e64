import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from earshot.evaluation.information import information_ratio, label_entropy, usable_information
from earshot.evaluation.rounding import rounded


def two_classes(own_probabilities):
    """Predictions whose label has these probabilities, labels in turn."""
    own = np.array(own_probabilities)
    label = np.arange(len(own)) % 2
    first = np.where(label == 0, own, 1 - own)
    names = np.array(["a", "b"])
    predicted = names[(first < 0.5).astype(int)]
    return pd.DataFrame(
        {
            "run": 1,
            "id": [f"{n}" for n in range(len(own))],
            "label": names[label],
            "predicted": predicted,
            "a": first,
            "b": 1 - first,
        }
    )


@pytest.mark.parametrize("counts", [[1, 1], [10, 10, 10, 10], [9, 1], [5, 3, 2]])
def test_label_entropy_agrees_with_scipy(counts):
    labels = pd.Series(np.repeat([f"c{n}" for n in range(len(counts))], counts))
    assert label_entropy(labels) == pytest.approx(scipy.stats.entropy(counts, base=2))


@pytest.mark.parametrize(
    ("own_probabilities", "bits"),
    [
        ([1.0, 1.0], 1.0),
        ([0.5, 0.5], 0.0),
        ([0.5, 1.0], 0.5),
        ([0.25, 0.25], 1 - 2.0),  # sure of what is wrong: worse than guessing
    ],
)
def test_usable_information_by_hand(own_probabilities, bits):
    assert usable_information(two_classes(own_probabilities)) == pytest.approx(bits)


def test_usable_information_is_mutual_information_for_the_true_probabilities():
    # A channel that turns the label over in 1 of 5 cases, predicted by its true posterior: 1 - H(0.2).
    own = np.tile([0.8, 0.8, 0.8, 0.8, 0.2], 2)
    assert usable_information(two_classes(own)) == pytest.approx(1 - scipy.stats.entropy([0.2, 0.8], base=2))


def test_information_near_none_does_not_hang_on_a_processors_last_bits():
    own = np.random.default_rng(0).normal(0.5, 1e-7, 100)
    bits = usable_information(two_classes(own))
    assert 0 < abs(bits) < 1e-4
    assert rounded(usable_information(two_classes(np.nextafter(own, 1)))) == rounded(bits)


@pytest.mark.parametrize(("sound", "picture", "ratio"), [(1.0, 2.0, 0.5), (-0.5, 1.0, -0.5), (2.0, 2.0, 1.0)])
def test_information_ratio(sound, picture, ratio):
    assert information_ratio(sound, picture) == ratio


@pytest.mark.parametrize("picture", [0.0, -0.1])
def test_information_ratio_is_undefined_where_the_picture_gives_nothing(picture):
    assert math.isnan(information_ratio(0.5, picture))
