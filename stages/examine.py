"""Examine the data set: copies of test items in training, sources that they share, wrong labels, shortcuts."""

import logging

import numpy as np
from pydantic import Field

from earshot.config.base import Natural
from earshot.config.load import StageParams
from earshot.config.stage import run_stage
from earshot.core import paths
from earshot.core.io import read_table, remove, write_table
from earshot.examination.checks import checks_table
from earshot.examination.examine import examine

log = logging.getLogger("earshot")


class Params(StageParams):
    seed: Natural
    group: str | None = Field(alias="dataset.group")


def main() -> None:
    params = Params.read()
    balanced, described = read_table(paths.BALANCED), read_table(paths.DESCRIBED_ITEMS)
    split = read_table(paths.SPLIT)[["id", "split"]]
    items = balanced.drop(columns="split", errors="ignore").merge(split, on="id")
    descriptors = np.load(paths.DESCRIBED / "descriptors.npy")
    place = dict(zip(described["id"], range(len(described)), strict=True))
    result = examine(
        items.merge(described, on="id"),
        descriptors[[place[name] for name in items["id"]]],
        read_table(paths.NEAR_DUPLICATES),
        seed=params.seed,
        group=params.group,
    )
    remove(paths.EXAMINED)
    write_table(paths.CHECKS, checks_table(result.checks))
    for name, table in result.tables.items():
        write_table(paths.EXAMINED / f"{name}.csv", table)
    for check in result.checks:
        if check.found == "yes":
            log.warning("%s %s.", check.text, check.mend)


if __name__ == "__main__":
    run_stage(main)
