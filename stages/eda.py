"""Look at the data set: how much there is of what, how long and how large, and one example of each class."""

import shutil

from earshot.config.load import read_params
from earshot.core import paths
from earshot.core.errors import run
from earshot.core.tables import read_table, write_bytes, write_json, write_table
from earshot.plots.eda import describe, tables
from earshot.plots.examples import draw


def main():
    params = read_params("dataset.kind", "features")
    kind, features = params.dataset.kind, params.features
    index = read_table(paths.INDEX)
    folder = paths.PLOTS / "eda"
    shutil.rmtree(folder, ignore_errors=True)  # what another kind had drawn
    write_json(paths.EDA, describe(index, kind=kind, features=features))
    for name, table in tables(index, kind=kind, features=features).items():
        write_table(folder / f"{name}.csv", table)
    for number, sheet in enumerate(draw(index, kind=kind, features=features), start=1):
        write_bytes(folder / f"examples_{number:03d}.png", sheet)


if __name__ == "__main__":
    run(main)
