"""Vectors on a plane: their two principal axes, by sums, products, quotients and roots in a fixed order.

LAPACK and BLAS sum in an order that hangs on the processor; `np.einsum` does not, and the same vectors give the same
coordinates everywhere.

Halko, Martinsson and Tropp (2011), "Finding structure with randomness": subspace iteration.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earshot.core.rng import generator

Array = NDArray[np.float64]

BLOCK = 8  # directions that are iterated together: the first two are exact where the ninth is much weaker
ITERATIONS = 30
SWEEPS = 12  # over all pairs of the block's directions; Jacobi's method converges in six or so
NOTHING = 1e-18  # what a matrix has beside its diagonal, as a part of that, when it is solved
DECIMALS = 4


def on_two_axes(vectors: ArrayLike) -> Array:
    """The coordinates of vectors on their two principal axes, shape (vectors, 2), rounded.

    vectors : shape (vectors, numbers)

    The unit is the standard deviation of all numbers together: the mean square of a column is the share of the variance
    that its axis holds. An axis points to where its greatest coordinate lies, by size. Equal vectors all lie at 0, 0.
    """
    centred = np.array(vectors, dtype=np.float64)
    centred -= centred.mean(axis=0)
    variance = float((centred * centred).sum(axis=1).mean())
    if variance == 0:
        return np.zeros((len(centred), 2))
    centred /= np.sqrt(variance)
    coordinates = np.zeros((len(centred), 2))
    projected = np.einsum("nd,dk->nk", centred, _axes(centred))[:, :2]
    coordinates[:, : projected.shape[1]] = projected
    coordinates = coordinates.round(DECIMALS)
    greatest = coordinates[np.abs(coordinates).argmax(axis=0), [0, 1]]  # of equals the first
    return np.asarray(coordinates * np.where(greatest < 0, -1.0, 1.0) + 0.0)  # no -0.0


def _axes(centred: Array) -> Array:
    """The principal axes, the one of most variance first, shape (numbers, BLOCK or less)."""
    rows, columns = centred.shape
    block = min(BLOCK, rows, columns)
    directions = _orthonormal(generator(0, "principal axes").random((columns, block)) - 0.5)
    for _ in range(ITERATIONS):
        seen = np.einsum("nd,dk->nk", centred, directions)
        directions = _orthonormal(np.einsum("nd,nk->dk", centred, seen))
    seen = np.einsum("nd,dk->nk", centred, directions)
    variances, rotation = _eigen(np.einsum("nj,nk->jk", seen, seen))
    order = np.argsort(-variances, kind="stable")
    axes: Array = np.einsum("dj,jk->dk", directions, rotation[:, order])
    return axes


def _orthonormal(directions: Array) -> Array:
    """Gram and Schmidt's columns, each against those before it twice; one that vanishes stays 0."""
    made = directions.copy()
    for place in range(made.shape[1]):
        column = made[:, place]
        start = np.sqrt((column * column).sum())
        for _ in range(2):
            for before in range(place):
                column -= made[:, before] * (made[:, before] * column).sum()
        size = np.sqrt((column * column).sum())
        column *= 0.0 if size <= 1e-12 * start else 1 / size
    return made


def _eigen(matrix: Array) -> tuple[Array, Array]:
    """The eigenvalues of a small symmetric matrix and its eigenvectors, as columns, by Jacobi's rotations."""
    values, vectors = matrix.copy(), np.eye(len(matrix))
    for _ in range(SWEEPS):
        for first in range(len(values)):
            for second in range(first + 1, len(values)):
                beside = values[first, second]
                if np.abs(beside) <= NOTHING * (values[first, first] + values[second, second]):
                    continue
                ratio = (values[second, second] - values[first, first]) / (2 * beside)
                tangent = (1.0 if ratio >= 0 else -1.0) / (np.abs(ratio) + np.sqrt(1 + ratio * ratio))
                cosine = 1 / np.sqrt(1 + tangent * tangent)
                sine = tangent * cosine
                for array in (values, values.T, vectors):  # columns, rows, and the vectors' columns
                    one, other = array[:, first].copy(), array[:, second].copy()
                    array[:, first] = cosine * one - sine * other
                    array[:, second] = sine * one + cosine * other
    return np.diagonal(values).copy(), vectors
