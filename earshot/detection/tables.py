"""Tables of windows and of events, as spreadsheets and programs, Raven and Audacity read them.

Times are in seconds of the recording. `dataset/segment_tables.py` reads those of Raven and Audacity back as labels.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from earshot.config.base import Channel
from earshot.config.features import Features
from earshot.core.text import printable
from earshot.detection.events import Event, ranks
from earshot.detection.windows import Grid, Scores

Row = dict[str, Any]

WINDOW = ("path", "start_s", "end_s", "label", "probability")
EVENT = ("path", "start_s", "end_s", "label", "score", "windows")
RAVEN = (
    *("Selection", "View", "Channel", "Begin Time (s)", "End Time (s)", "Low Freq (Hz)", "High Freq (Hz)"),
    *("Begin Path", "File Offset (s)", "Label", "Score", "Windows"),
)


def window_rows(
    path: str, scores: Iterable[Scores], *, classes: Sequence[str], grid: Grid, top: int | None = None
) -> Iterator[Row]:
    """A row a window, with the likeliest class and the probability of each.

    top : so many rows a window in its place, each of a class and its probability, the likeliest first
    """
    for starts, ends, probabilities in scores:
        places = ranks(probabilities).argsort(axis=1)[:, : top or 1]  # (windows, top)
        for start, end, row, best in zip(starts.tolist(), ends.tolist(), probabilities, places, strict=True):
            of_classes = {} if top else {label: _short(p) for label, p in zip(classes, row, strict=True)}
            for place in best:
                yield {
                    **_times(path, start, end, grid),
                    "label": classes[place],
                    "probability": _short(row[place]),
                    **of_classes,
                }


def event_rows(path: str, events: Iterable[Event], *, grid: Grid) -> Iterator[Row]:
    """A row an event."""
    for event in events:
        about = {"label": event.label, "score": _short(event.score), "windows": event.windows}
        yield _times(path, event.start, event.end, grid) | about


def write_raven(
    file: BinaryIO, recordings: Iterable[tuple[float, Iterable[Row]]], *, features: Features
) -> None:
    """A selection table. Of several recordings it is for Raven's view of them one behind another, in this order.

    recordings : of each how many seconds it lasts, and the rows of its events

    The frequencies are those that the model hears: it does not tell where between them an event lies.
    """
    high = features.fmax or features.sample_rate / 2
    band = [f"{features.fmin:.1f}", f"{high:.1f}"]
    channel = _channel_number(features.channel)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    # a cell with quotes in it stands in quotes: as it is, most readers of tables would take it for another
    table = csv.writer(text, delimiter="\t", lineterminator="\n")
    table.writerow(RAVEN)
    number, before_s = 0, 0.0  # how long the recordings before last
    for lasts_s, rows in recordings:
        for row in rows:
            number += 1
            span = [_seconds(before_s + row["start_s"]), _seconds(before_s + row["end_s"])]
            about = [
                row["path"],
                _seconds(row["start_s"]),
                printable(row["label"]),
                row["score"],
                row["windows"],
            ]
            table.writerow([number, "Spectrogram 1", channel, *span, *band, *about])
        before_s += lasts_s
    text.detach()  # leaves the file open


def write_audacity(file: BinaryIO, rows: Iterable[Row]) -> None:
    """A label track: start, end and label of each event. One without events is empty."""
    for row in rows:
        line = [_seconds(row["start_s"]), _seconds(row["end_s"]), printable(row["label"])]
        file.write("\t".join(line).encode() + b"\n")


def _times(path: str, start: int, end: int, grid: Grid) -> Row:
    return {
        "path": printable(path),
        "start_s": round(start / grid.sample_rate, 6),
        "end_s": round(end / grid.sample_rate, 6),
    }


def _short(probability: float) -> float:
    """Six digits of a probability: a table of a night has a million of them."""
    return float(f"{float(probability):.6g}")


def _seconds(seconds: float) -> str:
    return f"{seconds:.6f}"


def _channel_number(channel: Channel) -> int:
    """The channel of a selection, counted from 1; of a mean of channels the first."""
    return {"mix": 1, "left": 1, "right": 2}[channel] if isinstance(channel, str) else channel
