"""Events: windows in which a class is likely enough, joined where they touch or nearly do."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from earshot.core.errors import EarshotError
from earshot.detection.windows import Scores

THRESHOLD = 0.5  # at which a class is more likely than all others together


class Event(NamedTuple):
    """A stretch of a recording in which a class is heard.

    start, end : in samples, of the first window and of the last
    score : the highest probability of its windows
    windows : how many there are
    """

    start: int
    end: int
    label: str
    score: float
    windows: int


def thresholds_of(
    classes: Sequence[str],
    *,
    common: float = THRESHOLD,
    own: Mapping[str, float] | None = None,
    reject: Sequence[str] = (),
) -> NDArray[np.float64]:
    """The probability from which on each class counts, shape (classes,).

    common : of the classes that have none of their own
    own : of single classes
    reject : classes that stand for none of the others: each counts where it is given one of its own alone
    """
    own = own or {}
    for label in own:
        if label not in classes:
            raise EarshotError(
                f"a threshold for {label}: the model has no class {label!r}; its classes are {', '.join(classes)}"
            )
    for value in (common, *own.values()):
        if not 0 <= value <= 1:
            raise EarshotError(f"a threshold of {value}: expected a probability, from 0 to 1")
    return np.array([own.get(label, math.inf if label in reject else common) for label in classes])


def read_thresholds(texts: Sequence[str]) -> tuple[float, dict[str, float]]:
    """The threshold of all classes, and those of single ones, of texts: `0.8`, or `dog=0.9`."""
    common, own = THRESHOLD, {}
    for text in texts:
        label, separator, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            raise EarshotError(
                f"--threshold {text}: expected a probability, 0.8, or a class and its own, dog=0.8"
            ) from None
        if separator:
            own[label] = value
        else:
            common = value
    return common, own


def events_of(
    scores: Iterable[Scores],
    *,
    classes: Sequence[str],
    thresholds: NDArray[np.float64],
    merge_gap: int = 0,
    top: int | None = None,
) -> list[Event]:
    """The events of a recording, in the order of their starts.

    scores : of its windows, in order
    thresholds : from which probability on each class counts, shape (classes,)
    merge_gap : samples between two windows of a class that are joined all the same
    top : how many classes of a window count at most, the likeliest; None for all
    """
    finished: list[Event] = []
    at_work: dict[int, Event] = {}  # by class, the event that a window may still be joined to
    for starts, ends, probabilities in scores:
        counts = probabilities >= thresholds.astype(probabilities.dtype)  # (windows, classes)
        if top is not None:
            counts &= ranks(probabilities) < top
        for window, place in np.argwhere(counts):
            start, end = int(starts[window]), int(ends[window])
            score = float(probabilities[window, place])
            event = at_work.get(place)
            if event is not None and start - event.end <= merge_gap:
                at_work[place] = event._replace(
                    end=end, score=max(event.score, score), windows=event.windows + 1
                )
                continue
            if event is not None:
                finished.append(event)
            at_work[place] = Event(start, end, classes[place], score, 1)
    order = {label: place for place, label in enumerate(classes)}
    return sorted([*finished, *at_work.values()], key=lambda event: (event.start, order[event.label]))


def ranks(probabilities: NDArray[np.float32]) -> NDArray[np.int64]:
    """The place of each class among those of its window, 0 for the likeliest. (windows, classes)"""
    order = np.argsort(-probabilities, axis=1, kind="stable")
    return np.argsort(order, axis=1, kind="stable")
