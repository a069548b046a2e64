"""The curves of training, as DVCLive leaves them."""

from collections.abc import Sequence
from functools import reduce
from pathlib import Path

import pandas as pd

from earshot.core import paths
from earshot.evaluation.predictions import Key

PARTS = ("train", "val", "test")
MEASURES = ("loss", "accuracy", "macro_f1")
COLUMNS = ["run", "epoch", "part", *MEASURES, "kept"]


def read_curves(model: Key, epochs: Sequence[int]) -> pd.DataFrame:
    """`run,epoch,part,loss,accuracy,macro_f1,kept`, one row a run, epoch and part.

    Parts are train, val and, where it was watched, test.

    epochs : of each run the one whose weights are used
    """
    tables = [pd.DataFrame(columns=COLUMNS)]
    for run, epoch in enumerate(epochs, 1):
        own = _read_run(paths.curves(*model, run))
        tables += [table.assign(run=run, kept=epoch)[COLUMNS] for table in own]
    return pd.concat(tables[1:] or tables, ignore_index=True)


def has_curves(model: Key, part: str) -> bool:
    """Whether a model's training was measured on this part."""
    return (paths.curves(*model, 1) / part).is_dir()


def _read_run(folder: Path) -> list[pd.DataFrame]:
    """`epoch,part` and the measures of each part that has curves.

    folder : with `<part>/<measure>.tsv`, columns `step` and the measure
    """
    tables = []
    for part in PARTS:
        files = [folder / part / f"{measure}.tsv" for measure in MEASURES]
        if files[0].is_file():  # nothing was held out, or the test part was not watched
            table = reduce(lambda left, right: left.merge(right, on="step"), map(_tsv, files))
            tables.append(table.rename(columns={"step": "epoch"}).assign(part=part))
    return tables


def _tsv(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t")
