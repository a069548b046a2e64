"""Write a trained model's embeddings of files, the numbers before its last layer: one row a clip."""

import csv
import io
import logging
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earshot.cli.predict import find_files, read_chunks
from earshot.config.inputs import kind_of
from earshot.core.errors import EarshotError, list_problems
from earshot.core.io import write_bytes
from earshot.core.text import in_spreadsheet, printable

log = logging.getLogger(__name__)

Write = Callable[[Sequence[str], NDArray[np.float64], NDArray[np.float32]], bytes]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("sources", metavar="FILE_OR_FOLDER", nargs="+", help="folders are searched whole")
    parser.add_argument(
        "--model", metavar="MODEL_DIR", required=True, help="a folder that the stage train wrote"
    )
    parser.add_argument("--out", metavar="OUT", required=True, help="a file ending in .csv or .npz")
    parser.add_argument(
        "--run",
        metavar="K",
        type=int,
        default=1,
        help="the run of the model, from 1, whose embedding it is: two runs have nothing in common (1)",
    )


def main(arguments: Namespace) -> None:
    """Write the file. What cannot be read is left out and named, and the exit status is 1."""
    out = Path(arguments.out)
    write = WRITERS.get(out.suffix.lower())
    if write is None:
        raise EarshotError(
            f"--out {out}: expected a name ending in {' or '.join(WRITERS)}. Of a table, "
            "`pandas.read_csv(...).to_parquet(...)` makes Parquet where pyarrow is installed"
        )
    from earshot.models import saved  # imports torch, which the processes below do not need
    from earshot.training.batches import clips_of
    from earshot.training.embed import embed

    model, card = saved.load(arguments.model, arguments.run)
    files = find_files(arguments.sources, kind=kind_of(card.input))
    paths: list[str] = []
    starts, embeddings, problems = [], [], []
    for shard in read_chunks(files, card, description="embed"):
        for file in shard:
            if file.clips is None:
                problems.append(str(file.problem))
                continue
            paths += [printable(file.path)] * len(file.clips)
            starts.append(file.starts)
            embeddings.append(embed(model, clips_of(file.clips, np.zeros(len(file.clips)))))
    if embeddings:
        content = write(paths, np.concatenate(starts), np.concatenate(embeddings))
        write_bytes(out, content)
        log.info(
            "%s: %d clips of %d files, %d numbers each",
            out,
            len(paths),
            len(embeddings),
            embeddings[0].shape[1],
        )
    if problems:
        raise list_problems(
            f"{len(problems)} of {len(files)} files could not be read, and are left out:", problems
        )


def csv_bytes(paths: Sequence[str], starts: NDArray[np.float64], embeddings: NDArray[np.float32]) -> bytes:
    """A table: `path, start_s`, and a column for each number, `0`, `1`, …"""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["path", "start_s", *range(embeddings.shape[1])])
    for path, start, numbers in zip(paths, starts.tolist(), embeddings, strict=True):
        # of a number the fewest digits that give the float32
        writer.writerow([in_spreadsheet(path), start, *map(str, numbers)])
    return text.getvalue().encode()


def npz_bytes(paths: Sequence[str], starts: NDArray[np.float64], embeddings: NDArray[np.float32]) -> bytes:
    """Arrays called `path`, `start_s` and `embedding`, a row a clip."""
    buffer = io.BytesIO()
    np.savez(buffer, path=np.array(paths), start_s=starts, embedding=embeddings)
    return buffer.getvalue()


WRITERS: dict[str, Write] = {".csv": csv_bytes, ".npz": npz_bytes}
