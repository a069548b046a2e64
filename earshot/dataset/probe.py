"""Every item of the data set opened once, so that what is bad is known before anything expensive starts."""

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias

import pandas as pd

from earshot.config.base import Channel, Kind, White
from earshot.core.chunks import chunks
from earshot.core.errors import EarshotError, list_problems
from earshot.dataset.links import broken_link, is_broken_link
from earshot.reading.arrays import read_array
from earshot.reading.margins import margins_of
from earshot.reading.members import content_hash, source_of
from earshot.reading.pictures import brightness_of, is_deep, open_picture
from earshot.reading.sounds import probe_sound
from earshot.store.executor import map_shards

log = logging.getLogger(__name__)

FAINT = 1 / 8  # of white: the most that 12 bits of 16 reach is a sixteenth
CHUNK = 64  # files that a worker opens before it reports


class Reading(NamedTuple):
    """How files are read."""

    channel: Channel = "mix"  # of sounds
    white: White = "file"  # of pictures, as `brightness_of` takes it


READ_PLAINLY = Reading()


# What opening an item gave, by column; under `problem` why it cannot be used.
Row: TypeAlias = dict[str, Any]
Segment: TypeAlias = tuple[float | None, float | None]  # start_s, end_s
# A file's path, the data set's kind, how it is read, its segments, and the place of each one's item in the table.
ItemsOfFile: TypeAlias = tuple[str, Kind, Reading, list[Segment], list[int]]


class Probe(Protocol):
    def __call__(self, path: str, *, start_s: float | None, end_s: float | None, reading: Reading) -> Row: ...


def probe_picture(
    path: str, *, start_s: float | None = None, end_s: float | None = None, reading: Reading = READ_PLAINLY
) -> Row:
    """The width and height of a picture in pixels, Pillow's mode, and whether it uses a small part of its range."""
    _refuse_segment(path, start_s, end_s)
    picture = open_picture(path)
    brightest = float(brightness_of(picture, name=path, white=reading.white).max())
    return {
        "width": picture.width,
        "height": picture.height,
        "mode": picture.mode,
        "faint": is_deep(picture) and 0 < brightest < FAINT,
    }


def probe_spectrogram(
    path: str, *, start_s: float | None = None, end_s: float | None = None, reading: Reading = READ_PLAINLY
) -> Row:
    """A spectrogram's frames as width, its bands as height, and the margins of a drawn one."""
    _refuse_segment(path, start_s, end_s)
    if path.lower().endswith(".npy"):
        bands, frames = read_array(path, name=path).shape
        return {"width": frames, "height": bands}
    picture = open_picture(path)
    brightness_of(picture, name=path)
    margins = {f"margin_{side}": share for side, share in margins_of(picture)._asdict().items()}
    return {"width": picture.width, "height": picture.height, **margins}


def probe_item_sound(
    path: str, *, start_s: float | None = None, end_s: float | None = None, reading: Reading = READ_PLAINLY
) -> Row:
    """The duration_s, sample_rate, channels and decoder of a sound, whether it is silent and its channels cancel."""
    sound = probe_sound(source_of(path), name=path, start_s=start_s, end_s=end_s, channel=reading.channel)
    return {
        key: sound[key] for key in ("duration_s", "sample_rate", "channels", "decoder", "silent", "cancels")
    }


def _refuse_segment(path: str, start_s: float | None, end_s: float | None) -> None:
    if start_s is not None or end_s is not None:
        raise EarshotError(f"{path}: start_s and end_s are for sounds alone; leave these columns out")


PROBES: Mapping[Kind, Probe] = {
    "pictures": probe_picture,
    "sounds": probe_item_sound,
    "spectrograms": probe_spectrogram,
}


def probe(items: pd.DataFrame, *, kind: Kind, reading: Reading = READ_PLAINLY) -> pd.DataFrame:
    """Open every item on all cores, each file by one worker.

    items : DataFrame with `path`, and `start_s`, `end_s` where items are segments of files
    reading : how files are read
    Returns the items with the columns that opening them gave, and `hash`, the file's SHA-256.
    Raises one EarshotError that lists every bad file.
    """
    segments = items.reindex(columns=["path", "start_s", "end_s"]).astype(object)
    segments = segments.where(segments.notna(), None)
    files: list[ItemsOfFile] = [
        (
            str(path),
            kind,
            reading,
            list(zip(table["start_s"], table["end_s"], strict=True)),
            list(table.index),
        )
        for path, table in segments.groupby("path", sort=False)
    ]
    shards = list(chunks(files, CHUNK))
    sizes = [sum(len(places) for *_, places in shard) for shard in shards]
    by_place: dict[int, Row] = {}
    for results in map_shards(_probe_chunk, shards, sizes=sizes, description="index", here=True):
        by_place.update(results)
    rows = [by_place[place] for place in range(len(items))]
    if bad := [row["problem"] for row in rows if "problem" in row]:
        heading = f"{len(bad)} of {len(items)} items cannot be used; mend or remove them:"
        raise list_problems(heading, list(dict.fromkeys(bad)))
    return pd.concat([items.reset_index(drop=True), pd.DataFrame(rows)], axis=1)


def _probe_chunk(files: list[ItemsOfFile]) -> list[tuple[int, Row]]:
    return [row for file in files for row in _probe_file(*file)]


def _probe_file(
    path: str, kind: Kind, reading: Reading, segments: list[Segment], places: list[int]
) -> list[tuple[int, Row]]:
    """(place in the table, row) for each segment of one file."""
    rows: list[tuple[int, Row]] = []
    try:
        hashed = {"hash": content_hash(path)}
    except (EarshotError, OSError) as error:
        problem = str(error) if isinstance(error, EarshotError) else f"{path}: {error.strerror}"
        if is_broken_link(path):
            problem = f"{path}: {broken_link(path)}"
        return [(place, {"problem": problem}) for place in places]
    for place, (start_s, end_s) in zip(places, segments, strict=True):
        try:
            rows.append((place, hashed | PROBES[kind](path, start_s=start_s, end_s=end_s, reading=reading)))
        except EarshotError as error:
            rows.append((place, {"problem": str(error)}))
    return rows


def without_doubts(items: pd.DataFrame) -> pd.DataFrame:
    """The items without the columns `silent`, `cancels` and `faint`; the console is told of how many they are true."""
    none = pd.Series(False, index=items.index)
    silent, cancels, faint = (
        items.get(column, none).astype(bool) for column in ("silent", "cancels", "faint")
    )
    _tell(items[silent & ~cancels], "%d silent sound(s) kept, %s among them")
    _tell(
        items[cancels],
        "%d sound(s) of which mixing leaves next to nothing, as their channels cancel, %s among them; set "
        "features.channel to left, right or a number",
    )
    _tell(
        items[faint],
        "%d picture(s) of more than 8 bits hold nothing brighter than an eighth of white, %s among them, and are "
        "nearly black to a model. White is 65535 in 16 and 32 bits, 1.0 in floats. Set sonify.white: data, and the "
        "brightest of each picture is white, or the value that is white, 4095 for a 12-bit camera",
    )
    return items.drop(columns=["silent", "cancels", "faint"], errors="ignore")


def _tell(items: pd.DataFrame, message: str) -> None:
    if len(items):
        log.warning(message, len(items), ", ".join(items["id"][:5]))
