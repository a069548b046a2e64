"""Keep the study's classes, with the same number of items each where asked."""

from earshot.config.load import read_params
from earshot.core import paths
from earshot.core.classes import study_classes
from earshot.core.errors import run
from earshot.core.tables import read_table, write_table
from earshot.dataset.balance import balance


def main():
    params = read_params("seed", "subsets", "dataset.classes", "balance")
    index = read_table(paths.INDEX)
    classes = study_classes(index["label"], classes=params.dataset.classes, subsets=params.subsets)
    kept = balance(index, method=params.balance.method, classes=classes, seed=params.seed)
    write_table(paths.BALANCED, kept)
    counts = kept["label"].value_counts()
    print(
        f"{len(kept)} of {len(index)} items kept: " + ", ".join(f"{name} {counts[name]}" for name in classes)
    )


if __name__ == "__main__":
    run(main)
