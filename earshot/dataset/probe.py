"""Every item of the data set opened once, so that what is bad is known before anything expensive starts."""

import pandas as pd

from earshot.core.errors import EarshotError, list_problems
from earshot.reading.arrays import read_array
from earshot.reading.members import content_hash, source_of
from earshot.reading.pictures import brightness_of, open_picture
from earshot.reading.sounds import probe_sound
from earshot.store.executor import chunks, map_shards

CHUNK = 64  # files that a worker opens before it reports


def probe_picture(path, **part):
    """What opening a picture tells: width and height in pixels, Pillow's mode."""
    _whole(path, part)
    picture = open_picture(path)
    brightness_of(picture, name=path)
    return {"width": picture.width, "height": picture.height, "mode": picture.mode}


def probe_spectrogram(path, **part):
    """What reading a spectrogram tells: its frames as width, its bands as height."""
    _whole(path, part)
    bands, frames = read_array(path, name=path).shape
    return {"width": frames, "height": bands}


def probe_item_sound(path, **part):
    """What decoding a sound tells: duration_s, sample_rate, channels, and whether it is silent."""
    told = probe_sound(source_of(path), name=path, **part)
    return {key: told[key] for key in ("duration_s", "sample_rate", "channels", "silent")}


def _whole(path, part):
    if any(seconds is not None for seconds in part.values()):
        raise EarshotError(f"{path}: start_s and end_s are for sounds alone; leave these columns out")


PROBES = {"pictures": probe_picture, "sounds": probe_item_sound, "spectrograms": probe_spectrogram}


def probe(items, *, kind):
    """Open every item on all cores, each file by one worker.

    items : DataFrame with `path`, and `start_s`, `end_s` where items are parts of files
    Returns a DataFrame of the items' rows with what opening them told, and `hash`, the file's SHA-256.
    Raises one EarshotError that lists every bad file.
    """
    parts = items.reindex(columns=["path", "start_s", "end_s"]).astype(object)
    parts = parts.where(parts.notna(), None)
    files = [
        (path, kind, rows[["start_s", "end_s"]].to_dict("records"), list(rows.index))
        for path, rows in parts.groupby("path", sort=False)
    ]
    shards = list(chunks(files, CHUNK))
    sizes = [sum(len(places) for *_, places in shard) for shard in shards]
    told = {}
    for rows in map_shards(_probe_chunk, shards, sizes=sizes, description="index", here=True):
        for place, row in rows:
            told[place] = row
    told = [told[place] for place in range(len(items))]
    if bad := [row["problem"] for row in told if "problem" in row]:
        heading = f"{len(bad)} of {len(items)} items cannot be used; mend or remove them:"
        raise list_problems(heading, list(dict.fromkeys(bad)))
    return pd.concat([items.reset_index(drop=True), pd.DataFrame(told)], axis=1)


def _probe_chunk(files):
    return [row for file in files for row in _probe_file(*file)]


def _probe_file(path, kind, parts, places):
    """(place in the table, what was told) for each part of one file."""
    told = []
    try:
        known = {"hash": content_hash(path)}
    except (EarshotError, OSError) as error:
        problem = str(error) if isinstance(error, EarshotError) else f"{path}: {error.strerror}"
        return [(place, {"problem": problem}) for place in places]
    for place, part in zip(places, parts, strict=True):
        try:
            told.append((place, known | PROBES[kind](path, **part)))
        except EarshotError as error:
            told.append((place, {"problem": str(error)}))
    return told
