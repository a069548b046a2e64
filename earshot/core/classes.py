"""The order of the classes, whose first k are subset k."""

from collections.abc import Iterable, Sequence

from earshot.core.errors import EarshotError
from earshot.core.ordering import natural_key

# Columns that tables have beside one for each class: of the predictions, and of what `earshot predict` writes.
COLUMNS = frozenset(
    {
        "run",
        "id",
        "label",
        "predicted",
        "path",
        "probability",
        "problem",
        "prediction_set",
        "start_s",
        "end_s",
    }
)

# What people call the class of what is none of the others.
NOTHING = frozenset({"none", "background", "_background_noise_"})


def no_columns(classes: list[str]) -> list[str]:
    """The classes. Raises ValueError where one has the name of a column that stands beside them."""
    if clashes := sorted(COLUMNS.intersection(classes)):
        raise ValueError(f"{clashes[0]!r} is the name of a column of the tables; rename the class")
    return classes


def class_order(labels: Iterable[str], *, classes: Sequence[str] | None = None) -> list[str]:
    """The classes that occur, in order.

    classes : the order asked for (`dataset.classes`); None sorts naturally
    """
    met = set(labels)
    return [name for name in classes if name in met] if classes else sorted(met, key=natural_key)


def reject_classes(
    labels: Iterable[str], *, classes: Sequence[str] | None, reject: Sequence[str] | None
) -> list[str]:
    """The classes that occur and stand for none of the others: every subset has them behind its own.

    classes : `dataset.classes`
    reject : `dataset.reject`; None takes those called as in `NOTHING`, where `classes` is None and two others are left
    """
    met = class_order(labels)
    if reject is not None:
        return [name for name in met if name in reject]
    rejecting = [name for name in met if name in NOTHING]
    return rejecting if classes is None and len(met) - len(rejecting) >= 2 else []


def study_classes(
    labels: Iterable[str],
    *,
    classes: Sequence[str] | None,
    subsets: Sequence[int],
    reject: Sequence[str] | None,
) -> list[str]:
    """The classes that the study uses: the first max(subsets) of the class order, then those that reject.

    Raises EarshotError when `classes` or `reject` names one that the data lacks, or the data has too few.
    """
    met = class_order(labels)
    for key, names in {"classes": classes, "reject": reject}.items():
        if missing := [name for name in names or [] if name not in met]:
            raise EarshotError(f"dataset.{key} names {missing}, which the data does not have; it has {met}")
    return subset_classes(met, subset=max(subsets), classes=classes, reject=reject)


def subset_classes(
    labels: Iterable[str], *, subset: int, classes: Sequence[str] | None, reject: Sequence[str] | None
) -> list[str]:
    """The subset's classes, in the order that labels are counted by: its own, then those that reject.

    Raises EarshotError when there are too few.
    """
    met = class_order(labels)
    rejecting = reject_classes(met, classes=classes, reject=reject)
    order = [name for name in class_order(met, classes=classes) if name not in rejecting]
    if subset > len(order):
        besides = f" besides {', '.join(rejecting)}" if rejecting else ""
        raise EarshotError(
            f"subsets: {subset} classes asked for, the data has {len(order)}{besides} ({', '.join(order)}); "
            f"lower subsets in params.yaml or add class folders"
        )
    return order[:subset] + rejecting
