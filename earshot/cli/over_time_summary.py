"""How far a prediction over time is, and what was heard in all recordings once it is through."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tqdm import tqdm

from earshot.cli.rows import Row
from earshot.detection.results import Results
from earshot.detection.windows import Grid, Scores
from earshot.reading.sound_blocks import header_duration_s

log = logging.getLogger(__name__)


def progress_bar(files: Sequence[str], *, wanted: bool = True) -> "tqdm[Any]":
    """A progress bar that counts seconds of sound."""
    total = sum(header_duration_s(file, name=file) for file in files)
    return tqdm(total=round(total) or None, desc="predict", unit="s", disable=None if wanted else True)


def on_bar(scores: Iterable[Scores], grid: Grid, bar: "tqdm[Any]") -> Iterator[Scores]:
    """The scores of one recording, shown as they pass."""
    so_far_s = 0
    for batch in scores:
        yield batch
        heard_s = int(batch.ends[-1]) // grid.sample_rate
        bar.update(heard_s - so_far_s)
        so_far_s = heard_s


@dataclass
class Summary:
    """What was heard in all recordings.

    reused : recordings whose scores were there already
    labels : how many rows each class has
    """

    results: Results
    recordings: int = 0
    reused: int = 0
    windows: int = 0
    samples: int = 0
    labels: Counter[str] = field(default_factory=Counter)

    def counted(self, scores: Iterable[Scores]) -> Iterator[Scores]:
        """The scores of one recording, counted as they pass."""
        end = 0
        for batch in scores:
            self.windows += len(batch.starts)
            end = int(batch.ends[-1])
            yield batch
        self.recordings, self.samples = self.recordings + (end > 0), self.samples + end

    def noted(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows, counted by their classes as they pass."""
        for row in rows:
            self.labels[row["label"]] += 1
            yield row

    def log(self) -> None:
        grid = self.results.grid
        log.info(
            "%d recording(s), %.2f hours: %d windows of %.4g s, one each %.4g s%s",
            self.recordings,
            self.samples / grid.sample_rate / 3600,
            self.windows,
            grid.length_s,
            grid.hop_s,
            f"; {self.reused} had their scores already" if self.reused else "",
        )
        counts = ", ".join(
            f"{label} {self.labels[label]}" for label in self.results.classes if self.labels[label]
        )
        log.info("%s: %s", "events" if self.results.events else "rows", counts or "none")
