"""Augmentation on the fly: how much it may change, and that the seed decides."""

import numpy as np
import pytest
import torch

from earshot.training import batch_augment
from tests.training.arrays import a_trainer

X = torch.from_numpy(np.random.default_rng(0).normal(size=(64, 20, 50)).astype(np.float32))
TARGETS = torch.eye(4)[torch.arange(64) % 4]


def rng():
    return np.random.default_rng(1)


@pytest.mark.parametrize("axis", [1, 2])
@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_a_mask_hides_one_stretch_of_at_most_its_share(share, axis):
    changed = (batch_augment.mask(X, share=share, axis=axis, rng=rng()) != X).numpy()
    lines = changed.all(axis=3 - axis)  # (batch, size of the axis)
    np.testing.assert_array_equal(lines, changed.any(axis=3 - axis))
    size = X.shape[axis]
    assert lines.sum(axis=1).max() <= np.ceil(share * size)
    assert lines.any()
    edges = np.diff(np.pad(lines.astype(int), ((0, 0), (1, 1))), axis=1)
    assert (edges == 1).sum(axis=1).max() == 1


def test_a_mask_holds_the_clips_mean():
    found = batch_augment.mask(X, share=0.9, axis=2, rng=rng())
    changed = found != X
    means = X.mean(dim=(1, 2), keepdim=True).expand_as(X)
    torch.testing.assert_close(found[changed], means[changed])


def test_a_roll_moves_each_clip_as_numpy_would():
    found = batch_augment.roll(X, share=0.2, rng=rng())
    shifts = np.rint(rng().uniform(-0.2, 0.2, 64) * 50).astype(int)
    expected = [np.roll(clip, shift, axis=1) for clip, shift in zip(X.numpy(), shifts, strict=True)]
    np.testing.assert_array_equal(found.numpy(), expected)


def by_torch(clip, axis, start, kept):
    """The crop of one clip, stretched, by torch's own sampling of a grid: -1 and 1 are the clip's outer edges."""
    size = clip.shape[axis]
    centres = (start + (np.arange(size) + 0.5) * kept / size) * 2 / size - 1
    other = (np.arange(clip.shape[1 - axis]) + 0.5) * 2 / clip.shape[1 - axis] - 1
    rows, columns = (centres, other) if axis == 0 else (other, centres)
    grid = torch.from_numpy(np.stack(np.meshgrid(columns, rows), axis=-1)).float()
    options = {"mode": "bilinear", "padding_mode": "border", "align_corners": False}
    return torch.nn.functional.grid_sample(clip[None, None], grid[None], **options)[0, 0]


@pytest.mark.parametrize("axis", [1, 2])
def test_a_crop_is_stretched_as_torch_samples_it(axis):
    found, draws, size = batch_augment.crop(X, share=0.4, axis=axis, rng=rng()), rng(), X.shape[axis]
    kept = (1 - draws.uniform(0, 0.4, 64)) * size
    start = draws.uniform(0, 1, 64) * (size - kept)
    for number in range(64):
        expected = by_torch(X[number], axis - 1, start[number], kept[number])
        torch.testing.assert_close(found[number], expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("axis", [1, 2])
def test_a_flip_turns_by_its_chance_and_turns_back(axis):
    found = batch_augment.flip(X, chance=0.5, axis=axis, rng=rng())
    turned = (found != X).any(dim=2).any(dim=1)
    assert 0.3 < turned.float().mean() < 0.7
    assert torch.equal(found[turned], X[turned].flip(axis))
    assert torch.equal(batch_augment.flip(X, chance=1.0, axis=axis, rng=rng()), X.flip(axis))


def test_gain_adds_one_number_to_a_clip():
    found, _ = batch_augment.augment(X, TARGETS, a_trainer(gain_db=6.0), rng=rng())
    added = (found - X).numpy()
    np.testing.assert_allclose(added, np.broadcast_to(added[:, :1, :1], added.shape), atol=1e-5)
    assert 4 < np.abs(added).max() <= 6 + 1e-5


def test_mixup_blends_clips_and_targets_alike():
    x = torch.nn.functional.pad(TARGETS[:, :, None], (0, 2))  # the target, written in the clip
    found, targets = batch_augment.mixup(x, TARGETS, alpha=0.4, rng=rng())
    torch.testing.assert_close(found[:, :, 0], targets)
    torch.testing.assert_close(targets.sum(1), torch.ones(64))
    assert ((targets > 0.01).sum(1) == 2).any()


def test_nothing_asked_for_leaves_the_batch_as_it_is():
    x, targets = batch_augment.augment(X, TARGETS, a_trainer(), rng=rng())
    assert x is X
    assert targets is TARGETS


@pytest.mark.parametrize(
    "key",
    ["crop", "time_flip", "frequency_flip", "time_mask", "frequency_mask", "roll", "gain_db", "mixup"],
)
def test_the_seed_decides(key):
    trainer = a_trainer(**{key: 0.5})
    assert batch_augment.is_active(trainer)
    one, two = (batch_augment.augment(X, TARGETS, trainer, rng=rng())[0] for _ in range(2))
    assert torch.equal(one, two)
    assert not torch.equal(one, X)


EVERYTHING = {
    **{"crop": 0.3, "time_flip": 0.5, "frequency_flip": 0.5, "time_mask": 0.4, "frequency_mask": 0.4},
    **{"roll": 0.2, "gain_db": 3.0, "mixup": 0.4},
}


def test_all_colours_of_an_array_change_alike():
    trainer = a_trainer(**EVERYTHING)
    grey, targets = batch_augment.augment(X, TARGETS, trainer, rng=rng())
    colours, same = batch_augment.augment(torch.stack([X] * 3, dim=1), TARGETS, trainer, rng=rng())
    torch.testing.assert_close(colours, torch.stack([grey] * 3, dim=1))
    torch.testing.assert_close(same, targets)
