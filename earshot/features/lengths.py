"""One shape for all arrays of a study, resolved from the index before any of them is computed."""

import logging
import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.config.base import Kind
from earshot.config.embedding import CompleteEmbedding
from earshot.config.features import Features
from earshot.core.errors import EarshotError, list_problems
from earshot.reading.margins import NONE, Margins
from earshot.signal.clips import window_starts
from earshot.signal.mel import silent_bands
from earshot.signal.stft import frame_count

log = logging.getLogger(__name__)

MUCH_MARGIN = 0.05  # of the area of drawn spectrograms
COVERED = (0.5, 0.9, 0.95, 0.99, 1.0)  # the shares of items whose lengths an error names


def resolve_shape(features: Features, items: pd.DataFrame, *, kind: Kind) -> Features:
    """The settings with the frames, and of drawn spectrograms the bands, that every array of the study has.

    items : data/balanced.csv
    kind : of the data set; the block sonify sets the size of pictures

    Raises EarshotError where lengths differ and the settings do not say what to do.
    """
    if kind == "sounds":
        return _of_sounds(features, items)
    return _of_spectrograms(features, items) if kind == "spectrograms" else features


def check_windows(
    settings: CompleteEmbedding, features: Features, items: pd.DataFrame, *, kind: Kind
) -> None:
    """Raise EarshotError where the sounds of a study have different numbers of windows, and each would be a frame.

    settings : of the pretrained model that hears them, complete
    """
    if settings.pooling != "none" or kind != "sounds" or features.clip_s is not None:
        return
    rate = settings.sample_rate
    window, hop = round(settings.window_s * rate), round(settings.hop_s * rate)
    ends = [math.ceil(duration * rate) for duration in (items["duration_s"].min(), items["duration_s"].max())]
    few, many = (len(window_starts(samples, window, hop)) for samples in ends)
    if few != many:
        raise EarshotError(
            f"embedding.pooling: none makes a frame of each window, and the sounds have {few} to {many} of them. Set "
            "features.clip_s, the seconds of a clip, or pool the windows: mean, max"
        )


def warn_of_silent_bands(features: Features, *, kind: Kind) -> None:
    """Log that mel bands of sounds stay silent, where n_fft is too short for so many."""
    if kind == "sounds" and (empty := silent_bands(features)):
        log.warning(
            f"{empty} of features.n_mels={features.n_mels} bands lie between two bins of the transform and "
            f"stay silent; set fewer, or features.n_fft above {features.n_fft}"
        )


def frames_of_sounds(features: Features, items: pd.DataFrame) -> NDArray[np.int64]:
    """The frames of each sound, or of its clips, before any are cropped or filled up. Shape (items,)"""
    if features.clip_s is not None:
        return np.full(len(items), _frames(round(features.clip_s * features.sample_rate), features))
    durations = items["duration_s"].to_numpy()
    return np.array([_frames(_samples(duration, features), features) for duration in durations])


def is_resized(items: pd.DataFrame) -> "pd.Series[bool]":
    """Which ready spectrograms are drawn: they are resized whole, where arrays must fit."""
    return ~items["path"].str.lower().str.endswith(".npy")


def common_margins(items: pd.DataFrame) -> Margins:
    """The margins that all drawn spectrograms have.

    items : rows of data/index.csv
    A band or a moment that is as white as the paper in some pictures is not in others, so that it stays.
    """
    columns = [f"margin_{side}" for side in Margins._fields]
    return Margins(*items.reindex(columns=columns).min().fillna(0.0).astype(float))


def _with_margins(features: Features, items: pd.DataFrame) -> Features:
    """The settings with the margins in numbers; the console is told of margins that are kept, or not there."""
    common = common_margins(items)
    if features.margin is None and common.share > MUCH_MARGIN:
        log.warning(
            "%.0f %% of the drawn spectrograms is margin around the plot; features.margin: auto cuts it off",
            100 * common.share,
        )
    elif features.margin == "auto":
        log.info("features.margin: auto cuts off %.0f %% of the drawn spectrograms", 100 * common.share)
        return features.model_copy(update={"margin": list(common)})
    return features


def _of_sounds(features: Features, items: pd.DataFrame) -> Features:
    if features.frames is not None:
        return features
    frames = np.sort(frames_of_sounds(features, items))
    if frames[0] == frames[-1]:
        return _with(features, frames=int(frames[0]))
    durations = np.sort(items["duration_s"].to_numpy())
    choices = []
    for share in COVERED:
        place = math.ceil(share * len(frames)) - 1
        choices.append(
            f"frames: {frames[place]} or clip_s: {durations[place]:.3f} holds {share:.0%} of them whole"
        )
    raise list_problems(
        f"features.frames and features.clip_s are null, and the sounds last {durations[0]:.3f} to "
        f"{durations[-1]:.3f} s. Set features.frames, and each is cropped or padded to it, or features.clip_s, "
        "and long ones are cut into clips:",
        choices,
    )


def _samples(duration_s: float, features: Features) -> int:
    """As many as resampling gives; a product that is whole but for rounding counts as whole."""
    return max(1, math.ceil(round(duration_s * features.sample_rate, 6)))


def _frames(samples: int, features: Features) -> int:
    return frame_count(samples, n_fft=features.n_fft, hop_length=features.hop_length)


def _of_spectrograms(features: Features, items: pd.DataFrame) -> Features:
    features = _with_margins(features, items)
    drawn = is_resized(items)
    left, top, right, bottom = features.margin if isinstance(features.margin, list) else NONE
    heights = _uncut(items["height"], drawn, top, bottom)
    widths = _uncut(items["width"], drawn, left, right)
    bands = features.bands or heights.iloc[0]
    frames = features.frames or widths.iloc[0]
    wrong = (heights != bands) & ~(drawn & (features.bands is not None))
    if features.frames is None:
        wrong |= widths != frames
    if not wrong.any():
        return _with(features, bands=int(bands), frames=int(frames))
    wanted = f"{bands} bands" if features.frames is not None else f"{bands} × {frames} (bands × frames)"
    raise list_problems(
        f"{wrong.sum()} of {len(items)} spectrograms are not of {wanted}, as "
        f"{'features.bands says' if features.bands else 'the first one is'}. Set features.frames to crop or pad "
        "arrays, and features.bands as well to resize drawn ones:",
        [f"{row.path}: {row.height} × {row.width}" for row in items[wrong].itertuples()],
    )


def _uncut(
    sizes: "pd.Series[int]", drawn: "pd.Series[bool]", before: float, behind: float
) -> "pd.Series[int]":
    """What the margins leave of the sides of drawn spectrograms."""
    return sizes - np.where(drawn, (sizes * before).round() + (sizes * behind).round(), 0).astype(int)


def _with(features: Features, **changes: int) -> Features:
    return features.model_copy(update=changes)
