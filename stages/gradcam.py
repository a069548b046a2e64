"""Show what one model looks at in the items that it gets right and wrong, and check that this means something."""

import logging
import shutil
import sys

from earshot.config.base import Natural
from earshot.config.gradcam import GradCam
from earshot.config.inputs import PicturesInput, dump_input
from earshot.config.load import StageParams
from earshot.core import paths
from earshot.core.io import read_table, write_bytes, write_json, write_table
from earshot.core.process import run_stage
from earshot.dataset.rows import seen_rows
from earshot.explanation.examples import rows_of_part
from earshot.explanation.explain_all import mean_array
from earshot.explanation.explain_part import explain_part
from earshot.explanation.faithfulness import doubts
from earshot.explanation.masked_audio import masked_sounds
from earshot.explanation.sheets import axes_of, item_sheets, mean_sheet
from earshot.models import saved
from earshot.store.formats import write_npy, write_tar
from earshot.training.batches import open_clips

log = logging.getLogger("earshot")


class Params(StageParams):
    seed: Natural
    gradcam: GradCam


def main() -> None:
    subset, view, name = sys.argv[1:]
    params = Params.read()
    model, card = saved.load(paths.model(subset, view, name))
    classes, folder = card.classes, paths.features(view)
    balanced = read_table(paths.BALANCED)
    rows, split = read_table(folder / "rows.csv"), read_table(paths.SPLIT)
    table = seen_rows(rows, split, balanced, view=view, classes=classes, seed=params.seed)
    rows, train = (rows_of_part(table, part=part) for part in (params.gradcam.part, "train"))
    clips, train_clips = (
        open_clips(folder, shard=part["shard"], row=part["row"], labels=part["target"])
        for part in (rows, train)
    )
    explanation = explain_part(
        model,
        clips,
        rows,
        blank=mean_array(train_clips),
        classes=classes,
        settings=params.gradcam,
        seed=params.seed,
    )
    for doubt in doubts(explanation.scores):
        log.warning("%s", doubt)
    write_json(paths.gradcam_metrics(subset, view, name), explanation.scores)
    plots, data = paths.plots("gradcam", subset, view, name), paths.gradcam(subset, view, name)
    for output in (plots, data):
        shutil.rmtree(output, ignore_errors=True)
    axes = axes_of(card.input)
    about = f"{explanation.method} of {name} on {view}, {params.gradcam.part} part"
    shown, checked = explanation.shown, explanation.checked
    for file, png in item_sheets(shown.items, shown.arrays, shown.maps, axes=axes, about=about):
        write_bytes(plots / file, png)
    write_bytes(plots / "means.png", mean_sheet(explanation.means, classes, axes=axes, about=about))
    write_table(plots / "curves.csv", explanation.curves)
    write_table(data / "items.csv", shown.table())
    write_table(data / "checked.csv", checked.table())
    write_npy(data / "arrays.npy", [checked.arrays])
    write_npy(data / "maps.npy", [checked.maps])
    write_npy(data / "shown_maps.npy", [shown.maps])
    write_json(data / "settings.json", dump_input(card.input))
    if isinstance(card.input, PicturesInput) and view == "sound":
        shards = rows["shard"].iloc[shown.items["clip"]]
        sounds = masked_sounds(shown.items["id"], shards, shown.maps, settings=card.input.sonify)
        write_tar(data / "kept.tar", sounds)


if __name__ == "__main__":
    run_stage(main)
