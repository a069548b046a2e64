"""Show what one model looks at in the items that it gets right and wrong, and check that this means something."""

from earshot.config.base import Natural
from earshot.config.cell import model_cell
from earshot.config.gradcam import GradCam
from earshot.config.inputs import PicturesInput, dump_input
from earshot.config.load import StageParams
from earshot.config.stage import run_stage
from earshot.config.train import TrainedOn
from earshot.config.unfit import is_unfit, leave_out
from earshot.core import instructions, paths
from earshot.core.io import read_table, remove, write_bytes, write_json, write_table
from earshot.core.rng import run_seed
from earshot.explanation.explain_part import RUN, explain_part
from earshot.explanation.masked_audio import masked_sounds
from earshot.explanation.sheets import axes_of, explanation_sheets
from earshot.models import saved
from earshot.store.formats import write_npy, write_tar
from earshot.training.data import read_model_data
from earshot.training.predict import predictor


class Params(TrainedOn, StageParams):
    seed: Natural
    gradcam: GradCam


def main() -> None:
    if is_unfit(cell := model_cell()):
        return leave_out("gradcam")
    params = Params.read()
    instructions.choose(params.repeatable)
    models, card, *_ = saved.load_runs(paths.model(*cell))
    of_study = read_model_data(read_table(paths.SPLIT), view=cell.view, classes=card.classes)
    own = of_study.of_run(run_seed(params.seed, RUN))
    ask = predictor(cell.name, device=params.device)
    settings, wanted = params.gradcam, params.gradcam.explains(cell.model)
    explanation = explain_part(
        models, own, ask=ask, settings=settings, seed=params.seed, device=params.device, maps_wanted=wanted
    )
    shown, checked, axes = explanation.shown, explanation.checked, axes_of(card.input)
    remove(plots := paths.plots("gradcam", *cell), data := paths.gradcam(*cell))
    about = f"{explanation.method} of {cell.model} on {cell.view}, run {RUN}, {settings.part} part"
    for file, png in explanation_sheets(explanation, card.classes, axes=axes, about=about):
        write_bytes(plots / file, png)
    write_table(plots / "curves.csv", explanation.curves)
    write_table(data / "methods.csv", explanation.tried)
    write_json(paths.gradcam_metrics(*cell), explanation.scores)
    write_table(data / "items.csv", shown.table(axes))
    write_table(data / "checked.csv", checked.table(axes))
    for name, arrays in (("arrays", checked.arrays), ("maps", checked.maps), ("shown_maps", shown.maps)):
        write_npy(data / f"{name}.npy", [arrays])
    write_json(data / "settings.json", dump_input(card.input))
    if isinstance(card.input, PicturesInput) and cell.view == "sound":
        write_tar(data / "kept.tar", masked_sounds(shown, settings=card.input.sonify))


if __name__ == "__main__":
    run_stage(main)
