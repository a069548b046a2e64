"""The curves of training, as DVCLive leaves them."""

from pathlib import Path

import pandas as pd

PARTS = ("train", "val", "test")


def read_curves(folder: Path) -> pd.DataFrame:
    """`epoch,part,loss,accuracy`, one row an epoch and part: train, val and, where it was watched, test.

    folder : with `<part>/<measure>.tsv`, columns `step` and the measure
    """
    tables = [pd.DataFrame(columns=["epoch", "part", "loss", "accuracy"])]
    for part in PARTS:
        loss, accuracy = (folder / part / f"{measure}.tsv" for measure in ("loss", "accuracy"))
        if loss.is_file():  # nothing was held out, or the test part was not watched
            table = _tsv(loss).merge(_tsv(accuracy), on="step").rename(columns={"step": "epoch"})
            tables.append(table.assign(part=part)[tables[0].columns])
    return pd.concat(tables[1:] or tables, ignore_index=True)


def _tsv(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t")
