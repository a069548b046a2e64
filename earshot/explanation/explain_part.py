"""What a model looks at in one part of the data set: the maps to show, their means, and how far to trust them."""

import logging
from collections.abc import Mapping, Sequence

import pandas as pd

from earshot.config.base import TorchDevice
from earshot.config.gradcam import GradCam
from earshot.core import devices
from earshot.explanation.choose import choose_method
from earshot.explanation.examples import (
    first_right_and_wrong,
    items_to_choose_by,
    rows_of_part,
    sample_evenly,
)
from earshot.explanation.explain_all import explain_all
from earshot.explanation.faithfulness import DRAWN, NO_METHOD, Curves, doubts
from earshot.explanation.heard import sounds_of
from earshot.explanation.maps import ExplainedItems, Explanation, MeanMaps
from earshot.explanation.methods import Method
from earshot.explanation.sanity import (
    MAP,
    compare_runs,
    curve_table,
    curves_by_blank,
    item_gains,
    mean_areas,
    some_items,
)
from earshot.explanation.to_explain import ItemsToExplain, ModelToExplain
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
    place = devices.pick(device)
    for run in models:
        run.to(place).eval()  # moved while predicting, the weights could not be explained
    model = ModelToExplain(models, data, ask, sounds_of(data.input(), seed=seed))
    rows = rows_of_part(data, settings.part)
    items = model.predicted(rows)
    shown = first_right_and_wrong(items, per_class=settings.per_class, classes=data.classes)
    checked = sample_evenly(items, count=settings.checked, classes=data.classes)
    part = model.to_explain(items[items["clip"].isin([*shown["clip"], *checked["clip"]])], rows)
    if not maps_wanted:
        return _without_maps(part, shown, checked, wanted=settings.method)
    with devices.repeatable(place, threads=1):
        return _with_maps(part, shown, checked, model=model, settings=settings, seed=seed)


def _with_maps(
    part: ItemsToExplain,
    shown: pd.DataFrame,
    checked: pd.DataFrame,
    *,
    model: ModelToExplain,
    settings: GradCam,
    seed: int,
) -> Explanation:
    """The items with their maps, by the method that explains other items best, and what checks say of the maps."""
    rows = items_to_choose_by(model.data, settings=settings)
    others = model.to_explain(model.predicted(rows), rows)
    runs, blanks = model.asked_runs(), model.blanks()
    method, tried = choose_method(
        runs[0],
        others.arrays,
        others.targets,
        settings=settings,
        blanks=blanks,
        seed=seed,
        energies=others.energies,
    )
    maps = explain_all(runs[0], part.arrays, part.targets, methods=[method], blanks=blanks)[0]
    by_blank = curves_by_blank(
        runs[0],
        part.arrays,
        part.targets,
        {MAP: maps},
        blanks=blanks,
        steps=settings.steps,
        seed=seed,
        energies=part.energies,
    )
    drawn = (item_gains(by_blank) > DRAWN) & maps.any(axis=(1, 2))
    explained = part.explained(maps, drawn=drawn)
    places = pd.Index(part.items["clip"]).get_indexer(pd.Index(checked["clip"]))
    by_blank = some_items(by_blank, places)
    agreement = compare_runs(
        runs, part.arrays[places], part.targets[places], method=method, blanks=blanks, seed=seed
    )
    scores = _scores(
        explained, by_blank, agreement, method=method, wanted=settings.method, count=len(checked)
    )
    for doubt in doubts(scores):
        log.warning("%s", doubt)
    means, curves = _mean_maps(explained), curve_table(by_blank)
    of_shown, of_checked = explained.select(shown), explained.select(checked)
    return Explanation(str(method), of_shown, of_checked, means, scores, curves, tried)


def _scores(
    explained: ExplainedItems,
    by_blank: Mapping[str, Curves],
    agreement: Mapping[str, float],
    *,
    method: Method,
    wanted: str,
    count: int,
) -> dict[str, float | str]:
    """The numbers of metrics/gradcam/<subset>/<view>/<model>.json.

    explained : all items
    by_blank, agreement : of the `count` items that are checked
    """
    scores: dict[str, float | str] = {
        "method": str(method),
        "wanted": wanted,
        "items": count,
        **mean_areas(by_blank),
        **agreement,
        "empty_share": round(float((~explained.maps.any(axis=(1, 2))).mean()), 6),
        "drawn_share": round(float(explained.items["drawn"].mean()), 6),
    }
    if method.missed:
        scores["missed"] = round(max(method.missed.values()), 6)
    return scores


def _mean_maps(explained: ExplainedItems) -> MeanMaps:
    """The mean of the maps that are drawn, by (label, whether it is right)."""
    means, items = MeanMaps(), explained.items
    for label, right, drawn, heat in zip(
        items["label"], items["right"], items["drawn"], explained.maps, strict=True
    ):
        if drawn:
            means.add((label, right), heat)
    return means


def _without_maps(
    part: ItemsToExplain, shown: pd.DataFrame, checked: pd.DataFrame, *, wanted: str
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
    of_part = part.without_maps()
    return Explanation(
        NO_METHOD,
        of_part.select(shown),
        of_part.select(checked),
        MeanMaps(),
        scores,
        curve_table({}),
        pd.DataFrame(columns=["method", "gain", "chosen"]),
    )
