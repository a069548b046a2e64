"""Locks between processes, here between open files of one."""

from concurrent.futures import ThreadPoolExecutor

from earshot.core import locks


def test_who_asks_does_not_hold(tmp_path):
    path = tmp_path / "lock"
    path.touch()
    with ThreadPoolExecutor(4) as pool:
        assert not any(pool.map(locks.is_held, [path] * 2000))


def test_a_lock_is_held_until_it_is_let_go(tmp_path):
    path = tmp_path / "folder" / "lock"
    with locks.hold(path, busy="busy"):
        assert locks.is_held(path)
    assert not locks.is_held(path)
