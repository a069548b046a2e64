"""What is wanted of a recording's scores: a row a window, or a row an event."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earshot.detection.events import events_of
from earshot.detection.tables import EVENT, WINDOW, Row, event_rows, window_rows
from earshot.detection.windows import Grid, Scores


@dataclass(frozen=True)
class Results:
    """What a table holds.

    classes : the model's
    events : whether a row is an event, and not a window
    thresholds : the probability from which on each class counts, shape (classes,)
    merge_gap : in samples, between windows that are joined
    top : how many classes of a window count, the likeliest; None for all
    """

    classes: list[str]
    grid: Grid
    events: bool
    thresholds: NDArray[np.float64]
    merge_gap: int
    top: int | None

    @property
    def columns(self) -> list[str]:
        if self.events:
            return list(EVENT)
        return [*WINDOW, *([] if self.top else self.classes)]

    def rows(self, path: str, scores: Iterable[Scores]) -> Iterator[Row]:
        """The rows of one recording.

        path : what the column of that name says
        """
        if not self.events:
            return window_rows(path, scores, classes=self.classes, grid=self.grid, top=self.top)
        events = events_of(
            scores,
            classes=self.classes,
            thresholds=self.thresholds,
            merge_gap=self.merge_gap,
            top=self.top,
        )
        return event_rows(path, events, grid=self.grid)
