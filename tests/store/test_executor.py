"""Shards over this machine's processes: in order, a few at a time, and faults that name themselves."""

import os
import signal

import joblib
import pytest
from threadpoolctl import threadpool_limits

from earshot.core.errors import EarshotError
from earshot.store import executor
from earshot.store.cores import AHEAD, THREADS, each_on_threads, in_order
from earshot.store.executor import each_shard, for_workers, map_shards


@pytest.fixture(params=[1, 2])
def workers(request, monkeypatch):
    """One process, this one, and two."""
    monkeypatch.setattr(joblib, "effective_n_jobs", lambda n_jobs: request.param)
    return request.param


@pytest.fixture
def two(monkeypatch):
    monkeypatch.setattr(joblib, "effective_n_jobs", lambda n_jobs: 2)


def run(function, tasks, count):
    return each_shard(function, tasks, sizes=[1] * count, description="test")


def test_results_come_in_order_and_shards_are_taken_a_few_at_a_time(workers):
    taken = []

    def tasks():
        for number in range(50):
            taken.append(number)
            yield -number

    results = run(abs, tasks(), 50)
    first = next(results)
    assert len(taken) <= AHEAD * workers
    assert [first, *results] == list(range(50))


def test_results_that_nobody_takes_are_not_worked_ahead_of(workers):
    taken = []
    results = run(abs, (taken.append(number) or number for number in range(50)), 50)
    next(results)
    results.close()
    assert len(taken) <= AHEAD * workers


def test_threads_give_results_in_order_and_take_as_many_tasks_as_they_are():
    taken = []
    results = each_on_threads(abs, (taken.append(number) or -number for number in range(50)))
    first = next(results)
    assert len(taken) <= THREADS
    assert [first, *results] == list(range(50))


def test_threads_finish_what_they_were_given_before_a_fault():
    done = []

    def tasks():
        yield from range(5)
        raise EarshotError("no more")

    with pytest.raises(EarshotError, match="no more"):
        list(each_on_threads(done.append, tasks()))
    assert sorted(done) == list(range(5))


def fail(number):
    raise EarshotError(f"file {number}: no good")


def test_a_fault_comes_through_as_it_is(workers):
    with pytest.raises(EarshotError, match=r"^file 0: no good$"):
        list(run(fail, range(4), 4))


def test_a_fault_on_a_thread_comes_through_as_it_is():
    with pytest.raises(EarshotError, match=r"^file 0: no good$"):
        list(each_on_threads(fail, range(4)))


def die(number):
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_that_is_ended_from_outside_is_told(two):
    with pytest.raises(EarshotError, match=r"a worker process was ended from outside.*dataset\.shard_size"):
        list(run(die, range(4), 4))


def test_no_shards_need_no_workers(monkeypatch):
    monkeypatch.setenv("EARSHOT_SCHEDULER", "tcp://127.0.0.1:1")
    assert map_shards(abs, [], sizes=[], description="test") == []


def test_what_stays_here_asks_no_cluster(monkeypatch):
    monkeypatch.setenv("EARSHOT_SCHEDULER", "tcp://127.0.0.1:1")
    assert map_shards(abs, [-1], sizes=[1], description="test", here=True) == [1]


@pytest.mark.parametrize(
    ("environment", "carried"),
    [
        ({}, False),
        ({"EARSHOT_SHARED": "0"}, False),
        ({"EARSHOT_SCHEDULER": "tcp://a:1"}, False),
        ({"EARSHOT_SCHEDULER": "tcp://a:1", "EARSHOT_SHARED": "1"}, False),
        ({"EARSHOT_SCHEDULER": "tcp://a:1", "EARSHOT_SHARED": "0"}, True),
    ],
)
def test_bytes_are_sent_only_to_workers_that_share_no_folder(in_folder, monkeypatch, environment, carried):
    for name in ("EARSHOT_SCHEDULER", "EARSHOT_SHARED"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    (in_folder / "a.wav").write_bytes(b"sound")
    assert for_workers("a.wav") == (b"sound" if carried else "a.wav")


def test_a_file_that_cannot_be_sent_is_named(in_folder, monkeypatch):
    monkeypatch.setenv("EARSHOT_SCHEDULER", "tcp://a:1")
    monkeypatch.setenv("EARSHOT_SHARED", "0")
    with pytest.raises(EarshotError, match=r"gone\.wav: cannot be read \(No such file"):
        for_workers("gone.wav")


def test_linear_algebra_has_one_thread_wherever_it_runs(workers):
    with threadpool_limits(2):  # as this process may have it
        assert map_shards(threads, range(2), sizes=[1, 1], description="test") == [1, 1]


def threads(_):
    import numpy  # noqa: F401
    from threadpoolctl import threadpool_info

    return max(pool["num_threads"] for pool in threadpool_info())


def test_the_window_never_closes(monkeypatch):
    """A cluster whose workers have all gone for the moment still has a shard waiting."""
    submitted = []

    class Done:
        def __init__(self, value):
            self.value = value

        def result(self):
            return self.value

        def cancel(self):
            pass

    def submit(function, task):
        submitted.append(task)
        return Done(function(task))

    assert list(in_order(submit, lambda: 1, abs, [-1, -2])) == [1, 2]
    assert submitted == [-1, -2]


def test_a_cluster_that_wants_certificates_says_where_they_are_named(monkeypatch):
    pytest.importorskip("distributed")
    address = "tls://127.0.0.1:1"
    with pytest.raises(EarshotError, match=r"no certificates are named .* in DASK_\w+__TLS__CA_FILE, "):
        executor.workers(address).__enter__()
