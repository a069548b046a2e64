"""Shards over the cores of this machine or over a cluster: the one place that decides which."""

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence

from tqdm import tqdm

from earshot.core import cluster
from earshot.reading.members import bytes_of
from earshot.store.cores import AHEAD, Mapper, Result, Task, in_order, on_one_thread, processes


def each_shard(
    function: Callable[[Task], Result],
    shards: Iterable[Task],
    *,
    sizes: Sequence[int],
    description: str,
    unit: str = "item",
    here: bool = False,
    bar: bool = True,
) -> Iterator[Result]:
    """`function` over every shard, on all cores, with a progress bar that counts items.

    function : importable callable of one argument, which writes no files
    shards : its arguments, one a shard; taken a few at a time, so that an iterator may make them as they go
    sizes : items in each shard, for the bar's rate
    here : on this machine also where there is a cluster
    bar : whether to show the progress on a terminal

    Yields the results in the order of the shards, whatever the number of cores.
    """
    address = None if here or not sizes else cluster.scheduler()
    place = workers(address) if address else processes(len(sizes))
    with (
        tqdm(total=sum(sizes), desc=description, unit=unit, disable=None if bar else True) as progress,
        place as mapped,
    ):
        results = mapped(functools.partial(on_one_thread, function), shards)
        for result, size in zip(results, sizes, strict=True):
            yield result
            progress.update(size)


def map_shards(
    function: Callable[[Task], Result],
    shards: Iterable[Task],
    *,
    sizes: Sequence[int],
    description: str,
    unit: str = "item",
    here: bool = False,
) -> list[Result]:
    """What `each_shard` yields, as a list."""
    return list(each_shard(function, shards, sizes=sizes, description=description, unit=unit, here=here))


def for_workers(path: str) -> str | bytes:
    """What a shard's function reads a file from: its path, or its bytes where the workers do not see this folder.

    Raises EarshotError that names the file where it cannot be read.
    """
    return path if cluster.sees_this_folder() else bytes_of(path)


@contextlib.contextmanager
def workers(address: str) -> Iterator[Mapper]:
    """The workers of a scheduler."""
    with cluster.connected(address, unit="a shard", smaller="dataset.shard_size") as connected:

        def width() -> int:
            return AHEAD * max(1, connected.threads())

        yield lambda function, tasks: in_order(connected.submit, width, function, tasks)
