"""Work on this machine: processes for what computes, threads for what reads, hashes and writes."""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol, TypeVar

from threadpoolctl import threadpool_limits

from earshot.core.cluster import Pending
from earshot.core.errors import EarshotError
from earshot.core.process import use_memory_again

THREADS = 4  # for what waits for files and hashes, whatever the number of cores
AHEAD = 3  # shards a core that are at work or waiting to be taken: memory does not grow with their number
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

Task = TypeVar("Task")
Result = TypeVar("Result")


class Mapper(Protocol):
    """As `map`: the results of a function in the order of its tasks, wherever it runs."""

    def __call__(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]: ...


@contextlib.contextmanager
def processes(shards: int) -> Iterator[Mapper]:
    """Processes of this machine for so many shards, or this process where there is one core or one shard."""
    workers = 1
    if shards > 1:
        import joblib  # with loky 0.05 s: only several shards pay
        from joblib.externals.loky import get_reusable_executor

        workers = min(joblib.effective_n_jobs(-1), shards)
    if workers == 1:
        yield lambda function, tasks: map(function, tasks)
        return
    pool = get_reusable_executor(max_workers=workers, env=ONE_THREAD, initializer=use_memory_again)
    try:
        yield lambda function, tasks: in_order(pool.submit, lambda: AHEAD * workers, function, tasks)
    except BrokenProcessPool as error:
        raise EarshotError(
            f"a worker process was ended from outside, most often for want of memory: set a smaller "
            f"dataset.shard_size, or fewer cores with LOKY_MAX_CPU_COUNT ({error})"
        ) from None


def each_on_threads(function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
    """`function` over the tasks on threads of this process: for reading, hashing and writing.

    tasks : as many as there are threads are at work, or done and not yet taken

    Yields the results in the order of the tasks. What has begun when something fails is done all the same.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        yield from in_order(pool.submit, lambda: THREADS, function, tasks, cancel=False)


def in_order(
    submit: Callable[[Callable[[Task], Result], Task], Pending[Result]],
    width: Callable[[], int],
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    *,
    cancel: bool = True,
) -> Iterator[Result]:
    """The results in the order of the tasks, with at most `width()` of them at work, or done and not yet taken.

    cancel : call off what waits when something fails
    """
    waiting: deque[Pending[Result]] = deque()
    try:
        for task in tasks:
            waiting.append(submit(function, task))
            while len(waiting) >= width():
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for pending in waiting if cancel else ():
            pending.cancel()


def on_one_thread(function: Callable[[Task], Result], task: Task) -> Result:
    """Call a function with one thread of linear algebra, here as in every worker: several would round otherwise."""
    with threadpool_limits(1):
        return function(task)
