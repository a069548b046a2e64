"""Scores of recordings that are through, kept on disk: not scored again after a kill, or for another threshold.

A recording's scores are float32, shape (windows, classes), in a file whose name is a hash of all that they hang on: the
model, the runs, the grid, and the recording by its path, size and time of change. Behind them stands a `Foot` as JSON,
and how many bytes that has as an int64.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from earshot.core.errors import EarshotError
from earshot.core.io import writing
from earshot.dataset.links import broken_link, is_broken_link
from earshot.detection.windows import BATCH, Grid, Scores, UntilDamage
from earshot.models.card import CARD, weights_file

FOLDER = ".scores"
SIZE = 8  # bytes of the int64


class Foot(NamedTuple):
    """What is known of a recording's scores.

    end : the sample at which the last window ends
    problem : what is wrong behind that; None where the recording ends there
    """

    end: int
    problem: str | None


def model_hash(folder: Path | str, runs: Sequence[int], grid: Grid) -> str:
    """A hash of what the scores of every recording hang on."""
    sha = hashlib.sha256(json.dumps([list(runs), grid.length, grid.hop, grid.sample_rate]).encode())
    for name in (CARD, *map(weights_file, runs)):
        sha.update((Path(folder) / name).read_bytes())
    return sha.hexdigest()


def scores_file(out: Path, recording: str, *, model: str) -> Path:
    """Where the scores of a recording lie below the folder of the results.

    model : as `model_hash` gives it

    A recording that changes has another place from then on.
    Raises EarshotError for one that is not there.
    """
    if is_broken_link(recording):
        raise EarshotError(f"{recording}: {broken_link(recording)}")
    try:
        about = Path(recording).stat()
    except OSError as error:
        raise EarshotError(f"{recording}: cannot be read ({error.strerror})") from None
    state = json.dumps([model, str(Path(recording).absolute()), about.st_size, about.st_mtime_ns])
    return out / FOLDER / f"{hashlib.sha256(state.encode()).hexdigest()[:32]}.scores"


def keep(path: Path, scores: Iterable[Scores]) -> None:
    """Write the scores as they come; the file is there once all of them are.

    Of a recording that is damaged they are those of the windows before, and the problem stands beside them. What this
    raises is that the file cannot be written.
    """
    heard = UntilDamage(scores)
    with writing(path) as file:
        end = 0
        for _, ends, probabilities in heard:
            file.write(np.ascontiguousarray(probabilities, "<f4").data)
            end = int(ends[-1])
        foot = json.dumps(Foot(end, str(heard.problem) if heard.problem else None)._asdict()).encode()
        file.write(foot + len(foot).to_bytes(SIZE, "little"))


def read_foot(path: Path) -> Foot:
    """Where the scores end, and why."""
    with path.open("rb") as file:
        return _foot(file)[0]


def read_scores(path: Path, *, grid: Grid, classes: int) -> Iterator[Scores]:
    """The scores as they were given, a batch at a time."""
    with path.open("rb") as file:
        foot, left = _foot(file)
        file.seek(0)
        start = 0
        while left:
            content = file.read(min(left, BATCH * classes * 4))
            left -= len(content)
            probabilities = np.frombuffer(content, "<f4").reshape(-1, classes)
            starts = start + grid.hop * np.arange(len(probabilities))
            yield Scores(starts, np.minimum(starts + grid.length, foot.end), probabilities)
            start += grid.hop * len(probabilities)


def _foot(file: BinaryIO) -> tuple[Foot, int]:
    """The foot of an open file, and how many bytes of scores stand before it."""
    before = file.seek(-SIZE, os.SEEK_END)
    size = int.from_bytes(file.read(SIZE), "little")
    file.seek(before - size)
    return Foot(**json.loads(file.read(size))), before - size
