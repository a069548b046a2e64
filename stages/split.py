"""Give every item its part: train, val or test."""

from earshot import paths
from earshot.config.load import read_params
from earshot.dataset.index import contents
from earshot.dataset.split import PARTS, official_test, report, split
from earshot.errors import run
from earshot.tables import read_table, write_json, write_table


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
