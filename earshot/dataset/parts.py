"""What data sets call the parts of their own split, and which part each name means."""

from collections.abc import Sequence

from earshot.config.dataset import Part
from earshot.core.errors import EarshotError

NAMES: dict[str, Part] = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "test": "test",
    "testing": "test",
    "eval": "test",
    "evaluation": "test",
}


def parts_named(names: Sequence[str], *, key: str) -> list[Part]:
    """The part that each name means. Without a training part, `dev`, the development set, is the training part.

    key : the param that gives them, for messages
    """
    folded = [name.casefold() for name in names]
    met = dict.fromkeys(folded)
    if unknown := [name for name in met if name not in NAMES]:
        raise EarshotError(
            f"{key}: {unknown[0]!r} is no part; parts are {', '.join(NAMES)}. Where it means something else, "
            "dataset.columns: {split: null} leaves the column alone"
        )
    meanings = NAMES if {"train", "training"} & met.keys() else NAMES | {"dev": "train"}
    return [meanings[name] for name in folded]
