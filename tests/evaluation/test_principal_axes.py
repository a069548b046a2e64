"""Two principal axes, against numpy's singular values."""

import numpy as np
import pytest

from earshot.evaluation.principal_axes import on_two_axes


def some_vectors(rows, columns, *, seed=0):
    """Vectors whose variance falls from direction to direction, and that lie off the origin."""
    rng = np.random.default_rng(seed)
    turned, _ = np.linalg.qr(rng.normal(size=(columns, columns)))
    return rng.normal(size=(rows, columns)) * 0.8 ** np.arange(columns) @ turned + 3


@pytest.mark.parametrize("shape", [(200, 30), (20, 300), (40, 2), (2, 5), (5, 1)], ids=str)
def test_they_are_those_of_the_singular_value_decomposition(shape):
    vectors = some_vectors(*shape)
    centred = vectors - vectors.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    expected = np.zeros((shape[0], 2))
    expected[:, : len(sizes)] = (left * sizes)[:, :2] / np.sqrt((centred**2).sum(axis=1).mean())
    expected *= np.sign(expected[np.abs(expected.round(4)).argmax(axis=0), [0, 1]])
    np.testing.assert_allclose(on_two_axes(vectors), expected, atol=2e-4)


def test_the_mean_square_of_an_axis_is_its_share_of_the_variance():
    vectors = some_vectors(300, 12)
    variances = np.linalg.eigvalsh(np.cov(vectors.T))[::-1]
    shares = (on_two_axes(vectors) ** 2).mean(axis=0)
    np.testing.assert_allclose(shares, variances[:2] / variances.sum(), atol=1e-3)


def test_vectors_that_are_all_equal_lie_at_the_middle():
    found = on_two_axes(np.full((4, 3), 7.0))
    assert (found == 0).all()
    assert not np.signbit(found).any()


def test_neither_the_order_of_the_numbers_nor_noise_in_their_last_bit_shows():
    vectors = some_vectors(150, 20)
    noise = 1 + np.random.default_rng(1).uniform(-1e-12, 1e-12, vectors.shape)
    np.testing.assert_array_equal(on_two_axes(vectors), on_two_axes((vectors * noise)[:, ::-1]))
