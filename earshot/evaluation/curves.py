"""The curves of training, as DVCLive leaves them."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from earshot.core import paths
from earshot.evaluation.predictions import Key

PARTS = ("train", "val", "test")
COLUMNS = ["run", "epoch", "part", "loss", "accuracy", "kept"]


def read_curves(model: Key, kept: Sequence[int]) -> pd.DataFrame:
    """`run,epoch,part,loss,accuracy,kept`, one row a run, epoch and part: train, val and, where it was watched, test.

    kept : of each run the epoch whose weights are used
    """
    tables = [pd.DataFrame(columns=COLUMNS)]
    for run, epoch in enumerate(kept, 1):
        own = _read_run(paths.curves(*model, run))
        tables += [table.assign(run=run, kept=epoch)[COLUMNS] for table in own]
    return pd.concat(tables[1:] or tables, ignore_index=True)


def _read_run(folder: Path) -> list[pd.DataFrame]:
    """`epoch,part,loss,accuracy` of each part that has curves.

    folder : with `<part>/<measure>.tsv`, columns `step` and the measure
    """
    tables = []
    for part in PARTS:
        loss, accuracy = (folder / part / f"{measure}.tsv" for measure in ("loss", "accuracy"))
        if loss.is_file():  # nothing was held out, or the test part was not watched
            table = _tsv(loss).merge(_tsv(accuracy), on="step").rename(columns={"step": "epoch"})
            tables.append(table.assign(part=part))
    return tables


def _tsv(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t")
