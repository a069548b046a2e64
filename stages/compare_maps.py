"""Set the maps of sound and of picture side by side, item by item: do both look at the same places?"""

from itertools import product
from typing import Any

import pandas as pd

from earshot.config.base import Models, Subsets, Views
from earshot.config.inputs import read_input
from earshot.config.load import StageParams
from earshot.config.stage import run_stage
from earshot.core import paths
from earshot.core.io import remove, write_bytes, write_json, write_table
from earshot.explanation.compare_maps import compare_maps
from earshot.explanation.maps import read_checked
from earshot.explanation.sheets import axes_of, side_by_side

VIEWS = ("picture", "sound")
COLUMNS = ["subset", "model", "id", "label", "rank_correlation"]


class Params(StageParams):
    subsets: Subsets
    views: Views
    models: Models


def main() -> None:
    params = Params.read()
    plots = paths.PLOTS / "maps"
    remove(plots)
    plots.mkdir(parents=True)
    scores: dict[str, Any] = {"pairs": 0}
    tables = [pd.DataFrame(columns=COLUMNS)]
    for subset, model in product(params.subsets, params.models if set(VIEWS) <= set(params.views) else ()):
        folders = [paths.gradcam(subset, view, model) for view in VIEWS]
        pictures, sounds = map(read_checked, folders)
        agreement, means = compare_maps(pictures, sounds, name=f"{subset} classes, {model}")
        items = pictures.items[["id", "label"]].assign(subset=subset, model=model)
        table = items.assign(rank_correlation=agreement.round(6)).dropna(subset="rank_correlation")
        scores["pairs"] += len(table)
        if means:
            scores.setdefault(str(subset), {})[model] = means
        tables.append(table)
        picture_axes, sound_axes = (axes_of(read_input(data / "settings.json")) for data in folders)
        axes, about = (picture_axes, sound_axes), f"{model} on {subset} classes"
        sheet = side_by_side(pictures, sounds, agreement, axes=axes, about=about)
        write_bytes(plots / f"{subset}_{model}.png", sheet)
    write_table(paths.MAPS, pd.concat(tables))
    write_json(paths.MAP_METRICS, scores)


if __name__ == "__main__":
    run_stage(main)
