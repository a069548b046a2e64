"""Which items people hear: those of the training round, which are told, and those of the test."""

from collections.abc import Sequence

import pandas as pd

from earshot.core.errors import EarshotError
from earshot.core.rng import shuffled

MOST_CLASSES = 10  # that the digit keys name
ITEMS = 40  # of the test, unless told otherwise, or one of each class where there are more classes


def default_subset(subsets: Sequence[int]) -> int:
    """The largest number of classes that people can keep apart by the digit keys, or else the smallest one."""
    return max((subset for subset in subsets if subset <= MOST_CLASSES), default=min(subsets))


def choose(
    items: pd.DataFrame, *, part: str, classes: list[str], most: int | None, seed: int
) -> pd.DataFrame:
    """The items of a part that people hear, as many of each class, or one fewer of the last ones.

    items : with `id, label, split`
    part : train, test
    most : how many; None takes `ITEMS`, at least one of each class, or all that are there, evenly
    seed : the study's

    Of each class the items come in an order that the seed gives, so that fewer of them are a part of more. Raises
    EarshotError where a class has too few.
    """
    own = items[(items["split"] == part) & items["label"].isin(classes)]
    counts = own["label"].value_counts().reindex(classes, fill_value=0)
    scarce, fewest = str(counts.idxmin()), int(counts.min())
    if not fewest and most != 0:
        raise EarshotError(
            f"{scarce} has no {part} item to hear; split the study so that each class has some"
        )
    if most is None:
        most = min(max(ITEMS, len(classes)), fewest * len(classes))
    if part == "test" and most < len(classes):
        raise EarshotError(
            f"--items: {most} test items cannot be of each of the {len(classes)} classes; name {len(classes)} or more"
        )
    wanted = [most // len(classes) + (place < most % len(classes)) for place in range(len(classes))]
    if any(wanted > counts.to_numpy()):
        option = f"--items {fewest * len(classes)}" if part == "test" else f"--training {fewest}"
        raise EarshotError(
            f"{most} {part} items, as many of each of {len(classes)} classes, are more than there are: {scarce} has "
            f"{fewest}. Ask for {option} or fewer"
        )
    chosen = [
        name
        for label, count in zip(classes, wanted, strict=True)
        for name in shuffled(own.loc[own["label"] == label, "id"], seed, "listen")[:count]
    ]
    return own.set_index("id").loc[chosen].reset_index()
