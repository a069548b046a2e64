"""Near-duplicates among pictures and ready spectrograms: copies of one another though no pixel is the same.

The 20 neighbours of each at 16 × 16, then the correlation, which is to be far nearer to 1 than that of other
neighbours: digits of one writer may correlate at .99 and have many neighbours as near. Compared are the whole pictures
at 32 × 32 and, as a copy may have been made smaller, at 16 × 16; what is left of them without their margins; and the
middle of one with the whole of another, as a copy may have been cropped. Of more than 20 copies of one picture, and of
more than six that correlate below .998, none is found.

The limits were set so that no two different pictures pass among 1,797 scanned digits, 3,000 of Fashion-MNIST and 600 of
Omniglot; of 1,000 spectrograms of spoken digits, which had no say, two pairs do. Of 330 planted copies of Fashion-MNIST
two pairs are wrong, of 330 of Omniglot none. docs/data.md has what is found of each kind.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from earshot.examination.measure import SIDE
from earshot.examination.near_duplicates import Pair, neighbours_of
from earshot.reading.pictures import resize

PICTURES_ALIKE = 0.97
FAR_NEARER = 0.15  # of the distance to the sixth neighbour that is no copy for certain
MUCH_NEARER = 0.1  # the same where less of them is compared: fewer pixels, or the middle
SAME_CONTENT = 0.05  # the same without margins: two scanned digits reach .08
COPIED = 0.998  # the correlation above which a neighbour is a copy: of two scanned digits at most .996
# Rows and columns of 32 that are cut off on all sides to get at the middle: 6, 12 and 19 % of width and height.
BORDERS = (1, 2, 3)


class _Neighbours:
    """Pictures in one version, and the neighbours of each in the same or another version of them.

    own, others : (pictures, values), standardized
    places : (pictures, neighbours), of the neighbours in others
    correlations : (pictures, neighbours)
    sixth : of each picture, as `_sixth` gives it
    """

    def __init__(
        self, own: NDArray[np.float32], others: NDArray[np.float32], places: NDArray[np.int64]
    ) -> None:
        self.own, self.others, self.places = own, others, places
        self.correlations = np.stack(
            [np.einsum("ij,j->i", others[rows], row) for rows, row in zip(places, own, strict=True)]
        )
        self.sixth = np.array([_sixth(1 - values) for values in self.correlations])


def alike_pictures(
    pictures: Sequence[NDArray[np.float32]], descriptors: NDArray[np.float32]
) -> dict[Pair, float]:
    """The pairs of near-duplicates among pictures, with their correlation.

    pictures : each whole and trimmed, (2, FINE_SIDE, FINE_SIDE)
    descriptors : (pictures, values), of the whole ones
    """
    if len(pictures) < 2:
        return {}
    whole, trimmed = np.stack(pictures, axis=1)  # (pictures, FINE_SIDE, FINE_SIDE)
    fine, coarse = _standardized(whole.reshape(len(whole), -1)), _standardized(descriptors)
    places = neighbours_of(coarse)
    of_coarse = _Neighbours(coarse, coarse, places)
    content = _standardized(_coarse(trimmed))
    alike = _alike(_Neighbours(content, content, neighbours_of(content)), far_nearer=SAME_CONTENT)
    for border in BORDERS:
        middle = _standardized(_coarse(whole[:, border:-border, border:-border]))
        of_middle = _Neighbours(middle, coarse, neighbours_of(middle, coarse))
        alike |= _alike(of_middle, far_nearer=MUCH_NEARER, sixth=of_coarse.sixth)
    alike |= _alike(of_coarse, far_nearer=MUCH_NEARER)
    return alike | _alike(_Neighbours(fine, fine, places), far_nearer=FAR_NEARER)


def _alike(
    neighbours: _Neighbours, *, far_nearer: float, sixth: NDArray[np.float64] | None = None
) -> dict[Pair, float]:
    """The pairs that correlate, and are far nearer to each other than to other neighbours.

    far_nearer : at most this share of the distance to the sixth
    sixth : that distance of the others, where they are another version
    """
    of_others = neighbours.sixth if sixth is None else sixth
    # of one colour: they say nothing of what is shown
    shows: NDArray[np.bool_] = np.any(neighbours.own, axis=1) & np.any(neighbours.others, axis=1)
    alike: dict[Pair, float] = {}
    for place, (rows, values) in enumerate(zip(neighbours.places, neighbours.correlations, strict=True)):
        for row, value in zip(rows.tolist(), values.tolist(), strict=True):
            near = 1 - value <= far_nearer * min(neighbours.sixth[place], of_others[row])
            if value >= PICTURES_ALIKE and near and shows[place] and shows[row]:
                alike[min(place, row), max(place, row)] = value
    return alike


def _coarse(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """(pictures, rows, columns) -> (pictures, SIDE * SIDE)"""
    return np.stack([resize(picture, rows=SIDE, columns=SIDE).ravel() for picture in pictures])


def _sixth(distances: NDArray[np.float32]) -> float:
    """The distance to the sixth neighbour that is no copy for certain, or to the last; 0 where all are copies."""
    others = np.sort(distances[distances > 1 - COPIED])
    return float(others[min(5, len(others) - 1)]) if len(others) else 0.0


def _standardized(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of mean 0 and length 1, so that a product of two is their correlation."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    length = np.sqrt(np.square(centred).sum(axis=1, keepdims=True))
    standardized: NDArray[np.float32] = np.where(length > 1e-6, centred / np.maximum(length, 1e-6), 0)
    return standardized
