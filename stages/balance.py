"""Keep the study's classes, with the same number of items each where asked."""

import logging

from pydantic import Field

from earshot.config.balance import Balance
from earshot.config.base import Natural, Subsets
from earshot.config.dataset import Duplicates
from earshot.config.load import StageParams
from earshot.config.stage import run_stage
from earshot.core import paths
from earshot.core.classes import reject_classes, study_classes
from earshot.core.io import read_table, write_table
from earshot.dataset.balance import balance
from earshot.dataset.groups import join_groups

log = logging.getLogger("earshot")


class Params(StageParams):
    seed: Natural
    subsets: Subsets
    classes: list[str] | None = Field(alias="dataset.classes")
    reject: list[str] | None = Field(None, alias="dataset.reject")
    duplicates: Duplicates = Field("keep", alias="dataset.duplicates")
    balance: Balance


def main() -> None:
    params = Params.read()
    index = read_table(paths.INDEX)
    if params.duplicates == "group":
        index = index.assign(group=join_groups(index, read_table(paths.NEAR_DUPLICATES)))
    classes = study_classes(
        index["label"], classes=params.classes, subsets=params.subsets, reject=params.reject
    )
    rejecting = reject_classes(classes, classes=params.classes, reject=params.reject)
    method = params.balance.method
    balanced = balance(index, method=method, classes=classes, rejecting=rejecting, seed=params.seed)
    write_table(paths.BALANCED, balanced)
    counts = balanced["label"].value_counts()
    per_class = ", ".join(f"{name} {counts[name]}" for name in classes)
    log.info("%d of %d items kept: %s", len(balanced), len(index), per_class)


if __name__ == "__main__":
    run_stage(main)
