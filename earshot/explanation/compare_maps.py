"""Whether the models of picture and of sound look at the same places of the same items."""

import numpy as np
from numpy.typing import NDArray

from earshot.core.errors import EarshotError
from earshot.explanation.faithfulness import rank_correlation
from earshot.explanation.maps import ExplainedItems


def compare_maps(
    pictures: ExplainedItems, sounds: ExplainedItems, *, name: str
) -> tuple[NDArray[np.float64], dict[str, float]]:
    """The rank correlation of each item's two maps, and flat numbers: its mean, and that of different items' maps.

    name : what the maps are of, for messages

    Maps of different items agree too, since things lie in the middle of most arrays: the mean over each item and
    the one before it says how much of the agreement that is.
    """
    if list(pictures.items["id"]) != list(sounds.items["id"]):
        raise EarshotError(
            f"{name}: the maps of sound and picture are of other items; run the stage gradcam again: "
            "dvc repro gradcam"
        )
    own = rank_correlation(pictures.maps, sounds.maps)
    others = rank_correlation(pictures.maps, np.roll(sounds.maps, 1, axis=0))
    return own, {
        "rank_correlation": round(float(own.mean()), 6),
        "rank_correlation_others": round(float(others.mean()), 6),
    }
