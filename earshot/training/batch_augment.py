"""Augmentation of training batches on the fly: crops, flips, masks, roll, gain and mixup, from a seeded generator.

Sizes are shares of the clip: a fixed width would hide most of a short one.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from earshot.config.train import Trainer

FREQUENCY, TIME = -2, -1  # axes


def is_active(trainer: Trainer) -> bool:
    """Whether anything random touches the arrays."""
    return any(
        (
            trainer.crop,
            trainer.time_flip,
            trainer.frequency_flip,
            trainer.time_mask,
            trainer.frequency_mask,
            trainer.roll,
            trainer.gain_db,
            trainer.mixup,
        )
    )


def augment(
    x: Tensor, targets: Tensor, trainer: Trainer, *, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """One training batch, augmented as the trainer says.

    x : shape (batch, bands, frames), or (batch, 3, bands, frames), whose colours all change alike
    targets : shape (batch, classes), one-hot

    Returns both; only mixup changes the targets.
    """
    if trainer.crop:
        for axis in (FREQUENCY, TIME):
            x = crop(x, share=trainer.crop, axis=axis, rng=rng)
    if trainer.time_flip:
        x = flip(x, chance=trainer.time_flip, axis=TIME, rng=rng)
    if trainer.frequency_flip:
        x = flip(x, chance=trainer.frequency_flip, axis=FREQUENCY, rng=rng)
    if trainer.roll:
        x = roll(x, share=trainer.roll, rng=rng)
    if trainer.gain_db:
        x = x + _column(rng.uniform(-trainer.gain_db, trainer.gain_db, len(x)), x)
    if trainer.time_mask:
        x = mask(x, share=trainer.time_mask, axis=TIME, rng=rng)
    if trainer.frequency_mask:
        x = mask(x, share=trainer.frequency_mask, axis=FREQUENCY, rng=rng)
    if trainer.mixup:
        x, targets = mixup(x, targets, alpha=trainer.mixup, rng=rng)
    return x, targets


def crop(x: Tensor, *, share: float, axis: int, rng: np.random.Generator) -> Tensor:
    """Each clip with up to `share` of the axis cut away, in all, at both ends, and the rest stretched to the whole.

    Values lie linearly between neighbours: of a crop that keeps m of n places from s on, place j stands at
    s + (j + 1/2) m/n - 1/2 of the clip.
    """
    size = x.shape[axis]
    remaining = (1 - rng.uniform(0, share, len(x))) * size
    start = rng.uniform(0, 1, len(x)) * (size - remaining)
    places = start[:, None] + (np.arange(size) + 0.5) * (remaining / size)[:, None] - 0.5  # (batch, size)
    places = places.clip(0, size - 1)
    before = np.minimum(places.astype(np.int64), max(size - 2, 0))
    after = np.minimum(before + 1, size - 1)
    weight = _along(torch.from_numpy((places - before).astype(np.float32)).to(x), x, axis)
    return _taken(x, before, axis) * (1 - weight) + _taken(x, after, axis) * weight


def flip(x: Tensor, *, chance: float, axis: int, rng: np.random.Generator) -> Tensor:
    """Each clip, by this chance, turned round along an axis."""
    turned = torch.from_numpy(rng.uniform(0, 1, len(x)) < chance).to(x.device)
    return torch.where(_along(turned[:, None], x, axis), x.flip(axis), x)


def mask(x: Tensor, *, share: float, axis: int, rng: np.random.Generator) -> Tensor:
    """Each clip with one stretch of up to `share` of the axis set to the clip's mean.

    Park et al. (2019), "SpecAugment", with widths as shares of the clip.
    """
    size = x.shape[axis]
    width = rng.uniform(0, share, len(x)) * size
    start = rng.uniform(0, 1, len(x)) * (size - width)
    places = np.arange(size)
    hidden = (places >= start[:, None]) & (places < (start + width)[:, None])  # (batch, size)
    where = _along(torch.from_numpy(hidden).to(x.device), x, axis)
    return torch.where(where, x.mean(dim=tuple(range(1, x.ndim)), keepdim=True), x)


def roll(x: Tensor, *, share: float, rng: np.random.Generator) -> Tensor:
    """Each clip moved along time by up to `share` of its length, either way; what leaves one end enters the other."""
    frames = x.shape[TIME]
    shift = np.rint(rng.uniform(-share, share, len(x)) * frames).astype(np.int64)
    source = (np.arange(frames) - shift[:, None]) % frames  # (batch, frames)
    return _taken(x, source, TIME)


def mixup(x: Tensor, targets: Tensor, *, alpha: float, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Each clip blended with another of the batch, and its target alike.

    Zhang et al. (2018), "mixup: Beyond Empirical Risk Minimization"; the share is drawn from Beta(alpha, alpha).
    """
    share = rng.beta(alpha, alpha, len(x)).astype(np.float32)
    other = torch.from_numpy(rng.permutation(len(x))).to(x.device)
    blend, weights = _column(share, x), _column(share, targets)
    return blend * x + (1 - blend) * x[other], weights * targets + (1 - weights) * targets[other]


def _taken(x: Tensor, places: NDArray[np.int64], axis: int) -> Tensor:
    """Each clip with the values of these places along an axis.

    places : shape (batch, size of the axis)
    """
    return x.gather(axis, _along(torch.from_numpy(places).to(x.device), x, axis).expand(x.shape))


def _along(values: Tensor, x: Tensor, axis: int) -> Tensor:
    """Values of each clip along an axis, as they broadcast over the others. (batch, size) -> as many axes as x"""
    shape = [len(x), *[1] * (x.ndim - 1)]
    shape[axis] = values.shape[1]
    return values.reshape(shape)


def _column(values: NDArray[np.floating[Any]], x: Tensor) -> Tensor:
    """One number a clip, as x's type, with as many axes as x has."""
    return torch.from_numpy(np.asarray(values)).to(x).reshape(-1, *[1] * (x.ndim - 1))
