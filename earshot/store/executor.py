"""Shards over the cores of this machine or over a Dask cluster: the one place that knows how work is spread.

`EARSHOT_SCHEDULER=tcp://host:port` names a cluster's scheduler. Its workers share this process's folder, or, with
`EARSHOT_SHARED=0`, are sent the bytes of the files. No result depends on either, so neither is a param.
"""

import contextlib
import functools
import itertools
import logging
import operator
import os
import pickle
import platform
import re
import tempfile
from collections import deque
from concurrent.futures import CancelledError, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from threadpoolctl import threadpool_limits
from tqdm import tqdm

from earshot.core.errors import EarshotError, first_line
from earshot.core.fingerprint import fingerprint
from earshot.core.paths import CHECKPOINTS
from earshot.reading.members import Sent, bytes_of

ADDRESS = re.compile(r"(tcp|tls)://.+:\d+")
CONNECT_S = 5  # to reach the scheduler
WORKERS_S = 10  # for its first worker to appear
THREADS = 4  # for what waits for files and hashes, whatever the number of cores
AHEAD = 3  # shards a core that are at work or waiting to be taken: memory does not grow with their number
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def each_shard(function, shards, *, sizes, description, unit="item", here=False):
    """`function` over every shard, on all cores, with a progress bar that counts items.

    function : importable callable of one argument, which writes no files
    shards : iterable of its arguments, one a shard; taken a few at a time, so that it may make them as they go
    sizes : list of int, items in each shard, for the bar's rate
    here : bool, on this machine also where there is a cluster
    Yields the results in the order of the shards, whatever the number of cores.
    """
    address = None if here else os.environ.get("EARSHOT_SCHEDULER")
    place = _cluster(address) if address and sizes else _machine(len(sizes))
    with tqdm(total=sum(sizes), desc=description, unit=unit, disable=None) as bar, place as spread:
        for result, size in zip(spread(functools.partial(_alone, function), shards), sizes, strict=True):
            yield result
            bar.update(size)


def map_shards(function, shards, **options):
    """What `each_shard` yields, as a list."""
    return list(each_shard(function, shards, **options))


def each_on_threads(function, tasks):
    """`function` over the tasks on threads of this process: for reading, hashing and writing.

    tasks : iterable; as many as there are threads are at work or done and not yet taken
    Yields the results in the order of the tasks. What has begun when something fails is done all the same.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        yield from _in_order(pool.submit, lambda: THREADS, function, tasks, cancel=False)


def sent(path):
    """What a shard names a file by: its path, with its bytes where the workers cannot read it themselves."""
    return path if _shared() else Sent(str(path), bytes_of(path))


def _shared():
    return not os.environ.get("EARSHOT_SCHEDULER") or os.environ.get("EARSHOT_SHARED", "1") != "0"


def chunks(items, size):
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(itertools.islice(iterator, size)):
        yield chunk


@contextlib.contextmanager
def _machine(shards):
    """Processes of this machine, or this process where there is one core or one shard."""
    workers = 1
    if shards > 1:
        import joblib  # with loky 0.05 s: only several shards pay
        from joblib.externals.loky import get_reusable_executor

        workers = min(joblib.effective_n_jobs(-1), shards)
    if workers == 1:
        yield map
        return
    pool = get_reusable_executor(max_workers=workers, env=ONE_THREAD)
    try:
        yield functools.partial(_in_order, pool.submit, lambda: AHEAD * workers)
    except BrokenProcessPool as error:
        raise EarshotError(
            f"a worker process was ended from outside, most often for want of memory: set a smaller "
            f"dataset.shard_size, or fewer cores with LOKY_MAX_CPU_COUNT ({error})"
        ) from None


@contextlib.contextmanager
def _cluster(address):
    """The workers of a scheduler, however many there are at the time. One that goes away has its shards done again."""
    import cloudpickle  # with distributed 0.5 s: only a cluster pays
    import dask
    from distributed import Client, KilledWorker
    from distributed.comm import CommClosedError

    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is said once, below
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GiB"})  # bytes are sent on purpose
    place = f"EARSHOT_SCHEDULER={address}"
    try:
        if not ADDRESS.fullmatch(address):
            raise ValueError("expected tcp://host:port")
        client = Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise EarshotError(
            f"{place}: no scheduler answers there ({first_line(error)}). Start one with `dask scheduler`, correct "
            "the address, or unset EARSHOT_SCHEDULER to work on this machine"
        ) from None
    with contextlib.closing(client):
        try:
            client.wait_for_workers(1, timeout=WORKERS_S)
        except TimeoutError:
            raise EarshotError(
                f"{place}: it has no workers. Start some with `dask worker {address}`"
            ) from None
        marker = _marker() if _shared() else None

        def submit(*work):
            # packed, so that the scheduler needs none of the code and is not held up by unpacking
            packed = cloudpickle.dumps(
                functools.partial(_on_worker, fingerprint(), marker and Path(marker.name).name, *work)
            )
            return client.submit(operator.call, client.submit(pickle.loads, packed, pure=False), pure=False)

        try:
            yield functools.partial(
                _in_order, submit, lambda: AHEAD * max(1, sum(client.nthreads().values()))
            )
        except KilledWorker as error:
            raise EarshotError(
                f"{place}: a shard ended every worker that took it, most often for want of memory. Give the workers "
                f"more, or set a smaller dataset.shard_size ({first_line(error)})"
            ) from None
        except ModuleNotFoundError as error:
            raise EarshotError(
                f"{place}: a worker has no module {error.name}. Start it in an environment of requirements.txt, "
                "with PYTHONPATH set to a copy of this repository"
            ) from None
        except (CancelledError, OSError) as error:
            if client.status == "running" and not isinstance(error, (CancelledError, CommClosedError)):
                raise
            raise EarshotError(
                f"{place}: the scheduler went away. Start it again, or unset EARSHOT_SCHEDULER, and repeat the "
                "command: it goes on after the shards that are done"
            ) from None


def _marker():
    """A file that whoever shares the folder sees, as long as this process works."""
    CHECKPOINTS.mkdir(exist_ok=True)
    return tempfile.NamedTemporaryFile(dir=CHECKPOINTS, prefix="shared-")


def _on_worker(wanted, marker, function, *task):
    """Runs on a worker, if it would give what this process gives."""
    here = f"a worker of the cluster, in {Path.cwd()} on {platform.node()},"
    found = fingerprint()
    if differing := [name for name in wanted if found[name] != wanted[name]]:
        told = ", ".join(f"{name} {found[name]} in place of {wanted[name]}" for name in differing)
        raise EarshotError(
            f"{here} would give other results: it has {told}. Start it again with the code and the requirements.txt "
            "of this repository"
        )
    if marker is not None and not (CHECKPOINTS / marker).is_file():
        raise EarshotError(
            f"{here} does not see this folder. Start it in the same folder, mounted, or set EARSHOT_SHARED=0 to have "
            "the files sent"
        )
    return function(*task)


def _in_order(submit, width, function, tasks, *, cancel=True):
    """The results in the order of the tasks, with at most `width()` of them at work or done and not yet taken.

    cancel : bool, call off what waits when something fails
    """
    waiting = deque()
    try:
        for task in tasks:
            waiting.append(submit(function, task))
            while len(waiting) >= width():
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting if cancel else ():
            future.cancel()


def _alone(function, task):
    """One thread of linear algebra, here as in every worker: several would round otherwise."""
    with threadpool_limits(1):
        return function(task)
