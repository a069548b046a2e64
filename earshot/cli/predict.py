"""Tell what a trained model takes files for: one row a file, all probabilities."""

import csv
import json
import sys
import textwrap
from pathlib import Path

import numpy as np

from earshot.core.chunks import chunks
from earshot.core.errors import EarshotError
from earshot.core.ordering import natural_key
from earshot.dataset.files import ENDINGS
from earshot.features.extract import arrays_of
from earshot.models.card import ModelCard
from earshot.store.executor import each_shard, for_workers

CHUNK = 32


def add_arguments(parser):
    parser.add_argument("model", metavar="MODEL_DIR", help="a folder that the stage train wrote")
    parser.add_argument("sources", metavar="FILE_OR_FOLDER", nargs="+", help="folders are searched whole")
    parser.add_argument("--format", choices=["csv", "json"], default="csv")


def main(arguments):
    """Write the rows to standard output. A bad file has its reason in `problem`, and the exit status is 1."""
    from earshot.models import saved  # imports torch, which the processes below do not need

    model, card = saved.load(arguments.model)
    files = find_files(arguments.sources, kind=card.input.kind)
    rows = predictions(model, card, files)
    if arguments.format == "json":
        bad = write_json(rows)
    else:
        bad = write_csv(rows, ["path", "predicted", "probability", *card.classes, "problem"])
    if bad:
        raise EarshotError(f"{bad} of {len(files)} files could not be read: see the column problem")


def find_files(sources, *, kind):
    """The files to look at: those that are named, and those of the kind in the folders that are named.

    Returns a list of str without repeats, folders' files in natural order.
    """
    found = []
    for source in map(Path, sources):
        if source.is_dir():
            inside = [
                path for path in source.rglob("*") if path.suffix.lower() in ENDINGS[kind] and path.is_file()
            ]
            found += sorted(map(str, inside), key=natural_key)
        elif source.exists():
            found.append(str(source))
        else:
            raise EarshotError(f"{source} does not exist; name files, or folders of them")
    if not found:
        endings = ", ".join(sorted(ENDINGS[kind]))
        raise EarshotError(
            f"{', '.join(sources)}: no file ending in {endings}, which is what this model takes"
        )
    return list(dict.fromkeys(found))


def predictions(model, card: ModelCard, files):
    """Yields one dict a file: path, predicted, probability, a probability for each class, problem (None if well)."""
    from earshot.training.batches import clips_of
    from earshot.training.predict import predict

    classes, shape = card.classes, card.input_shape
    shards = (([(file, _content(file)) for file in chunk], card.input) for chunk in chunks(files, CHUNK))
    sizes = [min(CHUNK, len(files) - first) for first in range(0, len(files), CHUNK)]
    for shard in each_shard(read_chunk, shards, sizes=sizes, description="predict", unit="file"):
        for path, clips, problem in shard:
            if problem is None and clips.shape[1:] != shape:
                problem = f"{path}: an array of {clips.shape[1:]} (bands, frames), the model takes {shape}"
            row = {
                "path": path,
                "predicted": None,
                "probability": None,
                **dict.fromkeys(classes),
                "problem": problem,
            }
            if problem is None:
                means = predict(model, clips_of(clips, np.zeros(len(clips)))).astype(float).mean(axis=0)
                best = int(means.argmax())
                row |= {"predicted": classes[best], "probability": float(means[best])}
                row |= dict(zip(classes, map(float, means), strict=True))
            yield row


def read_chunk(task):
    """(path, float32 (clips, bands, frames) or None, what is wrong or None) for each of a few files.

    task : the files, each its path and what it is read from, and what the model reads
    """
    files, model_input = task
    return [_read(path, content, model_input) for path, content in files]


def _content(file):
    """What a worker reads a file from; the path where even this process cannot read it, to be told in its row."""
    try:
        return for_workers(file)
    except EarshotError:
        return file


def _read(path, content, model_input):
    try:
        return path, arrays_of(content, name=path, model_input=model_input)[0], None
    except EarshotError as error:
        return path, None, str(error)


def write_csv(rows, columns):
    """Write rows as they come, none of them kept; returns how many have a problem."""
    writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
    writer.writeheader()
    bad = 0
    for row in rows:
        writer.writerow(row)
        bad += row["problem"] is not None
    return bad


def write_json(rows):
    """Write rows as one list, as they come; returns how many have a problem."""
    bad, before = 0, "[\n"
    for row in rows:
        print(before + textwrap.indent(json.dumps(row, indent=2, ensure_ascii=False), "  "), end="")
        bad, before = bad + (row["problem"] is not None), ",\n"
    print("\n]")
    return bad
