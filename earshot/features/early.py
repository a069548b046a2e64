"""What the stages balance, split and featurize would refuse, found before any stage runs."""

import logging
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from earshot.config.base import View
from earshot.config.study import Study
from earshot.config.views import is_embedded
from earshot.core import paths
from earshot.core.classes import study_classes
from earshot.core.errors import EarshotError
from earshot.dataset.items import items_of
from earshot.dataset.probe import probe
from earshot.dataset.split import PARTS
from earshot.dataset.trial_split import trial_split
from earshot.embedding.settings import resolved
from earshot.features.lengths import resolve_shape

MOST_OPENED = 64
MOST_DEALT = 100_000  # items; the stage split tells of more


def refuse_early(study: Study) -> None:
    """Raise for subsets, groups, parts and lengths that do not fit the data set, where it is there.

    The messages are those of the stages. What only some files have, the stages find later.
    """
    dataset = study.dataset
    if not Path(dataset.path).is_dir() or PurePath(dataset.path) == paths.DIGITS:
        return
    log = logging.getLogger("earshot.dataset")
    level = log.level
    log.setLevel(logging.ERROR)  # the stage index says the rest
    try:
        items = items_of(dataset)
    finally:
        log.setLevel(level)
    classes = study_classes(
        items["label"], classes=dataset.classes, subsets=study.subsets, reject=dataset.reject
    )
    if len(items) <= MOST_DEALT:
        trial_split(
            items,
            dataset,
            classes=classes,
            method=study.balance.method,
            ratios={part: getattr(study.split, part) for part in PARTS},
            seed=study.seed,
        )
    if dataset.kind == "pictures" or all(is_embedded(view, study.views) for view in study.views):
        return  # the block sonify gives pictures their size, and a pretrained model takes sounds of any length
    items = items[items["label"].isin(classes)]
    places = np.unique(np.linspace(0, len(items) - 1, MOST_OPENED).round().astype(int))
    try:
        opened = probe(items.iloc[places].reset_index(drop=True), kind=dataset.kind)
    except EarshotError:  # the stage index names all bad files together
        return
    resolve_shape(study.features, opened, kind=dataset.kind)


def refuse_copies(study: Study, heard: Mapping[View, Mapping[str, Any]]) -> None:
    """Raise for variants of recordings that the pretrained model would not hear as it hears the recordings.

    heard : as `view_files.views_of` gives it
    """
    augment, features = study.augment, study.features
    sha256 = next((content["sha256"] for content in heard.values() if content), None)
    if not augment.copies or sha256 is None or study.dataset.kind != "sounds":
        return
    ears = resolved(study.embedding, sha256=sha256)
    if ears.sample_rate > features.sample_rate:
        raise EarshotError(
            f"features.sample_rate: augment.copies are made at {features.sample_rate} Hz, and the view embedding hears "
            f"at {ears.sample_rate} Hz: they would lack all above {features.sample_rate / 2:g} Hz. Set "
            f"features.sample_rate: {ears.sample_rate}, or augment.copies: 0"
        )
    if ears.pooling == "none" and augment.stretch is not None and features.clip_s is None:
        raise EarshotError(
            "augment.stretch: stretched copies have other numbers of windows, and embedding.pooling: none makes a "
            "frame of each. Set features.clip_s, the seconds of a clip, or pool the windows: mean, max"
        )
