"""Set the maps of sound and of picture side by side, item by item: do both look at the same places?"""

import shutil
from itertools import product

import numpy as np
import pandas as pd

from earshot.config.base import Models, Subsets, Views
from earshot.config.inputs import read_input
from earshot.config.load import StageParams
from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.io import read_table, write_bytes, write_json, write_table
from earshot.core.process import run_stage
from earshot.explanation.faithfulness import rank_correlation
from earshot.explanation.sheets import axes_of, side_by_side

VIEWS = ("picture", "sound")
DRAWN = 12  # pairs of one model that are drawn


class Params(StageParams):
    subsets: Subsets
    views: Views
    models: Models


def main():
    params = Params.read()
    folder = paths.PLOTS / "maps"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    scores, tables = (
        {"pairs": 0},
        [pd.DataFrame(columns=["subset", "model", "id", "label", "rank_correlation"])],
    )
    there = set(VIEWS) <= set(params.views)
    for subset, model in product(params.subsets, params.models) if there else ():
        found = {view: paths.gradcam(subset, view, model) for view in VIEWS}
        items, others = (read_table(data / "checked.csv") for data in found.values())
        if list(items["id"]) != list(others["id"]):
            raise EarshotError(
                f"{subset} classes, {model}: the maps of sound and picture are of other items; run the stage "
                "gradcam again: dvc repro gradcam"
            )
        maps = {view: np.load(data / "maps.npy") for view, data in found.items()}
        alike = rank_correlation(maps["picture"], maps["sound"])
        # what maps of other items of the study agree by: both look at the middle, where things are
        chance = rank_correlation(maps["picture"], np.roll(maps["sound"], 1, axis=0))
        scores["pairs"] += len(items)
        scores.setdefault(str(subset), {})[model] = {
            "rank_correlation": round(float(alike.mean()), 6),
            "rank_correlation_others": round(float(chance.mean()), 6),
        }
        tables.append(
            items[["id", "label"]].assign(subset=subset, model=model, rank_correlation=alike.round(6))
        )
        sheet = side_by_side(
            *(items[:DRAWN], alike),
            {view: np.load(data / "arrays.npy") for view, data in found.items()},
            maps,
            axes={view: axes_of(read_input(data / "settings.json")) for view, data in found.items()},
            about=f"{model} on {subset} classes",
        )
        write_bytes(folder / f"{subset}_{model}.png", sheet)
    write_table(paths.MAPS, pd.concat(tables))
    write_json(paths.MAP_METRICS, scores)


if __name__ == "__main__":
    run_stage(main)
