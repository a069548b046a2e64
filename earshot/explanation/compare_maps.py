"""Whether the models of picture and of sound look at the same places of the same items."""

import numpy as np
from numpy.typing import NDArray

from earshot.core.errors import EarshotError
from earshot.explanation.faithfulness import rank_correlation
from earshot.explanation.maps import ExplainedItems


def compare_maps(
    pictures: ExplainedItems, sounds: ExplainedItems, *, name: str
) -> tuple[NDArray[np.float64], dict[str, float]]:
    """The rank correlation of each item's two maps, NaN where one is not drawn, and flat numbers.

    These are its mean, that of different items' maps, and `items`, of how many both are drawn; none of fewer than two.

    name : what the maps are of, for messages

    Maps of different items agree too, since things lie in the middle of most arrays: the mean over each item and
    the one before it says how much of the agreement that is.
    """
    if list(pictures.items["id"]) != list(sounds.items["id"]):
        raise EarshotError(
            f"{name}: the maps of sound and picture are of other items; run the stage gradcam again: "
            "dvc repro gradcam"
        )
    drawn = (pictures.items["drawn"].to_numpy(bool)) & (sounds.items["drawn"].to_numpy(bool))
    agreement = np.full(len(drawn), np.nan)
    agreement[drawn] = own = rank_correlation(pictures.maps[drawn], sounds.maps[drawn])
    if len(own) < 2:
        return agreement, {}
    others = rank_correlation(pictures.maps[drawn], np.roll(sounds.maps[drawn], 1, axis=0))
    return agreement, {
        "items": len(own),
        "rank_correlation": round(float(own.mean()), 6),
        "rank_correlation_others": round(float(others.mean()), 6),
    }
