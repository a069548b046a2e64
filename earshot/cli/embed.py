"""Write a model's embeddings of files, one row a clip: of a trained model the numbers before its last layer, of a
pretrained file what it gives.
"""

import csv
import io
import logging
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from earshot.api.folders import check_model_folder
from earshot.cli.predict import find_files, read_chunks
from earshot.config.embedding import Embedding
from earshot.config.features import Features
from earshot.config.inputs import EmbeddingInput, ModelInput, kind_of
from earshot.config.load import StageParams
from earshot.core import paths
from earshot.core.errors import EarshotError, list_problems
from earshot.core.io import write_bytes
from earshot.core.text import in_spreadsheet, printable
from earshot.embedding.model_file import sha256_of
from earshot.embedding.settings import resolved

log = logging.getLogger(__name__)

Write = Callable[[Sequence[str], NDArray[np.float64], NDArray[np.float32]], bytes]


class Opened(NamedTuple):
    """A model that embeds.

    input : what its clips are made of
    shape : of a clip that it takes; None where the clips are what it has given
    embeddings : of clips, as `read_chunks` gives them, (clips, numbers)
    """

    input: ModelInput
    shape: tuple[int, ...] | None
    embeddings: Callable[[NDArray[np.float32]], NDArray[np.float32]]


class _Study(StageParams):
    embedding: Embedding


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("sources", metavar="FILE_OR_FOLDER", nargs="+", help="folders are searched whole")
    parser.add_argument(
        "--model",
        metavar="MODEL",
        required=True,
        help="a folder that the stage train wrote, or the file of a pretrained model (ONNX, TFLite)",
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
    is_file = Path(arguments.model).is_file()
    opened = pretrained(arguments.model) if is_file else trained(arguments.model, arguments.run)
    if is_file and arguments.run != 1:
        raise EarshotError(f"--run {arguments.run}: {arguments.model} is no trained model, and has no runs")
    files = find_files(arguments.sources, kind=kind_of(opened.input))
    names: list[str] = []
    starts, embeddings, problems = [], [], []
    for shard in read_chunks(files, opened.input, opened.shape, description="embed"):
        for file in shard:
            if file.clips is None:
                problems.append(str(file.problem))
                continue
            names += [printable(file.path)] * len(file.clips)
            starts.append(file.starts)
            embeddings.append(opened.embeddings(file.clips))
    if embeddings:
        content = write(names, np.concatenate(starts), np.concatenate(embeddings))
        write_bytes(out, content)
        log.info(
            "%s: %d clips of %d files, %d numbers each",
            out,
            len(names),
            len(embeddings),
            embeddings[0].shape[1],
        )
    if problems:
        raise list_problems(
            f"{len(problems)} of {len(files)} files could not be read, and are left out:", problems
        )


def trained(folder: str, run: int) -> Opened:
    """A run of a trained model."""
    from earshot.models import saved  # imports torch, which the processes that read files do not need
    from earshot.training.batches import clips_of
    from earshot.training.embed import embed

    check_model_folder(folder)
    model, card = saved.load(folder, run)
    return Opened(
        card.input, card.input_shape, lambda clips: embed(model, clips_of(clips, np.zeros(len(clips))))
    )


def pretrained(file: str) -> Opened:
    """A pretrained model, whose windows are the clips, with the block `embedding` of params.yaml where it names it.

    Raises EarshotError that asks for what neither the block nor the file says.
    """
    sha256, block = sha256_of(file), Embedding(model=file)
    if paths.PARAMS.is_file():
        of_study = _Study.read().embedding
        if of_study.model is not None and Path(of_study.model).resolve() == Path(file).resolve():
            block = of_study.model_copy(update={"model": file})
    settings = resolved(block, sha256=sha256)
    clips = Features(sample_rate=settings.sample_rate, clip_s=settings.window_s, clip_hop_s=settings.hop_s)
    heard = EmbeddingInput(embedding=settings, sha256=sha256, runtime="", features=clips)
    return Opened(heard, None, lambda arrays: arrays[:, :, 0])


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
