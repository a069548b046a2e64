"""What a model looks at in one part of the data set: the maps to show, their means, and how far to trust them."""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
from earshot.explanation.faithfulness import DRAWN, NO_METHOD, doubts
from earshot.explanation.heard import HeardModel, decibels, sounds_of
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
RUN = 1  # the one that is explained


def explain_part(
    models: Sequence[Normalized],
    data: ModelData,
    *,
    ask: Predict,
    settings: GradCam,
    seed: int,
    device: TorchDevice = "auto",
    maps_wanted: bool = True,
) -> Explanation:
    """Explain items of the part `gradcam.part` by the class that the first run predicts for each.

    models : of each run; the first is explained, the others are compared with it
    data : what the first run sees
    ask : gives a run's class probabilities of clips
    maps_wanted : whether maps are made; without, the items are chosen all the same, to see and to hear

    Models of the view `embedding` are explained by what they hear, and not by their arrays.

    What makes the maps doubtful is logged.
    """
    place, classes = devices.pick(device), data.classes
    sounds = sounds_of(data.input(), seed=seed)
    model = models[0]
    for run in models:
        run.to(place).eval()  # moved while predicting, the weights could not be explained

    def predicted(rows: pd.DataFrame) -> pd.DataFrame:
        return predicted_items(rows, ask(model, data.clips(rows)), classes=classes)

    def seen(rows: pd.DataFrame, items: pd.DataFrame) -> NDArray[np.float32]:
        """The arrays of some items that are explained; rows are all that they are taken from."""
        places = items["clip"].to_numpy()
        return data.clips(rows).take(places) if sounds is None else sounds.add(rows.iloc[places])

    rows = rows_of_part(data, settings.part)
    items = predicted(rows)
    shown = first_right_and_wrong(items, per_class=settings.per_class, classes=classes)
    checked = sample_evenly(items, count=settings.checked, classes=classes)
    items = items[items["clip"].isin([*shown["clip"], *checked["clip"]])]
    arrays, targets = seen(rows, items), class_numbers(items["predicted"], classes)
    energies = None if sounds is None else sounds.energies(arrays)
    pictured = arrays if energies is None else decibels(energies)
    if sounds is not None:
        items = items.assign(stretch_s=sounds.stretch_s(arrays))
    if not maps_wanted:
        no_maps = np.zeros((len(pictured), *pictured.shape[-2:]), np.float32)
        return _without_maps(
            ExplainedItems(items.assign(drawn=False), pictured, no_maps),
            shown,
            checked,
            wanted=settings.method,
        )
    with devices.repeatable(place, threads=1):
        chosen_by = items_to_choose_by(data, settings=settings)
        others = predicted(chosen_by)
        others_arrays = seen(chosen_by, others)
        if sounds is None:
            blanks = blanks_of(data.clips(rows_of_part(data, "train")))
        else:
            blanks = sounds.blanks()
            models = [HeardModel(run, sounds).eval() for run in models]
        method, tried = choose_method(
            models[0],
            others_arrays,
            class_numbers(others["predicted"], classes),
            settings=settings,
            blanks=blanks,
            seed=seed,
            energies=None if sounds is None else sounds.energies(others_arrays),
        )
        maps = explain_all(models[0], arrays, targets, methods=[method], blanks=blanks)[0]
        by_blank = curves_by_blank(
            models[0],
            arrays,
            targets,
            {MAP: maps},
            blanks=blanks,
            steps=settings.steps,
            seed=seed,
            energies=energies,
        )
        drawn = (item_gains(by_blank) > DRAWN) & maps.any(axis=(1, 2))
        items = items.assign(drawn=drawn)
        explained = ExplainedItems(items, pictured, maps)
        places = pd.Index(items["clip"]).get_indexer(pd.Index(checked["clip"]))
        of_check = explained.select(checked)
        by_blank = some_items(by_blank, places)
        agreement = compare_runs(
            models, arrays[places], targets[places], method=method, blanks=blanks, seed=seed
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


def _without_maps(
    of_part: ExplainedItems, shown: pd.DataFrame, checked: pd.DataFrame, *, wanted: str
) -> Explanation:
    """The items of a model that `gradcam.models` leaves out."""
    scores: dict[str, float | str] = {
        "method": NO_METHOD,
        "wanted": wanted,
        "items": len(checked),
        "empty_share": 1.0,
        "drawn_share": 0.0,
    }
    log.info("%s", *doubts(scores))
    return Explanation(
        NO_METHOD,
        of_part.select(shown),
        of_part.select(checked),
        MeanMaps(),
        scores,
        curve_table({}),
        pd.DataFrame(columns=["method", "gain", "chosen"]),
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
