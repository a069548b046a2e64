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


def study_classes(
    labels: Iterable[str], *, classes: Sequence[str] | None, subsets: Sequence[int]
) -> list[str]:
    """The classes that the study uses: the first max(subsets) of the class order.

    Raises EarshotError when `classes` names one that the data lacks, or the data has too few.
    """
    met = class_order(labels)
    if missing := [name for name in classes or [] if name not in met]:
        raise EarshotError(f"dataset.classes names {missing}, which the data does not have; it has {met}")
    order = class_order(labels, classes=classes)
    if max(subsets) > len(order):
        raise EarshotError(
            f"subsets: {max(subsets)} classes asked for, the data has {len(order)} ({', '.join(order)}); "
            f"lower subsets in params.yaml or add class folders"
        )
    return order[: max(subsets)]
