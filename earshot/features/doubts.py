"""What the models do not get to see of a data set, and what tells them nothing: doubts about every result."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.config.base import View
from earshot.config.features import Features
from earshot.config.inputs import EmbeddingInput, ModelInput, PicturesInput, SoundsInput, read_input
from earshot.config.views import VIEWS, is_embedded
from earshot.core import paths
from earshot.core.io import read_table
from earshot.features.lengths import frames_of_sounds, is_resized

log = logging.getLogger(__name__)

MUCH = 0.1  # of all frames: less is what rounding and a long tail leave out
NAMED = 5  # silent items


class Doubt(NamedTuple):
    """One doubt.

    kind : much lies `beyond` what the models see; some of what they see is `silent`
    """

    kind: Literal["beyond", "silent"]
    text: str


def read_doubts(views: Sequence[View]) -> list[Doubt]:
    """The doubts about the arrays of a study that are made of sound, whatever the order of its views."""
    # one for each kind of arrays; those of the floor where no other view has them
    folders: dict[str, Path] = {}
    for view in VIEWS:
        if view in views and VIEWS[view].is_heard:
            kind = "embedding" if is_embedded(view, views) else VIEWS[view].source
            folders.setdefault(kind, paths.features(view))
    every_doubt: list[Doubt] = []
    for folder in folders.values():
        model_input = read_input(folder / "settings.json")
        every_doubt += doubts(model_input, read_table(paths.BALANCED), read_table(folder / "rows.csv"))
    return list(dict.fromkeys(every_doubt))


def warn_of_doubts(view: View) -> None:
    """Tell the console of the doubts about a view's features."""
    for doubt in read_doubts([view]):
        log.warning("%s", doubt.text)


def doubts(model_input: ModelInput, items: pd.DataFrame, rows: pd.DataFrame) -> list[Doubt]:
    """What lies beyond features.frames, and which clips are silent.

    model_input : with the frames that the arrays have
    items : data/balanced.csv
    rows : data/features/<view>/rows.csv
    """
    if isinstance(model_input, PicturesInput):
        return []
    # which hears to the end, but for a rest of less than half a window
    if isinstance(model_input, EmbeddingInput):
        silent = None if model_input.sonify else _silent(rows)
        return [silent] if silent else []
    features, is_sound = model_input.features, isinstance(model_input, SoundsInput)
    possible = [_beyond_frames(features, items, is_sound), _silent(rows) if is_sound else None]
    return [doubt for doubt in possible if doubt is not None]


def _beyond_frames(features: Features, items: pd.DataFrame, is_sound: bool) -> Doubt | None:
    seen = features.frames
    assert seen is not None
    present: NDArray[np.int64] = (
        frames_of_sounds(features, items)
        if is_sound
        else np.where(is_resized(items), seen, items["width"]).astype(np.int64)
    )
    beyond = np.maximum(present - seen, 0)
    share = beyond.sum() / present.sum()
    if share < MUCH:
        return None
    what = "clip" if features.clip_s is not None else "recording" if is_sound else "array"
    seconds = f", {seen * features.hop_length / features.sample_rate:.2f} s," if is_sound else ""
    text = (
        f"features.frames: {seen} shows the models the first {seen} frames{seconds} of each {what}, and "
        f"{100 * share:.0f} % of all frames lie beyond, in {np.count_nonzero(beyond):,} of {len(items):,} items."
    )
    if features.clip_s is not None:
        return Doubt("beyond", f"{text} Set features.frames: null to show clips whole.")
    whole = f"features.frames: {present.max()} to show all of them whole"
    if not is_sound:
        return Doubt("beyond", f"{text} Set {whole}.")
    return Doubt("beyond", f"{text} Set features.clip_s in its place to cut them into clips, or {whole}.")


def _silent(rows: pd.DataFrame) -> Doubt | None:
    clips = rows[rows["copy"] == 0]
    silent = clips[clips["silent"] == 1]
    if silent.empty:
        return None
    names = silent["id"].unique()
    more = ", …" if len(names) > NAMED else ""
    text = (
        f"{len(silent):,} of {len(clips):,} clips are silent as far as the models see them, and alike in every class "
        f"(in {', '.join(names[:NAMED])}{more}). Name the stretches that sound in a table of labels with start_s "
        "and end_s, leave out what is silent as a whole, and set features.channel where channels cancel each other."
    )
    return Doubt("silent", text)
