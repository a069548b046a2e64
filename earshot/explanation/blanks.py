"""Arrays without information: what a place is blanked with, and what integrated gradients start from."""

import numpy as np
from numpy.typing import NDArray

from earshot.training.batches import Clips, cut

BATCH = 64


def blanks_of(clips: Clips) -> dict[str, NDArray[np.float32]]:
    """`mean`, the mean of all clips, place by place, and `lowest`, their lowest value all over. (bands, frames) both

    clips : of the training part

    What either blank takes away hangs on the blank: a map is believed that holds under both.
    """
    total, lowest = np.zeros(clips.shape), np.inf
    for index in cut(np.arange(len(clips)), BATCH):
        arrays = clips.take(index)
        total += arrays.sum(axis=0, dtype=np.float64)
        lowest = min(lowest, float(arrays.min()))
    return {
        "mean": (total / len(clips)).astype(np.float32),
        "lowest": np.full(clips.shape, lowest, np.float32),
    }
