"""Give every item its part: train, val or test."""

import logging

from pydantic import Field

from earshot.config.base import Natural
from earshot.config.load import StageParams
from earshot.config.split import Split
from earshot.config.stage import run_stage
from earshot.core import paths
from earshot.core.io import read_table, write_json, write_table
from earshot.dataset.groups import contents
from earshot.dataset.split import PARTS, given_parts, split, summarize

log = logging.getLogger("earshot")


class Params(StageParams):
    seed: Natural
    test: str | int | None = Field(alias="dataset.test")
    split: Split


def main() -> None:
    params = Params.read()
    items = read_table(paths.BALANCED)
    ratios = {part: getattr(params.split, part) for part in PARTS}
    given = given_parts(items, test=params.test)
    result = split(items, ratios=ratios, seed=params.seed, given=given)
    write_table(paths.SPLIT, result)
    write_json(paths.SPLIT_METRICS, summarize(result, contents(items)))
    log.info(", ".join(f"{part} {count}" for part, count in result["split"].value_counts().items()))


if __name__ == "__main__":
    run_stage(main)
