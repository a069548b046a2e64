"""Tell what a trained model takes files for: one row a file, all probabilities, means over the model's runs.

The means are calibrated by the model's temperature.
"""

import logging
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from earshot.api.folders import check_model_folder
from earshot.cli import decide, over_time
from earshot.cli.over_time_tables import PROGRAMS
from earshot.cli.rows import WRITERS, Row
from earshot.config.base import Kind
from earshot.config.inputs import ModelInput, kind_of
from earshot.core.chunks import chunks
from earshot.core.errors import EarshotError
from earshot.core.ordering import natural_key
from earshot.core.text import printable
from earshot.dataset.files import ENDINGS
from earshot.dataset.links import files_below
from earshot.embedding.view_files import stays_here
from earshot.embedding.workers import as_run_here, check_runtime
from earshot.features.extract import arrays_of, check_shape
from earshot.models.card import ModelCard
from earshot.store.executor import each_shard, for_workers

if TYPE_CHECKING:
    from earshot.models.normalization import Normalized

CHUNK = 32

log = logging.getLogger(__name__)


class ReadFile(NamedTuple):
    """A file as a model sees it.

    clips : (clips, bands, frames), or None where it cannot be read
    starts : the second at which each clip starts
    problem : what is wrong with it
    """

    path: str
    clips: NDArray[np.float32] | None
    starts: NDArray[np.float64]
    problem: str | None


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL_DIR", help="a folder that the stage train wrote")
    parser.add_argument("sources", metavar="FILE_OR_FOLDER", nargs="+", help="folders are searched whole")
    parser.add_argument(
        "--run",
        metavar="K",
        type=int,
        help="ask one run of the model, from 1, whose probabilities are not calibrated; all of them unless named",
    )
    parser.add_argument("--format", choices=[*WRITERS, *PROGRAMS], default="csv")
    decide.add_arguments(parser)
    over_time.add_arguments(parser)


def main(arguments: Namespace) -> None:
    """Write the rows to standard output. A bad file has its reason in `problem`, and the exit status is 1."""
    from earshot.models import saved  # imports torch, which the processes below do not need

    check_model_folder(arguments.model)
    models, card, runs, temperature = saved.load_runs(arguments.model, arguments.run)
    files = find_files(arguments.sources, kind=kind_of(card.input))
    if over_time.is_asked(arguments, card, files):
        if given := decide.asked(arguments):
            raise EarshotError(f"{given[0]} is for a row a file: add --no-per-clip")
        over_time.predict(arguments, models, card, runs=runs, temperature=temperature, files=files)
        return
    rows = decide.decide(predictions(models, card, files, temperature=temperature), arguments, card)
    columns = ["path", "predicted", "probability", *decide.columns(arguments), *card.classes, "problem"]
    bad = WRITERS[arguments.format](rows, columns, sys.stdout)
    if bad:
        raise EarshotError(f"{bad} of {len(files)} files could not be read: see the column problem")


def find_files(sources: Sequence[str], *, kind: Kind) -> list[str]:
    """The files to look at: those that are named, and those of the kind in the folders that are named.

    Of folders, hidden files and folders are left out, as they are of a data set.
    Returns a list of str without repeats, folders' files in natural order.
    """
    files: list[str] = []
    for source in map(Path, sources):
        if source.is_dir():
            inside, problems = files_below(source)
            for problem in problems:
                log.warning("left out: %s", problem)
            files += sorted(
                (str(path) for path in inside if path.suffix.lower() in ENDINGS[kind]), key=natural_key
            )
        elif source.exists():
            files.append(str(source))
        else:
            raise EarshotError(f"{source} does not exist; name files, or folders of them")
    if not files:
        endings = ", ".join(sorted(ENDINGS[kind]))
        raise EarshotError(
            f"{', '.join(sources)}: no file ending in {endings}, which is what this model takes"
        )
    return list(dict.fromkeys(files))


def predictions(
    models: Sequence["Normalized"], card: ModelCard, files: Sequence[str], *, temperature: float = 1.0
) -> Iterator[Row]:
    """Yields one dict a file: path, predicted, probability, a probability for each class, problem (None if well).

    models : the runs whose probabilities are averaged
    temperature : what the averages are calibrated by
    """
    from earshot.training.batches import clips_of
    from earshot.training.predict import predict_item

    classes = card.classes
    bar = not sys.stdout.isatty()  # where rows are seen as they come, a bar would stand among them
    for shard in read_chunks(files, card.input, card.input_shape, description="predict", bar=bar):
        for path, clips, _, problem in shard:
            row: Row = {
                "path": printable(path),
                "predicted": None,
                "probability": None,
                **dict.fromkeys(classes),
                "problem": None,
            }
            if clips is not None:
                seen = clips_of(clips, np.zeros(len(clips)))
                means = predict_item(models, seen, temperature=temperature)
                if means is not None:
                    best = int(means.argmax())
                    row |= {"predicted": classes[best], "probability": float(means[best])}
                    row |= dict(zip(classes, map(float, means), strict=True))
                else:
                    problem = f"{path}: the model's numbers overflow, and it gives no probabilities"
            yield row | {"problem": problem and printable(problem, keep="\n")}


def read_chunks(
    files: Sequence[str],
    model_input: ModelInput,
    shape: tuple[int, ...] | None,
    *,
    description: str,
    bar: bool = True,
) -> Iterator[list[ReadFile]]:
    """The arrays of files, some at a time, read on all cores or by a cluster.

    shape : of one clip that the trained model takes; None where no model is to take them
    bar : whether to show the progress on a terminal
    """
    model_input = as_run_here(model_input)
    shards = (
        ([(file, content_of(file)) for file in chunk], model_input, shape) for chunk in chunks(files, CHUNK)
    )
    return each_shard(
        read_chunk,
        shards,
        sizes=[min(CHUNK, len(files) - first) for first in range(0, len(files), CHUNK)],
        description=description,
        unit="file",
        here=stays_here(model_input),
        bar=bar,
    )


def read_chunk(
    task: tuple[list[tuple[str, str | bytes]], ModelInput, tuple[int, ...] | None],
) -> list[ReadFile]:
    """The arrays of a few files.

    task : the files, each its path and what it is read from, what the model reads, and the shape that it takes, if any
    """
    files, model_input, shape = task
    check_runtime(model_input)
    return [_read(path, content, model_input, shape) for path, content in files]


def content_of(file: str) -> str | bytes:
    """What a worker reads a file from; the path where even this process cannot read it, to be told in its row."""
    try:
        return for_workers(file)
    except EarshotError:
        return file


def _read(
    path: str, content: str | bytes, model_input: ModelInput, shape: tuple[int, ...] | None
) -> ReadFile:
    try:
        clips, starts = arrays_of(content, name=path, model_input=model_input)
        if shape is not None:
            check_shape(clips, shape, name=path)
    except EarshotError as error:
        return ReadFile(path, None, np.empty(0), str(error))
    return ReadFile(path, clips, starts, None)
