"""Give every item its part: train, val or test."""

from earshot.config.load import read_params
from earshot.core import paths
from earshot.core.errors import run
from earshot.core.tables import read_table, write_json, write_table
from earshot.dataset.index import contents
from earshot.dataset.split import PARTS, official_test, report, split


def main():
    params = read_params("seed", "dataset.test", "split")
    items = read_table(paths.BALANCED)
    ratios = {part: getattr(params.split, part) for part in PARTS}
    test = None if params.dataset.test is None else official_test(items, params.dataset.test)
    result = split(items, ratios=ratios, seed=params.seed, test=test)
    write_table(paths.SPLIT, result)
    write_json(paths.SPLIT_METRICS, report(result, contents(items)))
    print(", ".join(f"{part} {count}" for part, count in result["split"].value_counts().items()))


if __name__ == "__main__":
    run(main)
