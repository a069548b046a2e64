"""Look at the data set: how much there is of what, how long and how large, and one example of each class."""

from pydantic import Field

from earshot.config.base import Kind
from earshot.config.features import Features
from earshot.config.load import StageParams
from earshot.config.stage import run_stage
from earshot.core import paths
from earshot.core.io import read_table, remove, write_bytes, write_json, write_table
from earshot.plots.eda import describe, tables
from earshot.plots.examples import draw


class Params(StageParams):
    kind: Kind = Field(alias="dataset.kind")
    features: Features


def main() -> None:
    params = Params.read()
    kind, features = params.kind, params.features
    index = read_table(paths.INDEX)
    folder = paths.PLOTS / "eda"
    remove(folder)  # what another kind had drawn
    write_json(paths.EDA, describe(index, kind=kind, features=features))
    for name, table in tables(index, kind=kind, features=features).items():
        write_table(folder / f"{name}.csv", table)
    for number, sheet in enumerate(draw(index, kind=kind, features=features), start=1):
        write_bytes(folder / f"examples_{number:03d}.png", sheet)


if __name__ == "__main__":
    run_stage(main)
