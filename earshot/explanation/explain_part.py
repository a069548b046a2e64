"""What a model looks at in one part of the data set: the maps to show, their means, and how far to trust them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.config.gradcam import GradCam
from earshot.core import devices
from earshot.explanation.examples import (
    class_numbers,
    first_right_and_wrong,
    predicted_items,
    sample_evenly,
)
from earshot.explanation.explain_all import explain_all
from earshot.explanation.gradcam import choose_method
from earshot.explanation.maps import ExplainedItems, MeanMaps
from earshot.explanation.sanity import check_maps
from earshot.models.normalization import Normalized
from earshot.training.batches import Clips
from earshot.training.predict import predict


@dataclass(frozen=True)
class Explanation:
    """What a model looks at.

    method, layer : as `gradcam.choose_method` gives them
    shown : the first items of each class that are right and that are wrong
    checked : the items that the checks were made on, the same for every model
    means : the mean maps, by (label, whether it is right)
    scores : the numbers of metrics/gradcam/<subset>/<view>/<model>.json
    curves : DataFrame of `sanity.check_maps`
    """

    method: str
    layer: str | None
    shown: ExplainedItems
    checked: ExplainedItems
    means: MeanMaps
    scores: dict[str, float | str]
    curves: pd.DataFrame


def explain_part(
    model: Normalized,
    clips: Clips,
    rows: pd.DataFrame,
    *,
    blank: NDArray[np.float32],
    classes: Sequence[str],
    settings: GradCam,
    seed: int,
    device: str = "auto",
) -> Explanation:
    """Explain every clip of a part by the class that the model predicts for the clip's item.

    clips, rows : the part's clips, and the same ones as a table, as `examples.rows_of_part` gives it
    blank : shape (bands, frames), the array without information that the checks put in a place's stead
    """
    method, layer = choose_method(model, clips.shape, method=settings.method, layer=settings.layer)
    model.to(devices.pick(device))  # moved while predicting, the weights could not be explained
    items = predicted_items(rows, predict(model, clips, device=device), classes=classes)
    shown = first_right_and_wrong(items, per_class=settings.per_class, classes=classes)
    checked = sample_evenly(items, count=settings.checked, classes=classes)
    by_clip = items.set_index("id").loc[rows["id"]]
    targets = class_numbers(by_clip["predicted"], classes)
    means, maps = explain_all(
        model,
        clips,
        targets,
        keys=list(zip(by_clip["label"], by_clip["right"], strict=True)),
        returned={*shown["clip"], *checked["clip"]},
        method=method,
        layer=layer,
        device=device,
    )
    shown_items, checked_items = (
        ExplainedItems(
            some, clips.take(some["clip"].to_numpy()), np.stack([maps[clip] for clip in some["clip"]])
        )
        for some in (shown, checked)
    )
    scores, curves = check_maps(
        model,
        checked_items.arrays,
        targets[checked["clip"]],
        checked_items.maps,
        method=method,
        layer=layer,
        blank=blank,
        steps=settings.steps,
        seed=seed,
    )
    empty_share = round(means.empty / len(clips), 6)
    described = scores | {"empty_share": empty_share, "method": method, "layer": layer or ""}
    return Explanation(method, layer, shown_items, checked_items, means, described, curves)
