"""Batches by index: what is gathered, from where, and in which order."""

import numpy as np
import pytest

from earshot.core.errors import EarshotError
from earshot.training import batches


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for number, count in enumerate([5, 3, 4]):
        np.save(tmp_path / f"{number:05d}.npy", rng.normal(size=(count, 4, 6)).astype(np.float32))
    return tmp_path


def test_shards_are_memory_mapped_and_gathered_by_index(folder):
    shard, row = np.array([2, 0, 2, 1, 0]), np.array([3, 4, 0, 1, 0])
    clips = batches.open_clips(folder, shard=shard, row=row, labels=np.arange(5))
    assert all(isinstance(array.base, np.memmap) for array in clips.arrays)
    index = np.array([4, 2, 0, 0, 3])
    expected = [np.load(folder / f"{shard[i]:05d}.npy")[row[i]] for i in index]
    np.testing.assert_array_equal(clips.take(index), expected)
    np.testing.assert_array_equal(clips.part(index).take(np.arange(5)), expected)
    assert clips.part(index).labels.tolist() == index.tolist()
    assert clips.nbytes == 5 * 4 * 6 * 4


@pytest.mark.parametrize("in_memory", [True, False])
def test_a_reader_gives_the_same_clips_from_memory_and_from_disk(folder, in_memory):
    clips = batches.open_clips(folder, shard=[0, 1, 2], row=[1, 2, 3], labels=[0, 0, 0])
    read = batches.reader(clips, in_memory=in_memory, device="cpu")
    index = np.array([2, 0])
    np.testing.assert_array_equal(read(index).numpy(), clips.take(index))


@pytest.mark.parametrize("damage", ["missing", "truncated", "other shape"])
def test_a_bad_shard_is_named(folder, damage):
    path = folder / "00001.npy"
    if damage == "missing":
        path.unlink()
    elif damage == "truncated":
        path.write_bytes(path.read_bytes()[:100])
    else:
        np.save(path, np.zeros((3, 4, 7), np.float32))
    with pytest.raises(EarshotError, match=r"00001\.npy"):
        batches.open_clips(folder, shard=[0, 1], row=[0, 0], labels=[0, 1])


def test_an_epochs_order_is_a_permutation_that_seed_and_epoch_decide():
    labels = np.zeros(50, np.int64)
    order = batches.epoch_order(labels, seed=1, epoch=1)
    assert sorted(order) == list(range(50))
    np.testing.assert_array_equal(order, batches.epoch_order(labels, seed=1, epoch=1))
    assert (order != batches.epoch_order(labels, seed=1, epoch=2)).any()
    assert (order != batches.epoch_order(labels, seed=2, epoch=1)).any()


def test_oversampling_levels_the_classes_and_leaves_no_clip_out():
    labels = np.repeat([0, 1, 2], [20, 7, 1])
    order = batches.epoch_order(labels, seed=1, epoch=1, oversample=True)
    assert np.bincount(labels[order]).tolist() == [20, 20, 20]
    times = np.bincount(order, minlength=28)
    assert set(times[:20]) == {1}
    assert set(times[20:27]) == {2, 3}


@pytest.mark.parametrize(
    ("count", "size", "sizes"),
    [(10, 4, [4, 4, 2]), (9, 4, [4, 5]), (8, 4, [4, 4]), (1, 4, [1]), (3, 1, [1, 1, 1]), (0, 4, [])],
)
def test_batches_hold_every_clip_once_and_none_is_alone(count, size, sizes):
    found = batches.cut(np.arange(count), size)
    assert [len(batch) for batch in found] == sizes
    assert np.concatenate([*found, []]).tolist() == list(range(count))


def test_a_fingerprint_tells_data_and_labels_apart():
    features = np.zeros((3, 2, 2), np.float32)
    plain = batches.fingerprint(batches.clips_of(features, [0, 1, 1]))
    relabelled = batches.clips_of(features, [0, 1, 0])
    assert plain == batches.fingerprint(batches.clips_of(features.copy(), [0, 1, 1]))
    assert plain != batches.fingerprint(relabelled)
    assert plain != batches.fingerprint(batches.clips_of(features + 1, [0, 1, 1]))
    assert batches.fingerprint(relabelled, labels=False) == batches.fingerprint(
        batches.clips_of(features, [0, 1, 1]), labels=False
    )
