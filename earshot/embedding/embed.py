"""Sounds to the vectors that a pretrained model gives for them, window by window."""

import numpy as np
from numpy.typing import NDArray

from earshot.config.embedding import CompleteEmbedding
from earshot.core.chunks import chunks
from earshot.core.errors import EarshotError
from earshot.embedding.model_file import open_model
from earshot.signal.clips import Pad, fit_length, window_starts

BATCH = 8  # windows of one sound that are cut, and given to a model which takes several, at once: memory stays bounded


def embed(
    signals: NDArray[np.float32], *, settings: CompleteEmbedding, sha256: str, name: str, pad: Pad = "silence"
) -> NDArray[np.float32]:
    """What the model gives for sounds of one length. (clips, samples) -> (clips, dimensions, frames)

    settings : as `settings.resolved` gives them; one frame where they pool the windows, else one a window
    sha256 : of the model's file
    name : what errors call the sounds
    pad : what fills a window that is longer than what is left of the sound

    Each clip is given by itself, so that it has the same numbers whatever else is asked for.
    """
    return np.stack([_of_clip(clip, settings, sha256, name, pad) for clip in signals])


def _of_clip(
    clip: NDArray[np.float32], settings: CompleteEmbedding, sha256: str, name: str, pad: Pad
) -> NDArray[np.float32]:
    """(samples,) -> (dimensions, frames)"""
    length, hop = (round(seconds * settings.sample_rate) for seconds in (settings.window_s, settings.hop_s))
    rows = np.concatenate(
        [
            vectors(
                np.stack(
                    [fit_length(clip[start : start + length], length=length, pad=pad) for start in some]
                ),
                settings=settings,
                sha256=sha256,
                name=name,
            )
            for some in chunks(window_starts(len(clip), length, hop), BATCH)
        ]
    )
    if settings.pooling == "none":
        return np.ascontiguousarray(rows.T)
    return _pooled(rows[np.newaxis], settings).T


def vectors(
    windows: NDArray[np.float32], *, settings: CompleteEmbedding, sha256: str, name: str
) -> NDArray[np.float32]:
    """What the model gives for each window. (windows, samples) -> (windows, dimensions)

    Where it gives several vectors for a window, it is their mean, or their maximum with pooling max.

    Raises EarshotError that names the model and the sound for NaN, and for what is no vector.
    """
    path = settings.model
    model = open_model(path, sha256=sha256, output=settings.output)
    shape = model.inputs[0].shape
    size = BATCH if len(shape) > 1 and shape[0] is None else 1
    rows = []
    for first in range(0, len(windows), size):
        batch = windows[first : first + size]
        given = model.run(
            batch.reshape(len(batch), *[1] * (len(shape) - 2), -1) if len(shape) > 1 else batch[0]
        )
        if not np.isfinite(given).all():
            raise EarshotError(
                f"embedding.model: {path} gives numbers that are not finite (NaN or infinite) for {name}: the model "
                "cannot be used for it. Leave the sound out, or take another model"
            )
        rows.append(_rows(given, len(batch), settings))
    return np.concatenate(rows)


def _rows(given: NDArray[np.float32], windows: int, settings: CompleteEmbedding) -> NDArray[np.float32]:
    """A vector a window, of what the model gave for a batch. -> (windows, dimensions)"""
    if given.ndim > 1 and given.shape[0] != windows and windows == 1:
        given = given[np.newaxis]  # several vectors of the one window
    if given.ndim == 1 and windows == 1:
        given = given[np.newaxis]
    if given.ndim:
        given = given.reshape(given.shape[0], *[side for side in given.shape[1:] if side != 1] or [1])
    if given.ndim not in (2, 3) or given.shape[0] != windows:
        raise EarshotError(
            f"embedding.output: {settings.model} gives an array of {given.shape} for {windows} window(s); wanted is a "
            "vector for each, or several to be pooled. Name another output"
        )
    if given.ndim == 2:
        return given
    return _pooled(given, settings)


def _pooled(several: NDArray[np.float32], settings: CompleteEmbedding) -> NDArray[np.float32]:
    """(windows, vectors, dimensions) -> (windows, dimensions)"""
    if settings.pooling == "max":
        largest: NDArray[np.float32] = several.max(axis=1)
        return largest
    mean: NDArray[np.float32] = several.mean(axis=1, dtype=np.float64).astype(np.float32)
    return mean
