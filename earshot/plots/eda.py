"""Counts, lengths and sizes of a data set, from its index, as numbers and as tables that DVC draws."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.config.base import Kind
from earshot.config.features import Features
from earshot.core.classes import class_order
from earshot.signal.stft import frame_count

BINS = 20
NARROWEST_S = 0.001  # of a bin: what its name tells apart
MOST = 30  # bars of one drawing
SPAN_S = "duration_s"
CONTENT = {"hash", "start_s", "end_s"}  # equal in all of them is the same content twice
# Of each kind, the distributions and the columns of the index that they count.
SIZES: dict[Kind, dict[str, tuple[str, ...]]] = {
    "pictures": {"sizes": ("width", "height"), "modes": ("mode",)},
    "sounds": {"sample_rates": ("sample_rate",), "channels": ("channels",)},
    "spectrograms": {"sizes": ("width", "height")},  # frames, bands
}


def describe(index: pd.DataFrame, *, kind: Kind, features: Features) -> dict[str, int | float]:
    """The data set in flat numbers, for `metrics/eda.json`.

    index : data/index.csv; columns that a kind or an older index lacks are left out
    """
    per_class = index["label"].value_counts()
    numbers: dict[str, int | float] = {
        "items": len(index),
        "classes": len(per_class),
        "groups": int(index["group"].nunique()),
        "duplicates": int(index.duplicated(CONTENT & set(index)).sum()),
        "smallest_class": int(per_class.min()),
        "largest_class": int(per_class.max()),
        "largest_group": int(index["group"].value_counts().max()),
    }
    if kind == "sounds" and SPAN_S in index:
        lengths = index[SPAN_S].to_numpy(dtype=float)
        numbers["duration_s_total"] = round(float(lengths.sum()), 3)
        for name, percent in (("min", 0), ("p5", 5), ("median", 50), ("p95", 95), ("max", 100)):
            numbers[f"duration_s_{name}"] = round(float(np.percentile(lengths, percent)), 4)
        numbers["covered_share"] = round(float(covered(lengths, features).mean()), 6)
        if (reach := covered_s(features)) is not None:
            numbers["covered_s"] = reach
    for columns in SIZES[kind].values():
        for column in columns:
            if column in index and column != "mode":
                numbers[f"{column}_min"] = int(index[column].min())
                numbers[f"{column}_max"] = int(index[column].max())
    return numbers


def tables(index: pd.DataFrame, *, kind: Kind, features: Features) -> dict[str, pd.DataFrame]:
    """The distributions that apply to the kind, for `plots/eda`.

    Returns, by name, DataFrames `value, count`, one row a bar, in the order to draw. Durations have `share` too, of
    the items up to the bar's end, and `covered`, whether features.frames holds a sound of that length.
    """
    labels = index["label"].value_counts()
    charts = {
        "classes": _bars((label, labels[label]) for label in class_order(index["label"])),
        "groups": _bars(
            _commonest(
                [
                    (f"{size} item{'' if size == 1 else 's'}", count)
                    for size, count in index["group"].value_counts().value_counts().sort_index().items()
                ]
            )
        ),
    }
    if kind == "sounds" and SPAN_S in index:
        charts["durations"] = durations(index[SPAN_S].to_numpy(dtype=float), reach=covered_s(features))
    for name, columns in SIZES[kind].items():
        if set(columns) <= set(index):
            counted = index.groupby(list(columns), sort=True).size()
            charts[name] = _bars(_commonest([(_joined(value), count) for value, count in counted.items()]))
    return charts


def durations(lengths: NDArray[np.float64], *, reach: float | None = None) -> pd.DataFrame:
    """A histogram of durations with a bin's edge where the frames end.

    lengths : seconds
    reach : as `covered_s` gives it
    """
    low, high = lengths.min(), lengths.max()
    width = max((high - low) / BINS, NARROWEST_S) if high > low else 1.0
    anchor = low if reach is None else reach
    first = math.floor((low - anchor) / width)
    last = max(math.floor((high - anchor) / width) + 1, first + 1)
    edges = anchor + width * np.arange(first, last + 1)
    counts, _ = np.histogram(lengths, edges)
    whole = [reach is None or number < 0 for number in range(first, last)]
    names = [
        f"{max(start, 0):.3f} to {end:.3f} s{'' if is_whole else ', cut'}"
        for start, end, is_whole in zip(edges[:-1], edges[1:], whole, strict=True)
    ]
    table = _bars(zip(names, counts, strict=True))
    table["share"] = (np.cumsum(counts) / len(lengths)).round(4)
    table["covered"] = ["yes" if is_whole else "no" for is_whole in whole]
    return table


def covered_s(features: Features) -> float | None:
    """How long a sound may be, exclusive, to lie in features.frames whole; None where it takes any.

    A sound that is cut into clips lies there whole when each clip does.
    """
    if features.frames is None or (features.clip_s is not None and covered(features.clip_s, features)):
        return None
    return features.frames * features.hop_length / features.sample_rate


def covered(lengths: float | NDArray[np.float64], features: Features) -> NDArray[np.bool_]:
    """Whether the frames hold each sound, or its clips, whole.

    lengths : seconds
    """
    lengths = np.asarray(lengths, dtype=float)
    if features.frames is None:
        return np.ones(lengths.shape, dtype=bool)
    if features.clip_s is not None:
        lengths = np.minimum(lengths, features.clip_s)
    samples = np.ceil(np.round(lengths * features.sample_rate, 6)).astype(np.int64)
    frames = frame_count(samples, n_fft=features.n_fft, hop_length=features.hop_length)
    return frames <= features.frames


def _bars(pairs: Iterable[tuple[Any, int]]) -> pd.DataFrame:
    return pd.DataFrame([(str(value), int(count)) for value, count in pairs], columns=["value", "count"])


def _commonest(pairs: Sequence[tuple[str, int]]) -> Sequence[tuple[str, int]]:
    """The pairs in their order, or the MOST of the highest counts and one of all others together."""
    if len(pairs) <= MOST:
        return pairs
    ranked = sorted(pairs, key=lambda pair: -pair[1])
    others = ranked[MOST:]
    return [*ranked[:MOST], (f"{len(others)} others", sum(count for _, count in others))]


def _joined(value: Any) -> str:
    return " × ".join(f"{number}" for number in value) if isinstance(value, tuple) else f"{value}"
