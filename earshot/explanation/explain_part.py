"""What a model looks at in one part of the data set: the maps to show, their means, and how far to trust them."""

import logging

import numpy as np
import pandas as pd

from earshot.config.base import TorchDevice
from earshot.config.gradcam import GradCam
from earshot.core import devices
from earshot.core.errors import EarshotError
from earshot.explanation.examples import (
    class_numbers,
    first_right_and_wrong,
    predicted_items,
    sample_evenly,
)
from earshot.explanation.explain_all import explain_all, mean_array
from earshot.explanation.faithfulness import doubts
from earshot.explanation.gradcam import choose_method
from earshot.explanation.maps import ExplainedItems, Explanation
from earshot.explanation.sanity import check_maps
from earshot.models.normalization import Normalized
from earshot.training.data import ModelData
from earshot.training.predict import predict

log = logging.getLogger(__name__)


def explain_part(
    model: Normalized, data: ModelData, *, settings: GradCam, seed: int, device: TorchDevice = "auto"
) -> Explanation:
    """Explain every clip of the part `gradcam.part` by the class that the model predicts for the clip's item.

    The checks blank a place by the mean of the training clips; what makes the maps doubtful is logged.
    """
    classes, rows = data.classes, rows_of_part(data, settings.part)
    clips = data.clips(rows)
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
        blank=mean_array(data.clips(rows_of_part(data, "train"))),
        steps=settings.steps,
        seed=seed,
    )
    empty_share = round(means.empty / len(clips), 6)
    described = scores | {"empty_share": empty_share, "method": method, "layer": layer or ""}
    for doubt in doubts(described):
        log.warning("%s", doubt)
    return Explanation(method, layer, shown_items, checked_items, means, described, curves)


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
