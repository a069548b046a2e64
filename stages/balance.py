"""Keep the study's classes, with the same number of items each where asked."""

from pydantic import Field

from earshot.config.balance import Balance
from earshot.config.base import Natural, Subsets
from earshot.config.load import StageParams
from earshot.core import paths
from earshot.core.classes import study_classes
from earshot.core.io import read_table, write_table
from earshot.core.process import run_stage
from earshot.dataset.balance import balance


class Params(StageParams):
    seed: Natural
    subsets: Subsets
    classes: list[str] | None = Field(alias="dataset.classes")
    balance: Balance


def main():
    params = Params.read()
    index = read_table(paths.INDEX)
    classes = study_classes(index["label"], classes=params.classes, subsets=params.subsets)
    kept = balance(index, method=params.balance.method, classes=classes, seed=params.seed)
    write_table(paths.BALANCED, kept)
    counts = kept["label"].value_counts()
    print(
        f"{len(kept)} of {len(index)} items kept: " + ", ".join(f"{name} {counts[name]}" for name in classes)
    )


if __name__ == "__main__":
    run_stage(main)
