"""Scores of recordings that are through, kept on disk: not scored again after a kill, or for another threshold.

A recording's scores are float32, shape (windows, classes), in a file of numbers alone, whose name is a hash of all that
they hang on: the model, the runs, the grid, and the recording by its path, size and time of change. Behind them stands
the sample at which the last window ends, as an int64.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from earshot.core.io import writing
from earshot.detection.windows import BATCH, Grid, Scores
from earshot.models.card import CARD

FOLDER = ".scores"
FOOT = 8  # bytes of the int64


def model_hash(folder: Path | str, runs: Sequence[int], grid: Grid) -> str:
    """A hash of what the scores of every recording hang on."""
    from earshot.models.saved import weights_file  # imports torch

    sha = hashlib.sha256(json.dumps([list(runs), grid.length, grid.hop, grid.sample_rate]).encode())
    for name in (CARD, *map(weights_file, runs)):
        sha.update((Path(folder) / name).read_bytes())
    return sha.hexdigest()


def kept_file(out: Path, recording: str, *, model: str) -> Path:
    """Where the scores of a recording lie below the folder of the results.

    model : as `model_hash` gives it
    """
    about = Path(recording).stat()
    state = json.dumps([model, str(Path(recording).absolute()), about.st_size, about.st_mtime_ns])
    return out / FOLDER / f"{hashlib.sha256(state.encode()).hexdigest()[:32]}.f32"


def keep(path: Path, scores: Iterable[Scores]) -> None:
    """Write the scores as they come; the file is there once all of them are."""
    with writing(path) as file:
        end = 0
        for _, ends, probabilities in scores:
            file.write(np.ascontiguousarray(probabilities, "<f4").data)
            end = int(ends[-1])
        file.write(end.to_bytes(FOOT, "little"))


def read_kept(path: Path, *, grid: Grid, classes: int) -> Iterator[Scores]:
    """The scores as they were given, a batch at a time."""
    with path.open("rb") as file:
        left = file.seek(-FOOT, os.SEEK_END)
        end = int.from_bytes(file.read(FOOT), "little")
        file.seek(0)
        start = 0
        while left:
            content = file.read(min(left, BATCH * classes * 4))
            left -= len(content)
            probabilities = np.frombuffer(content, "<f4").reshape(-1, classes)
            starts = start + grid.hop * np.arange(len(probabilities))
            yield Scores(starts, np.minimum(starts + grid.length, end), probabilities)
            start += grid.hop * len(probabilities)
