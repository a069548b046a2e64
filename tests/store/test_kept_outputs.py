"""Outputs are kept by clip, for whoever asks, and go when nobody does."""

import multiprocessing
import resource
import signal

import numpy as np
import pytest

from earshot.core.errors import EarshotError
from earshot.store import kept_outputs
from earshot.store.kept_outputs import KeptOutputs

SIZE = 5


def key(number):
    return bytes([number]) * kept_outputs.KEY_BYTES


def asked(user, numbers, folder, *, backbone="b"):
    """Asks for the outputs of clips, and checks them. The clips that were computed."""
    computed = []

    def compute(positions):
        for position in positions:
            computed.append(numbers[position])
            yield np.array([position]), np.full((1, SIZE), numbers[position], np.float32)

    kept = user if isinstance(user, KeptOutputs) else KeptOutputs(user, folder=folder)
    outputs, rows = kept.fetch(backbone, [key(number) for number in numbers], size=SIZE, compute=compute)
    np.testing.assert_array_equal(outputs[rows], np.repeat(np.array(numbers)[:, None], SIZE, axis=1))
    return computed


def records(folder, backbone="b"):
    path = folder / f"{backbone}-{SIZE}" / kept_outputs.RECORDS
    return path.stat().st_size // kept_outputs._record(SIZE).itemsize


def test_each_clip_is_computed_once_for_all_users(tmp_path):
    assert asked("one", [1, 2, 1], tmp_path) == [2, 1]
    assert asked("two", [3, 2], tmp_path) == [3]
    assert asked("one", [3, 1], tmp_path, backbone="other") == [3, 1]


def test_a_kill_costs_what_was_in_hand(tmp_path):
    def compute(positions):
        yield positions[:1], np.ones((1, SIZE), np.float32)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        KeptOutputs("one", folder=tmp_path).fetch("b", [key(1), key(2)], size=SIZE, compute=compute)
    assert asked("one", [1, 2], tmp_path) == [2]


@pytest.mark.parametrize(
    ("damage", "again"),
    [
        (lambda content: content[:-3], [3]),
        (lambda content: content[:-3] + b"abc", [3]),
        (lambda content: content + b"cut off", []),
        (lambda content: b"", [1, 2, 3]),
    ],
    ids=["cut", "other bytes", "a torn record", "empty"],
)
def test_what_is_damaged_is_computed_again(damage, again, tmp_path):
    asked("one", [1, 2, 3], tmp_path)
    path = tmp_path / f"b-{SIZE}" / kept_outputs.RECORDS
    path.write_bytes(damage(path.read_bytes()))
    assert asked("one", [1, 2, 3], tmp_path) == again
    assert asked("one", [1, 2, 3, 4], tmp_path) == [4]
    assert asked("one", [1, 2, 3, 4], tmp_path) == []


def test_what_no_user_asks_for_is_removed_once_it_is_more_than_half(tmp_path):
    asked("one", [1, 2], tmp_path)
    asked("two", [1, 3, 4, 5, 6], tmp_path)
    for numbers, left in (([1, 3, 4], 6), ([7], 3)):  # 5 and 6 are let go of, then 3 and 4
        two = KeptOutputs("two", folder=tmp_path)
        asked(two, numbers, tmp_path)
        two.forget_others()
        assert records(tmp_path) == left
    assert asked("one", [1, 2, 7], tmp_path) == []


def test_a_backbone_that_nobody_asks_for_is_removed(tmp_path):
    asked("one", [1], tmp_path)
    asked("two", [1], tmp_path)
    for user in ("one", "two"):
        kept = KeptOutputs(user, folder=tmp_path)
        kept.forget_others()  # of a stage that took all runs over
        asked(kept, [1], tmp_path, backbone="other")
        assert (tmp_path / f"b-{SIZE}").exists()
        kept.forget_others()
    assert [path.name for path in tmp_path.glob("*/")] == [f"other-{SIZE}"]


def test_what_users_that_left_have_asked_for_is_removed(tmp_path):
    asked("one", [1], tmp_path)
    asked("two", [1], tmp_path)
    asked("two", [1], tmp_path, backbone="other")
    kept_outputs.forget_users(["one"], folder=tmp_path)
    assert [path.name for path in tmp_path.glob("*/")] == [f"b-{SIZE}"]
    assert asked("one", [1], tmp_path) == []


def ask_and_forget(user, folder):
    """Turns through backbones, letting go of each as it takes the next: folders are made and removed all the time."""
    for turn in range(60):
        kept = KeptOutputs(user, folder=folder)
        asked(kept, [1, 2], folder, backbone=f"b{turn % 3}")
        kept.forget_others()
        kept_outputs.forget_users(["none"] if turn % 4 == 0 else ["one", "two", "three"], folder=folder)


def test_processes_that_ask_and_forget_at_once_do_not_hurt_each_other(tmp_path):
    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=ask_and_forget, args=(user, tmp_path)) for user in ("one", "two", "three")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]


@pytest.fixture
def small_files():
    """No file may grow beyond 200 bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_file_that_takes_no_more_is_named(small_files, tmp_path):
    with pytest.raises(
        EarshotError, match=f"b-{SIZE}/outputs could not be written: no file may be that large"
    ):
        asked("one", [1, 2, 3, 4, 5, 6], tmp_path)
    assert asked("one", [1, 2, 3, 4, 5], tmp_path) == []


def test_a_fault_of_what_computes_is_not_the_files(tmp_path):
    def compute(positions):
        yield positions[:1], np.ones((1, SIZE), np.float32)
        raise FileNotFoundError("shards/0.npz")

    with pytest.raises(FileNotFoundError, match=r"shards/0\.npz"):
        KeptOutputs("one", folder=tmp_path).fetch("b", [key(1), key(2)], size=SIZE, compute=compute)
