"""Show what one model looks at in the items that it gets right and wrong, and check that this means something."""

import shutil
import sys

import numpy as np

from earshot.config.base import Natural
from earshot.config.gradcam import GradCam
from earshot.config.inputs import PicturesInput, dump_input
from earshot.config.load import StageParams
from earshot.core import devices, paths
from earshot.core.io import read_table, write_bytes, write_json, write_table
from earshot.core.process import run_stage
from earshot.dataset.rows import seen_rows
from earshot.explanation.examples import chosen, judged, rows_of, spread
from earshot.explanation.explain_all import mean_array, survey
from earshot.explanation.faithfulness import doubts
from earshot.explanation.gradcam import way
from earshot.explanation.masked_audio import kept_sounds
from earshot.explanation.sanity import check
from earshot.explanation.sheets import axes_of, galleries, mean_maps
from earshot.models import saved
from earshot.store.formats import write_npy, write_tar
from earshot.training.batches import open_clips
from earshot.training.predict import predict


class Params(StageParams):
    seed: Natural
    gradcam: GradCam


def main():
    subset, view, name = sys.argv[1:]
    params = Params.read()
    settings = params.gradcam
    model, card = saved.load(paths.model(subset, view, name))
    classes, folder = card.classes, paths.features(view)
    balanced = read_table(paths.BALANCED)
    rows, split = read_table(folder / "rows.csv"), read_table(paths.SPLIT)
    table = seen_rows(rows, split, balanced, view=view, classes=classes, seed=params.seed)
    rows = rows_of(table, part=settings.part)
    clips, train = (
        open_clips(folder, shard=part["shard"], row=part["row"], labels=part["target"])
        for part in (rows, rows_of(table, part="train"))
    )
    method, layer = way(model, clips.shape, method=settings.method, layer=settings.layer)

    model.to(devices.pick("auto"))  # moved while predicting, the weights could not be explained
    items = judged(rows, predict(model, clips), classes=classes)
    shown = chosen(items, per_class=settings.per_class, classes=classes)
    checked = spread(items, count=settings.checked, classes=classes)
    told = items.set_index("id").loc[rows["id"]]
    targets = told["predicted"].map(classes.index).to_numpy()
    keys = list(zip(told["label"], told["right"], strict=True))
    wanted = {*shown["clip"], *checked["clip"]}
    means, maps = survey(model, clips, targets, keys=keys, wanted=wanted, method=method, layer=layer)
    arrays, heat = clips.take(checked["clip"].to_numpy()), np.stack([maps[clip] for clip in checked["clip"]])
    scores, curves = check(
        *(model, arrays, targets[checked["clip"]], heat),
        **{"method": method, "layer": layer, "blank": mean_array(train)},
        **{"steps": settings.steps, "seed": params.seed},
    )
    scores |= {"empty_share": round(means.empty / len(clips), 6), "method": method, "layer": layer or ""}
    for doubt in doubts(scores):
        print(f"warning: {doubt}")
    write_json(paths.gradcam_metrics(subset, view, name), scores)

    plots, data = paths.plots("gradcam", subset, view, name), paths.gradcam(subset, view, name)
    for output in (plots, data):
        shutil.rmtree(output, ignore_errors=True)
    look = {
        "axes": axes_of(card.input),
        "about": f"{method} of {name} on {view}, {settings.part} part",
    }
    shown_maps = np.stack([maps[clip] for clip in shown["clip"]])
    for sheet, png in galleries(shown, clips.take(shown["clip"].to_numpy()), shown_maps, **look):
        write_bytes(plots / sheet, png)
    write_bytes(plots / "means.png", mean_maps(means, classes, **look))
    write_table(plots / "curves.csv", curves)
    for file, table in (("items.csv", shown), ("checked.csv", checked)):
        write_table(data / file, table.assign(right=table["right"].astype(int)).drop(columns="clip"))
    write_npy(data / "arrays.npy", [arrays])
    write_npy(data / "maps.npy", [heat])
    write_npy(data / "shown_maps.npy", [shown_maps])
    write_json(data / "settings.json", dump_input(card.input))
    if isinstance(card.input, PicturesInput) and view == "sound":
        shards = rows["shard"].to_numpy()[shown["clip"]]
        write_tar(data / "kept.tar", kept_sounds(shown["id"], shards, shown_maps, settings=card.input.sonify))


if __name__ == "__main__":
    run_stage(main)
