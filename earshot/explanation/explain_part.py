"""What a model looks at in one part of the data set: the maps to show, their means, and how far to trust them."""

import logging
from collections.abc import Sequence

import pandas as pd

from earshot.config.base import TorchDevice
from earshot.config.gradcam import GradCam
from earshot.core import devices
from earshot.core.errors import EarshotError
from earshot.explanation.blanks import blanks_of
from earshot.explanation.choose import choose_method
from earshot.explanation.examples import (
    class_numbers,
    first_right_and_wrong,
    predicted_items,
    sample_evenly,
)
from earshot.explanation.explain_all import explain_all
from earshot.explanation.faithfulness import DRAWN, doubts
from earshot.explanation.maps import ExplainedItems, Explanation, MeanMaps
from earshot.explanation.sanity import (
    MAP,
    compare_runs,
    curve_table,
    curves_by_blank,
    item_gains,
    mean_areas,
    some_items,
)
from earshot.models.normalization import Normalized
from earshot.training.data import ModelData
from earshot.training.predict import Predict

log = logging.getLogger(__name__)


def explain_part(
    models: Sequence[Normalized],
    data: ModelData,
    *,
    ask: Predict,
    settings: GradCam,
    seed: int,
    device: TorchDevice = "auto",
) -> Explanation:
    """Explain items of the part `gradcam.part` by the class that the first run predicts for each.

    models : of each run; the first is explained, the others are compared with it
    data : what the first run sees
    ask : gives a run's class probabilities of clips

    What makes the maps doubtful is logged.
    """
    place, classes = devices.pick(device), data.classes
    model = models[0]
    for run in models:
        run.to(place).eval()  # moved while predicting, the weights could not be explained

    def predicted(rows: pd.DataFrame) -> pd.DataFrame:
        return predicted_items(rows, ask(model, data.clips(rows)), classes=classes)

    rows = rows_of_part(data, settings.part)
    items = predicted(rows)
    shown = first_right_and_wrong(items, per_class=settings.per_class, classes=classes)
    checked = sample_evenly(items, count=settings.checked, classes=classes)
    items = items[items["clip"].isin([*shown["clip"], *checked["clip"]])]
    clips = data.clips(rows)
    arrays, targets = clips.take(items["clip"].to_numpy()), class_numbers(items["predicted"], classes)
    blanks = blanks_of(data.clips(rows_of_part(data, "train")))
    with devices.repeatable(place, threads=1):
        chosen_by = items_to_choose_by(data, settings=settings)
        others = predicted(chosen_by)
        method, tried = choose_method(
            model,
            data.clips(chosen_by).take(others["clip"].to_numpy()),
            class_numbers(others["predicted"], classes),
            settings=settings,
            blanks=blanks,
            seed=seed,
        )
        maps = explain_all(model, arrays, targets, methods=[method], blanks=blanks)[0]
        by_blank = curves_by_blank(
            model, arrays, targets, {MAP: maps}, blanks=blanks, steps=settings.steps, seed=seed
        )
        drawn = (item_gains(by_blank) > DRAWN) & maps.any(axis=(1, 2))
        items = items.assign(drawn=drawn)
        explained = ExplainedItems(items, arrays, maps)
        places = pd.Index(items["clip"]).get_indexer(pd.Index(checked["clip"]))
        of_check = explained.select(checked)
        by_blank = some_items(by_blank, places)
        agreement = compare_runs(
            models, of_check.arrays, targets[places], method=method, blanks=blanks, seed=seed
        )
    scores: dict[str, float | str] = {
        "method": str(method),
        "wanted": settings.method,
        "items": len(checked),
        **mean_areas(by_blank),
        **agreement,
        "empty_share": round(float((~maps.any(axis=(1, 2))).mean()), 6),
        "drawn_share": round(float(drawn.mean()), 6),
    }
    if method.missed:
        scores["missed"] = round(max(method.missed.values()), 6)
    for doubt in doubts(scores):
        log.warning("%s", doubt)
    means = MeanMaps()
    for label, right, is_drawn, heat in zip(items["label"], items["right"], drawn, maps, strict=True):
        if is_drawn:
            means.add((label, right), heat)
    return Explanation(
        str(method), explained.select(shown), of_check, means, scores, curve_table(by_blank), tried
    )


def items_to_choose_by(data: ModelData, *, settings: GradCam) -> pd.DataFrame:
    """The clips of the items that the method is chosen by: of the first of val, train and test that is not shown.

    Where there is no other part than the one that is shown, they are of that.
    """
    parts = [part for part in ("val", "train", "test") if part != settings.part]
    rows = next(rows for rows in map(data.rows, [*parts, settings.part]) if not rows.empty)
    first = sample_evenly(rows.drop_duplicates("id"), count=settings.checked, classes=data.classes)
    return rows[rows["id"].isin(first["id"])].reset_index(drop=True)


def rows_of_part(data: ModelData, part: str) -> pd.DataFrame:
    """The clips of one part, `gradcam.part`, numbered from 0. Raises EarshotError where it has none."""
    rows = data.rows(part)
    if rows.empty:
        present = ", ".join(sorted(set(data.table["split"])))
        raise EarshotError(
            f"gradcam.part: {part} has no items in this split; it has {present}. Choose one of them, "
            f"or raise split.{part}"
        )
    return rows.reset_index(drop=True)
